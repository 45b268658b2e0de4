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

package org.cooperativejdbc.benchmark.driver;

import java.io.IOException;

import org.cooperativejdbc.benchmark.load.Load;
import org.cooperativejdbc.benchmark.load.LoadSource;

/**
 * Commands by Jedis.
 *
 * @param model the threads
 * @param port the port of the server
 * @param latencyMillis how long a command takes in the server, in milliseconds
 */
record RedisLoadSource(ThreadModel model, int port, int latencyMillis) implements LoadSource {

	@Override
	public Load open() throws IOException {
		return new RedisLoad(this.model.open(), this.port, this.latencyMillis);
	}

}
