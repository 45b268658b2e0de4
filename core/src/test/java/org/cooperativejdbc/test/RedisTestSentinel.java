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

package org.cooperativejdbc.test;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.function.Supplier;

import org.awaitility.Awaitility;
import org.opentest4j.TestAbortedException;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.Jedis;
import redis.embedded.core.RedisSentinelBuilder;
import redis.embedded.core.RedisServerBuilder;

/**
 * The Sentinel of the tests, one for all of them, with a primary and a replica.
 */
public final class RedisTestSentinel {

	public static final String PRIMARY = "test";

	private static final Supplier<RedisTestSentinel> instance = RedisTestServer.startedOnce(RedisTestSentinel::new);

	private final int port;

	private RedisTestSentinel() {
		try {
			int primary = FreePorts.next();
			int replica = FreePorts.next();
			this.port = FreePorts.next();
			server(primary).build().start();
			server(replica).slaveOf("127.0.0.1", primary).build().start();
			await(primary, "slave0");
			new RedisSentinelBuilder().port(this.port)
				.masterName(PRIMARY)
				.masterPort(primary)
				.downAfterMilliseconds(1000)
				.failOverTimeout(10000)
				.onShutdownForceStop(true)
				.build()
				.start();
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	private static RedisServerBuilder server(int port) {
		return new RedisServerBuilder().port(port)
			.setting("save \"\"")
			.setting("repl-diskless-sync yes")
			.setting("repl-diskless-sync-delay 0")
			.onShutdownForceStop(true);
	}

	private static void await(int port, String text) {
		try (Jedis jedis = new Jedis("127.0.0.1", port)) {
			Awaitility.await().until(() -> jedis.info("replication").contains(text));
		}
	}

	/**
	 * Return the Sentinel.
	 * @throws TestAbortedException if it does not run on this machine
	 */
	public static RedisTestSentinel instance() {
		return instance.get();
	}

	public HostAndPort address() {
		return new HostAndPort("127.0.0.1", this.port);
	}

	/**
	 * Make the replica the primary, and wait until Sentinel tells so.
	 */
	public void failOver() {
		try (Jedis jedis = new Jedis(address())) {
			Object before = jedis.sentinelGetMasterAddrByName(PRIMARY);
			Awaitility.await()
				.atMost(Duration.ofSeconds(30))
				.ignoreExceptions()
				.until(() -> "OK".equals(jedis.sentinelFailover(PRIMARY)));
			Awaitility.await()
				.atMost(Duration.ofSeconds(30))
				.until(() -> !before.equals(jedis.sentinelGetMasterAddrByName(PRIMARY)));
		}
	}

}
