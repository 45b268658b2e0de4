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
import java.net.InetAddress;
import java.net.ServerSocket;

import org.cooperativejdbc.benchmark.Database;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.Jedis;
import redis.clients.jedis.Pipeline;
import redis.embedded.RedisServer;
import redis.embedded.core.RedisServerBuilder;

/**
 * A Redis server for the whole run. It looks every two milliseconds for those who have
 * waited long enough, instead of ten times a second.
 */
final class EmbeddedRedis {

	static final String KEY = "item:%d";

	private static @Nullable EmbeddedRedis instance;

	private final int port;

	private EmbeddedRedis() throws IOException {
		try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
			this.port = socket.getLocalPort();
		}
		RedisServer server = new RedisServerBuilder().port(this.port)
			.setting("bind 127.0.0.1")
			.setting("save \"\"")
			.setting("hz 500")
			.onShutdownForceStop(true)
			.build();
		server.start();
		try (Jedis jedis = new Jedis("127.0.0.1", this.port); Pipeline pipeline = jedis.pipelined()) {
			for (int i = 0; i < Database.ROWS; i++) {
				pipeline.set(KEY.formatted(i), "item " + i);
			}
		}
	}

	static synchronized EmbeddedRedis instance() throws IOException {
		if (instance == null) {
			instance = new EmbeddedRedis();
		}
		return instance;
	}

	int port() {
		return this.port;
	}

}
