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

package org.cooperativejdbc.libraries;

import java.net.ServerSocket;
import java.time.Duration;

import io.lettuce.core.RedisClient;
import io.lettuce.core.api.StatefulRedisConnection;
import redis.embedded.RedisServer;

/**
 * How clients wait for a Redis server.
 */
class RedisTests {

	@LibraryTest(value = "Lettuce: synchronous commands (Redis)", library = RedisClient.class)
	void lettuce(Trial trial) throws Exception {
		RedisServer server = new RedisServer(freePort());
		server.start();
		RedisClient client = RedisClient.create("redis://localhost:" + server.ports().get(0));
		try (StatefulRedisConnection<String, String> waiting = client.connect();
				StatefulRedisConnection<String, String> other = client.connect()) {
			waiting.setTimeout(Duration.ofSeconds(60));
			trial.run(() -> new ListWait(waiting, other));
		}
		finally {
			client.shutdown(Duration.ZERO, Duration.ofSeconds(2));
			server.stop();
		}
	}

	private static int freePort() throws Exception {
		try (ServerSocket socket = new ServerSocket(0)) {
			return socket.getLocalPort();
		}
	}

	/**
	 * Waits for an element of a list.
	 */
	private record ListWait(StatefulRedisConnection<String, String> waiting,
			StatefulRedisConnection<String, String> other) implements Wait {

		@Override
		public Object call() {
			return this.waiting.sync().blpop(60, "list");
		}

		@Override
		public void awaitBegun() {
			while (!this.other.sync().info("clients").contains("blocked_clients:1")) {
				Thread.onSpinWait();
			}
		}

		@Override
		public void end() {
			this.other.sync().rpush("list", "element");
		}

	}

}
