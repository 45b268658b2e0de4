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

import java.util.List;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Primary keys of TechEmpower's {@code world}.
 */
public final class RandomIds {

	private static final int ROWS = 10_000;

	private static final int MOST = 500;

	private RandomIds() {
	}

	/**
	 * Return different keys in ascending order, so that concurrent updates do not
	 * deadlock.
	 * @param count how many
	 * @return the keys
	 */
	public static List<Integer> distinct(int count) {
		return ThreadLocalRandom.current()
			.ints(1, ROWS + 1)
			.distinct()
			.limit(Math.clamp(count, 1, MOST))
			.sorted()
			.boxed()
			.toList();
	}

	/**
	 * Return a random number to be stored in a row.
	 * @return a number from 1
	 */
	public static int randomNumber() {
		return ThreadLocalRandom.current().nextInt(ROWS) + 1;
	}

}
