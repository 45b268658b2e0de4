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

package org.cooperativejdbc.driver;

import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Lock;
import java.util.function.Function;
import java.util.stream.Stream;

import org.cooperativejdbc.InterruptPolicy;
import org.cooperativejdbc.ReadOnlyBegin;
import org.cooperativejdbc.ReadOnlyCommit;
import org.cooperativejdbc.carrier.EventLoops;
import org.cooperativejdbc.door.CooperativeSockets;
import org.cooperativejdbc.socket.CooperativeSocketFactory;
import org.cooperativejdbc.test.CountingWaitStrategy;
import org.cooperativejdbc.test.RedisTestCluster;
import org.cooperativejdbc.test.RedisTestSentinel;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import redis.clients.jedis.ClusterCommandObjects;
import redis.clients.jedis.Connection;
import redis.clients.jedis.ConnectionPool;
import redis.clients.jedis.ConnectionPoolConfig;
import redis.clients.jedis.DefaultJedisClientConfig;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.Jedis;
import redis.clients.jedis.JedisClientConfig;
import redis.clients.jedis.JedisClusterInfoCache;
import redis.clients.jedis.RedisClusterClient;
import redis.clients.jedis.RedisSentinelClient;
import redis.clients.jedis.UnifiedJedis;
import redis.clients.jedis.builders.AbstractClientBuilder;
import redis.clients.jedis.exceptions.JedisClusterOperationException;
import redis.clients.jedis.exceptions.JedisException;
import redis.clients.jedis.providers.ClusterConnectionProvider;
import redis.clients.jedis.util.JedisClusterCRC16;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.awaitility.Awaitility.await;

/**
 * Threads that wait for a cluster of Redis, or for the primary that Sentinel tells, wait
 * in the event loop that carries them, also when the servers change.
 */
class JedisClusterSocketsTests {

	private static final int COMMANDS = 60;

	private static final HostAndPort NOBODY = new HostAndPort("127.0.0.1", 1);

	@Test
	void oneEventLoopHasCommandsInAllServersOfACluster() throws Exception {
		RedisTestCluster cluster = RedisTestCluster.instance();
		try (EventLoops loops = EventLoops.start(1)) {
			CountingWaitStrategy strategy = new CountingWaitStrategy(loops);
			try (RedisClusterClient client = cluster(cluster, sockets(strategy))) {
				haveCommandsInTheServers(client, loops, cluster.primaries());
			}
			assertThat(strategy.waits()).isGreaterThanOrEqualTo(COMMANDS);
		}
	}

	/**
	 * The control: the same threads, with the sockets of Jedis, wait elsewhere.
	 */
	@Test
	void withItsOwnSocketsNobodyWaitsInTheEventLoop() throws Exception {
		RedisTestCluster cluster = RedisTestCluster.instance();
		try (EventLoops loops = EventLoops.start(1)) {
			CountingWaitStrategy strategy = new CountingWaitStrategy(loops);
			try (RedisClusterClient client = cluster(cluster, null)) {
				haveCommandsInTheServers(client, loops, cluster.primaries());
			}
			assertThat(strategy.waits()).isZero();
		}
	}

	/**
	 * Run commands that wait for others, all of them at once.
	 */
	private static void haveCommandsInTheServers(UnifiedJedis client, EventLoops loops, Set<HostAndPort> servers)
			throws Exception {
		try (ExecutorService executor = Executors.newThreadPerTaskExecutor(loops.threadFactory("user-"))) {
			List<Future<List<String>>> running = new ArrayList<>();
			for (int i = 0; i < COMMANDS; i++) {
				String list = "list" + i;
				running.add(executor.submit(() -> client.blpop(20, list)));
			}
			await().until(() -> servers.stream().mapToLong(JedisClusterSocketsTests::blockedClients).sum() == COMMANDS);
			assertThat(servers).allMatch((server) -> blockedClients(server) > 0);
			for (int i = 0; i < COMMANDS; i++) {
				client.rpush("list" + i, "value" + i);
			}
			for (int i = 0; i < COMMANDS; i++) {
				assertThat(running.get(i).get(20, TimeUnit.SECONDS)).containsExactly("list" + i, "value" + i);
			}
		}
	}

	private static long blockedClients(HostAndPort server) {
		try (Jedis jedis = new Jedis(server)) {
			return jedis.info("clients")
				.lines()
				.filter((line) -> line.startsWith("blocked_clients:"))
				.mapToLong((line) -> Long.parseLong(line.substring(line.indexOf(':') + 1).strip()))
				.sum();
		}
	}

