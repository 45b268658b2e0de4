/*
 * Copyright 2026 the original author or authors.
 *
 * Licensed under the Apache License, Version 2.0 (the "License");
 * you may not use this file except in compliance with the License.
 * You may obtain a copy of the License at
 *
 *      https://www.apache.org/licenses/LICENSE-2.0
 *
 * Unless required by applicable law or agreed to in writing, software
 * distributed under the License is distributed on an "AS IS" BASIS,
 * WITHOUT WARRANTIES OR CONDITIONS OF ANY KIND, either express or implied.
 * See the License for the specific language governing permissions and
 * limitations under the License.
 */

package org.cooperativejdbc.benchmark.application;

import java.util.concurrent.TimeUnit;

/**
 * A request in a thousand that computes without ever waiting.
 */
public final class Hog {

	private static final long NANOS = TimeUnit.MILLISECONDS.toNanos(50);

	private Hog() {
	}

	/**
	 * Compute for 50 ms if it is the turn of this request.
	 * @param id the identifier in the request
	 */
	public static void compute(int id) {
		long start = System.nanoTime();
		while (id % 1000 == 0 && System.nanoTime() - start < NANOS) {
			Thread.onSpinWait();
		}
	}

}
