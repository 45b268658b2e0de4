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

import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;

import org.cooperativejdbc.Deadline;
import org.cooperativejdbc.InterruptPolicy;
import org.cooperativejdbc.ReadOnlyBegin;
import org.cooperativejdbc.ReadOnlyCommit;
import org.cooperativejdbc.carrier.EventLoops;
import org.cooperativejdbc.door.CooperativeSockets;
import org.cooperativejdbc.socket.CooperativeSocketFactory;
import org.cooperativejdbc.test.CountingWaitStrategy;
import org.cooperativejdbc.test.RandomInterrupts;
import org.cooperativejdbc.test.RedisTestServer;
import org.cooperativejdbc.test.TestCertificate;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import redis.clients.jedis.ConnectionPoolConfig;
import redis.clients.jedis.DefaultJedisClientConfig;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.Jedis;
import redis.clients.jedis.RedisClient;
import redis.clients.jedis.builders.StandaloneClientBuilder;
import redis.clients.jedis.exceptions.JedisConnectionException;
import redis.clients.jedis.providers.PooledConnectionProvider;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

/**
 * Threads that wait for Redis with Jedis wait in the event loop that carries them, and
 * the client is what it was otherwise.
 */
class JedisSocketsTests {

	private static final int COMMANDS = 100;

	private final RedisTestServer server = RedisTestServer.instance();

	@BeforeEach
	void flush() {
		try (Jedis jedis = new Jedis("localhost", this.server.port(false))) {
			jedis.flushAll();
		}
	}

	@ParameterizedTest(name = "TLS {0}")
	@ValueSource(booleans = { false, true })
	void oneEventLoopHasAllCommandsInTheServer(boolean tls) throws Exception {
		try (EventLoops loops = EventLoops.start(1)) {
			CountingWaitStrategy strategy = new CountingWaitStrategy(loops);
			try (RedisClient client = client(tls, sockets(strategy))) {
				assertThat(blocked(client, Executors.newThreadPerTaskExecutor(loops.threadFactory("user-")), COMMANDS,
						COMMANDS))
					.isEqualTo(COMMANDS);
			}
			assertThat(strategy.waits()).isGreaterThanOrEqualTo(COMMANDS);
		}
	}

	/**
	 * The control: the same threads, with the sockets of Jedis, wait elsewhere.
	 */
	@Test
	void withItsOwnSocketsNobodyWaitsInTheEventLoop() throws Exception {
		try (EventLoops loops = EventLoops.start(1)) {
			CountingWaitStrategy strategy = new CountingWaitStrategy(loops);
			try (RedisClient client = client(false, null)) {
				blocked(client, Executors.newThreadPerTaskExecutor(loops.threadFactory("user-")), COMMANDS, COMMANDS);
			}
			assertThat(strategy.waits()).isZero();
		}
	}

	/**
	 * The control: a platform thread waits for one command after the other.
	 */
	@Test
	void onePlatformThreadHasOneCommandInTheServer() throws Exception {
		try (RedisClient client = client(false, sockets(null))) {
			assertThat(blocked(client, Executors.newSingleThreadExecutor(), 3, 1)).isOne();
		}
	}

	/**
	 * Run commands that wait for others, and return how many were in the server at once
	 * at most.
	 */
	private long blocked(RedisClient client, ExecutorService executor, int commands, int atOnce) throws Exception {
		long peak = 0;
		try (executor; Jedis jedis = new Jedis("localhost", this.server.port(false))) {
			List<Future<List<String>>> running = new ArrayList<>();
			for (int i = 0; i < commands; i++) {
				String list = "list" + i;
				running.add(executor.submit(() -> client.blpop(20, list)));
			}
			for (int i = 0; i < commands; i++) {
				if (i % atOnce == 0) {
					await().pollDelay(Duration.ZERO)
						.pollInterval(Duration.ofMillis(10))
						.until(() -> blockedClients(jedis) >= atOnce);
					peak = Math.max(peak, blockedClients(jedis));
				}
				jedis.rpush("list" + i, "value" + i);
				if (atOnce == 1) {
					running.get(i).get(20, TimeUnit.SECONDS);
				}
			}
			for (int i = 0; i < commands; i++) {
				assertThat(running.get(i).get(20, TimeUnit.SECONDS)).containsExactly("list" + i, "value" + i);
			}
		}
		return peak;
	}

	private static long blockedClients(Jedis jedis) {
		return jedis.info("clients")
			.lines()
			.filter((line) -> line.startsWith("blocked_clients:"))
			.mapToLong((line) -> Long.parseLong(line.substring(line.indexOf(':') + 1).strip()))
			.sum();
	}