	static Stream<Arguments> sources() {
		RedisTestCluster cluster = RedisTestCluster.instance();
		String replica = cluster.replica().toString();
		int slot = JedisClusterCRC16.getSlot(cluster.keyWithReplica());
		return Stream.of(source("any server", ClusterConnectionProvider::getConnection),
				source("a server", (provider) -> provider.getConnection(cluster.replica())),
				source("a server not known",
						(provider) -> provider
							.getConnection(new HostAndPort("localhost", cluster.replica().getPort()))),
				source("a slot", (provider) -> provider.getConnectionFromSlot(slot)),
				source("a replica", (provider) -> provider.getReplicaConnectionFromSlot(slot)),
				source("a pool", (provider) -> pool(provider.getNodes(), replica).getResource()),
				source("a pool in the map", (provider) -> pool(provider.getConnectionMap(), replica).getResource()),
				source("a primary", (provider) -> provider.getPrimaryNodes().values().iterator().next().getResource()));
	}

	private static ConnectionPool pool(Map<String, ConnectionPool> pools, String server) {
		return Objects.requireNonNull(pools.get(server));
	}

	private static Arguments source(String name, Function<ClusterConnectionProvider, Connection> source) {
		return Arguments.of(Named.of(name, source));
	}

	@ParameterizedTest
	@MethodSource("sources")
	void connectionsOfAClusterHaveTheSockets(Function<ClusterConnectionProvider, Connection> source) throws Exception {
		assertThat(isCooperative(RedisTestCluster.instance(), source)).isTrue();
	}

	/**
	 * Connect with a client that has not connected yet.
	 */
	private static boolean isCooperative(RedisTestCluster cluster,
			Function<ClusterConnectionProvider, Connection> source) throws Exception {
		RedisClusterClient.Builder builder = clusterBuilder(cluster);
		builder.clientConfig(DefaultJedisClientConfig.builder().readOnlyForRedisClusterReplicas().build());
		new JedisSockets(sockets(null)).install(builder);
		try (ClusterConnectionProvider provider = provider(builder); Connection connection = source.apply(provider)) {
			return connection.ping() && isCooperative(socket(connection));
		}
	}

	private static boolean isCooperative(Socket socket) {
		return socket.getClass() != Socket.class;
	}

	private static ClusterConnectionProvider provider(RedisClusterClient.Builder builder) throws Exception {
		return (ClusterConnectionProvider) field(AbstractClientBuilder.class, "connectionProvider", builder);
	}

	private static Socket socket(Connection connection) throws Exception {
		return (Socket) field(Connection.class, "socket", connection);
	}

	private static Object field(Class<?> type, String name, Object object) throws Exception {
		return Objects.requireNonNull(BuilderFields.get(type, name, object));
	}

	@ParameterizedTest(name = "looked for periodically: {0}")
	@ValueSource(booleans = { false, true })
	void serverThatIsFoundLaterHasTheSockets(boolean periodically) throws Exception {
		RedisTestCluster cluster = RedisTestCluster.instance();
		RedisClusterClient.Builder builder = clusterBuilder(cluster);
		builder.topologyRefreshPeriod(periodically ? Duration.ofMillis(100) : null);
		new JedisSockets(sockets(null)).install(builder);
		int slot = JedisClusterCRC16.getSlot(cluster.keyWithReplica());
		try (ClusterConnectionProvider provider = provider(builder)) {
			forget(provider, slot);
			if (periodically) {
				await().until(() -> provider.getNode(slot) != null);
			}
			try (Connection connection = provider.getConnectionFromSlot(slot)) {
				assertThat(isCooperative(socket(connection))).isTrue();
			}
		}
	}

	/**
	 * As if there had been no servers until now.
	 */
	private static void forget(ClusterConnectionProvider provider, int slot) throws Exception {
		Object cache = field(ClusterConnectionProvider.class, "cache", provider);
		Lock lock = (Lock) field(JedisClusterInfoCache.class, "w", cache);
		lock.lock();
		try {
			((Object[]) field(JedisClusterInfoCache.class, "slots", cache))[slot] = null;
			((Object[]) field(JedisClusterInfoCache.class, "slotNodes", cache))[slot] = null;
			((Map<?, ?>) field(JedisClusterInfoCache.class, "nodes", cache)).clear();
		}
		finally {
			lock.unlock();
		}
	}

	@Test
	void replicasAreReadAsWithoutTheSockets() {
		RedisTestCluster cluster = RedisTestCluster.instance();
		JedisClientConfig config = DefaultJedisClientConfig.builder().readOnlyForRedisClusterReplicas().build();
		RedisClusterClient.Builder builder = clusterBuilder(cluster);
		builder.clientConfig(config);
		new JedisSockets(sockets(null)).install(builder);
		try (RedisClusterClient client = builder.build()) {
			client.set(cluster.keyWithReplica(), "value");
			await().untilAsserted(() -> assertThat(
					client.executeCommandToReplica(new ClusterCommandObjects().get(cluster.keyWithReplica())))
				.isEqualTo("value"));
		}
	}

