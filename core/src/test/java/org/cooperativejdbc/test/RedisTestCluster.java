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
import java.net.BindException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;

import org.awaitility.Awaitility;
import org.opentest4j.TestAbortedException;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.Jedis;
import redis.clients.jedis.util.JedisClusterCRC16;
import redis.embedded.RedisShardedCluster;
import redis.embedded.core.RedisServerBuilder;
import redis.embedded.core.RedisShardedClusterBuilder;

/**
 * The Redis cluster of the tests, one for all of them: three embedded primaries, the
 * first of which has a replica.
 */
public final class RedisTestCluster {

	private static final Supplier<RedisTestCluster> instance = RedisTestServer.startedOnce(RedisTestCluster::new);

	private final List<Integer> primaries;

	private final int replica;

	private RedisTestCluster() {
		try {
			RedisServerBuilder server = new RedisServerBuilder().setting("save \"\"")
				.setting("dir " + Files.createTempDirectory("redis-cluster"))
				.onShutdownForceStop(true);
			RedisShardedCluster cluster = new RedisShardedClusterBuilder().withServerBuilder(server)
				.serverPorts(List.of(freePort(), freePort(), freePort(), freePort()))
				.shard("a", 1)
				.shard("b", 0)
				.shard("c", 0)
				.build();
			cluster.start();
			List<Integer> ports = cluster.serverPorts();
			this.primaries = List.of(ports.get(0), ports.get(2), ports.get(3));
			this.replica = ports.get(1);
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
		Awaitility.await().until(() -> this.primaries.stream().allMatch(RedisTestCluster::knowsAllSlots));
		Awaitility.await().until(this::replicaFollows);
	}

	/**
	 * Servers of a cluster talk to each other on a second port.
	 */
	private static int freePort() throws IOException {
		while (true) {
			int port = FreePorts.next();
			try (ServerSocket socket = new ServerSocket(port + 10_000, 1, InetAddress.getLoopbackAddress())) {
				return port;
			}
			catch (BindException ex) {
				// In use
			}
		}
	}

	private static boolean knowsAllSlots(int port) {
		try (Jedis jedis = new Jedis("127.0.0.1", port)) {
			String state = jedis.clusterInfo();
			return state.contains("cluster_state:ok") && state.contains("cluster_slots_ok:16384")
					&& jedis.clusterNodes().lines().filter((line) -> line.contains(" connected")).count() == 4;
		}
	}

	private boolean replicaFollows() {
		try (Jedis jedis = new Jedis("127.0.0.1", this.replica)) {
			return jedis.info("replication").contains("master_link_status:up");
		}
	}

	/**
	 * Return the cluster.
	 * @throws TestAbortedException if it does not run on this machine
	 */
	public static RedisTestCluster instance() {
		return instance.get();
	}

	public Set<HostAndPort> primaries() {
		return this.primaries.stream().map((port) -> new HostAndPort("127.0.0.1", port)).collect(Collectors.toSet());
	}

	public HostAndPort replica() {
		return new HostAndPort("127.0.0.1", this.replica);
	}

	/**
	 * Return a key that the primary with the replica has.
	 */
	public String keyWithReplica() {
		int number = 0;
		while (JedisClusterCRC16.getSlot("key" + number) >= 16384 / 3) {
			number++;
		}
		return "key" + number;
	}

}