	@ParameterizedTest(name = "event loop {0}")
	@ValueSource(booleans = { true, false })
	void interruptsNeverMakeAnAnswerForeign(boolean eventLoop) throws Exception {
		try (EventLoops loops = EventLoops.start(1);
				RedisClient client = client(false, sockets(eventLoop ? new CountingWaitStrategy(loops) : null))) {
			RandomInterrupts interrupts = new RandomInterrupts();
			interrupts.run(eventLoop ? loops.threadFactory("user-") : Thread.ofVirtual().factory(), 1000, (number) -> {
				if (client.blpop(0.003, "nothing") != null) {
					return 0;
				}
				return Integer.parseInt(client.echo(String.valueOf(number)));
			});
			assertThat(interrupts.foreign()).isZero();
			assertThat(interrupts.answers()).isPositive();
			assertThat(interrupts.failures()).isPositive();
			assertThat(client.getPool().getNumActive()).isZero();
			assertThat(IntStream.range(0, COMMANDS).mapToObj(String::valueOf))
				.allSatisfy((text) -> assertThat(client.echo(text)).isEqualTo(text));
		}
	}

	@ParameterizedTest(name = "event loop {0}")
	@ValueSource(booleans = { true, false })
	void deadlineEndsACommandAndItsConnection(boolean eventLoop) throws Exception {
		try (EventLoops loops = EventLoops.start(1);
				RedisClient client = client(false, sockets(eventLoop ? new CountingWaitStrategy(loops) : null))) {
			assertThat(client.echo("before")).isEqualTo("before");
			pause(1000);
			try (Deadline.Scope scope = Deadline.after(Duration.ofMillis(100)).enter()) {
				assertThatExceptionOfType(JedisConnectionException.class).isThrownBy(() -> client.echo("during"))
					.withCauseInstanceOf(SocketTimeoutException.class)
					.withMessageContaining("Closed at the deadline");
			}
			assertThat(client.getPool().getNumActive()).isZero();
			assertThat(client.getPool().getNumIdle()).isZero();
			assertThat(client.echo("after")).isEqualTo("after");
		}
	}

	private void pause(long millis) {
		try (Jedis jedis = new Jedis("localhost", this.server.port(false))) {
			jedis.clientPause(millis);
		}
	}

	@Test
	void clientHasTheSettingsItWasGiven() {
		try (RedisClient client = client(false, sockets(null));
				Jedis jedis = new Jedis("localhost", this.server.port(false))) {
			assertThat(client.getPool().getMaxTotal()).isEqualTo(COMMANDS);
			client.set("key", "value");
			assertThat(jedis.clientList()).contains("name=test");
			assertThat(client.scanIteration(10, "*").nextBatch().getResult()).containsExactly("key");
		}
	}

	@Test
	void connectionProviderOfTheUserIsKept() {
		PooledConnectionProvider own = new PooledConnectionProvider(
				new HostAndPort("localhost", this.server.port(false)));
		RedisClient.Builder builder = RedisClient.builder();
		builder.connectionProvider(own);
		new JedisSockets(sockets(null)).install(builder);
		try (RedisClient client = builder.build()) {
			assertThat(client.getPool()).isSameAs(own.getPool());
		}
	}

	@Test
	void clientWithoutSettingsHasTheSockets() throws Exception {
		try (EventLoops loops = EventLoops.start(1)) {
			CountingWaitStrategy strategy = new CountingWaitStrategy(loops);
			StandaloneClientBuilder<RedisClient> builder = RedisClient.builder()
				.hostAndPort("localhost", this.server.port(false));
			new JedisSockets(sockets(strategy)).install(builder);
			try (RedisClient client = builder.build()) {
				CompletableFuture<@Nullable Object> nothing = new CompletableFuture<>();
				loops.threadFactory("user-").newThread(() -> nothing.complete(client.blpop(0.05, "nothing"))).start();
				assertThat(nothing.get(20, TimeUnit.SECONDS)).isNull();
			}
			assertThat(strategy.waits()).isPositive();
		}
	}

	private static CooperativeSocketFactory sockets(@Nullable CountingWaitStrategy strategy) {
		return new CooperativeSockets(strategy, (thread) -> false, InterruptPolicy.CANCEL, Duration.ofSeconds(5),
				ReadOnlyCommit.STANDARD, ReadOnlyBegin.STANDARD)
			.clients();
	}

	private RedisClient client(boolean tls, @Nullable CooperativeSocketFactory sockets) {
		ConnectionPoolConfig pool = new ConnectionPoolConfig();
		pool.setMaxTotal(COMMANDS);
		pool.setMaxIdle(COMMANDS);
		RedisClient.Builder builder = RedisClient.builder();
		builder.hostAndPort("localhost", this.server.port(tls))
			.clientConfig(DefaultJedisClientConfig.builder()
				.clientName("test")
				.ssl(tls)
				.sslSocketFactory(TestCertificate.instance().context().getSocketFactory())
				.build())
			.poolConfig(pool);
		if (sockets != null) {
			new JedisSockets(sockets).install(builder);
		}
		return builder.build();
	}

}
