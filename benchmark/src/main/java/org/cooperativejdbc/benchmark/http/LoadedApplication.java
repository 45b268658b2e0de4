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

package org.cooperativejdbc.benchmark.http;

import java.io.IOException;

import org.cooperativejdbc.benchmark.Contestant;
import org.cooperativejdbc.benchmark.Sample;

/**
 * An application, and what its load comes from.
 */
final class LoadedApplication implements Contestant {

	private final ApplicationProcess application;

	private final Contestant load;

	LoadedApplication(ApplicationProcess application, Contestant load) {
		this.application = application;
		this.load = load;
	}

	@Override
	public void warmUp(int limitSeconds) throws IOException {
		this.load.warmUp(limitSeconds);
	}

	@Override
	public Sample round(int seconds) throws IOException {
		return this.load.round(seconds);
	}

	@Override
	public void close() throws IOException {
		try {
			this.load.close();
		}
		finally {
			this.application.close();
		}
	}

}