	@Test
	void afterAFailoverThreadsWaitInTheEventLoopAgain() throws Exception {
		RedisTestSentinel sentinel = RedisTestSentinel.instance();
		try (EventLoops loops = EventLoops.start(1)) {
			CountingWaitStrategy strategy = new CountingWaitStrategy(loops);
			try (RedisSentinelClient client = sentinel(sentinel, sockets(strategy))) {
				HostAndPort before = client.getCurrentMaster();
				haveCommandsInTheServers(client, loops, Set.of(before));
				assertThat(strategy.waits()).isGreaterThanOrEqualTo(COMMANDS);
				sentinel.failOver();
				await().until(() -> !before.equals(client.getCurrentMaster()));
				int waits = strategy.waits();
				await().ignoreExceptions().until(() -> "OK".equals(client.set("key", "value")));
				haveCommandsInTheServers(client, loops, Set.of(client.getCurrentMaster()));
				assertThat(strategy.waits() - waits).isGreaterThanOrEqualTo(COMMANDS);
			}
		}
	}

	@Test
	void withSentinelAndItsOwnSocketsNobodyWaitsInTheEventLoop() throws Exception {
		RedisTestSentinel sentinel = RedisTestSentinel.instance();
		try (EventLoops loops = EventLoops.start(1)) {
			CountingWaitStrategy strategy = new CountingWaitStrategy(loops);
			try (RedisSentinelClient client = sentinel(sentinel, null)) {
				haveCommandsInTheServers(client, loops, Set.of(client.getCurrentMaster()));
			}
			assertThat(strategy.waits()).isZero();
		}
	}

	/**
	 * The servers are asked earlier, but with the same outcome.
	 */
	@Test
	void nobodyThereIsToldAsWithoutTheSockets() {
		RedisClusterClient.Builder cluster = RedisClusterClient.builder();
		cluster.nodes(Set.of(NOBODY));
		RedisSentinelClient.Builder sentinel = RedisSentinelClient.builder();
		sentinel.masterName("test").sentinels(Set.of(NOBODY));
		assertThatExceptionOfType(JedisClusterOperationException.class)
			.isThrownBy(() -> new JedisSockets(sockets(null)).install(cluster))
			.withMessage(catchThrowable(cluster::build).getMessage());
		assertThatExceptionOfType(JedisException.class)
			.isThrownBy(() -> new JedisSockets(sockets(null)).install(sentinel))
			.withMessage(catchThrowable(sentinel::build).getMessage());
	}

	@Test
	void builderThatLacksSomethingIsLeftAsItIs() {
		for (AbstractClientBuilder<?, ?> builder : List.of(RedisClusterClient.builder(),
				RedisSentinelClient.builder())) {
			new JedisSockets(sockets(null)).install(builder);
			assertThat(builder).hasFieldOrPropertyWithValue("connectionProvider", null);
		}
	}

	private static CooperativeSocketFactory sockets(@Nullable CountingWaitStrategy strategy) {
		return new CooperativeSockets(strategy, (thread) -> false, InterruptPolicy.CANCEL, Duration.ofSeconds(5),
				ReadOnlyCommit.STANDARD, ReadOnlyBegin.STANDARD)
			.clients();
	}

	private static RedisClusterClient cluster(RedisTestCluster cluster, @Nullable CooperativeSocketFactory sockets) {
		RedisClusterClient.Builder builder = clusterBuilder(cluster);
		if (sockets != null) {
			new JedisSockets(sockets).install(builder);
		}
		return builder.build();
	}

	private static RedisClusterClient.Builder clusterBuilder(RedisTestCluster cluster) {
		RedisClusterClient.Builder builder = RedisClusterClient.builder();
		builder.nodes(cluster.primaries()).poolConfig(poolConfig());
		return builder;
	}

	private static RedisSentinelClient sentinel(RedisTestSentinel sentinel,
			@Nullable CooperativeSocketFactory sockets) {
		RedisSentinelClient.Builder builder = RedisSentinelClient.builder();
		builder.masterName(RedisTestSentinel.PRIMARY).sentinels(Set.of(sentinel.address())).poolConfig(poolConfig());
		if (sockets != null) {
			new JedisSockets(sockets).install(builder);
		}
		return builder.build();
	}

	private static ConnectionPoolConfig poolConfig() {
		ConnectionPoolConfig config = new ConnectionPoolConfig();
		config.setMaxTotal(COMMANDS + 1);
		config.setMaxIdle(COMMANDS + 1);
		return config;
	}

}
