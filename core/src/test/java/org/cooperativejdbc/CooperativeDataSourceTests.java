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

package org.cooperativejdbc;

import java.lang.management.ManagementFactory;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;

import javax.management.ObjectName;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import com.zaxxer.hikari.metrics.MetricsTrackerFactory;
import com.zaxxer.hikari.metrics.micrometer.MicrometerMetricsTrackerFactory;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import org.cooperativejdbc.pool.CooperativeDataSource;
import org.cooperativejdbc.pool.PoolOverloadedException;
import org.cooperativejdbc.pool.PoolSettings;
import org.cooperativejdbc.pool.QueueLimits;
import org.cooperativejdbc.test.TestDatabase;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

/**
 * Tests for {@link CooperativeDataSource}, on H2 but for those that need a server.
 */
@Timeout(60)
class CooperativeDataSourceTests {

	private final List<CooperativeDataSource> pools = new ArrayList<>();

	@AfterEach
	void placesAndConnectionsAgree() {
		for (CooperativeDataSource pool : this.pools) {
			if (!pool.isClosed()) {
				await().untilAsserted(() -> {
					assertThat(pool.getPlacesTaken()).as("places").isZero();
					assertThat(pool.getThreadsInQueue()).as("threads that wait").isZero();
					assertThat((pool.getHikariPoolMXBean() != null) ? pool.getHikariPoolMXBean().getActiveConnections()
							: 0)
						.as("connections")
						.isZero();
				});
				pool.close();
			}
		}
	}

	@ParameterizedTest
	@EnumSource
	void connectionsAreGivenInTheOrderOfArrival(Threads threads) throws Exception {
		CooperativeDataSource pool = pool(1);
		Queue<Integer> order = new ConcurrentLinkedQueue<>();
		List<CompletableFuture<?>> all = new ArrayList<>();
		Connection first = pool.getConnection();
		for (int i = 0; i < 20; i++) {
			int number = i;
			all.add(threads.run(() -> {
				try (Connection connection = pool.getConnection()) {
					order.add(number);
				}
				return null;
			}));
			awaitWaiting(pool, i + 1);
		}
		first.close();
		CompletableFuture.allOf(all.toArray(CompletableFuture[]::new)).get();
		assertThat(List.copyOf(order)).hasSize(20).isSorted();
	}

	@Test
	void threadThatHoldsAConnectionComesBeforeThoseThatHoldNone() throws Exception {
		CooperativeDataSource pool = pool(2);
		Queue<String> order = new ConcurrentLinkedQueue<>();
		Connection one = pool.getConnection();
		CountDownLatch holds = new CountDownLatch(1);
		CountDownLatch nest = new CountDownLatch(1);
		CompletableFuture<?> nested = Threads.VIRTUAL.run(() -> {
			try (Connection outer = pool.getConnection()) {
				holds.countDown();
				nest.await();
				try (Connection inner = pool.getConnection()) {
					order.add("nested");
				}
			}
			return null;
		});
		holds.await();
		CompletableFuture<?> plain = Threads.VIRTUAL.run(() -> {
			try (Connection connection = pool.getConnection()) {
				order.add("plain");
			}
			return null;
		});
		awaitWaiting(pool, 1);
		nest.countDown();
		awaitWaiting(pool, 2);
		one.close();
		CompletableFuture.allOf(nested, plain).get();
		assertThat(order).containsExactly("nested", "plain");
	}

	@ParameterizedTest
	@EnumSource
	void newestFailsAtOnceIfEveryConnectionIsHeldByAThreadThatWaits(Threads threads) throws Exception {
		CooperativeDataSource pool = pool(3);
		CyclicBarrier allHold = new CyclicBarrier(3);
		List<CompletableFuture<String>> all = new ArrayList<>();
		long began = System.nanoTime();
		for (int i = 0; i < 3; i++) {
			all.add(threads.run(() -> order(pool, allHold)));
		}
		List<String> outcomes = new ArrayList<>();
		for (CompletableFuture<String> outcome : all) {
			outcomes.add(outcome.get());
		}
		assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(10));
		assertThat(outcomes).filteredOn("audited"::equals).hasSize(2);
		assertThat(outcomes).filteredOn((outcome) -> !"audited".equals(outcome))
			.singleElement()
			.asString()
			.contains("test - Connection is not available, all 3 connections are held by threads that wait for another")
			.contains(getClass().getName() + "#audit, called from " + getClass().getName() + "#order");
	}

	private static String order(CooperativeDataSource pool, CyclicBarrier allHold) throws Exception {
		try (Connection outer = pool.getConnection()) {
			allHold.await();
			return audit(pool);
		}
	}

	private static String audit(CooperativeDataSource pool) throws SQLException {
		try (Connection inner = pool.getConnection()) {
			return "audited";
		}
		catch (SQLTransientConnectionException ex) {
			return String.valueOf(ex.getMessage());
		}
	}

	@Test
	void threadsThatBorrowASecondConnectionAgainAndAgainAllGetIt() throws Exception {
		CooperativeDataSource pool = pool(4);
		try (Connection outer = pool.getConnection();
				Connection one = pool.getConnection();
				Connection two = pool.getConnection();
				Connection last = pool.getConnection()) {
			assertThat(pool.getPlacesTaken()).isEqualTo(4);
		}
		List<CompletableFuture<Integer>> clients = new ArrayList<>();
		for (int i = 0; i < 40; i++) {
			clients.add(Threads.VIRTUAL.run(() -> {
				int audited = 0;
				for (int j = 0; j < 5; j++) {
					try (Connection outer = pool.getConnection(); Connection inner = pool.getConnection()) {
						audited++;
					}
				}
				return audited;
			}));
		}
		for (CompletableFuture<Integer> client : clients) {
			assertThat(client.get()).isEqualTo(5);
		}
	}

	@Test
	void connectionThatAnotherThreadClosesGivesItsPlaceBack() throws Exception {
		CooperativeDataSource pool = pool(1);
		Connection connection = Threads.PLATFORM.run(pool::getConnection).get();
		CompletableFuture<Boolean> waiting = Threads.VIRTUAL.run(() -> borrow(pool));
		awaitWaiting(pool, 1);
		connection.close();
		assertThat(waiting.get()).isTrue();
	}

	@Test
	void evictedConnectionGivesItsPlaceBack() throws Exception {
		CooperativeDataSource pool = pool(1);
		Connection connection = pool.getConnection();
		CompletableFuture<Boolean> waiting = Threads.VIRTUAL.run(() -> borrow(pool));
		awaitWaiting(pool, 1);
		pool.evictConnection(connection);
		assertThat(waiting.get()).isTrue();
		connection.close();
	}

	/**
	 * HikariCP tells nobody when the application closes a connection that broke.
	 */
	@Test
	void brokenConnectionGivesItsPlaceBackBeforeItIsClosed() throws Exception {
		CooperativeDataSource pool = pool(1, (config) -> {
			config.setJdbcUrl(TestDatabase.instance().url());
			config.setUsername(TestDatabase.instance().username());
			config.setPassword(TestDatabase.instance().password());
			config.setMinimumIdle(0);
		}, QueueLimits.NONE);
		Connection connection = pool.getConnection();
		CompletableFuture<Boolean> waiting = Threads.VIRTUAL.run(() -> borrow(pool));
		awaitWaiting(pool, 1);
		try (Statement statement = connection.createStatement()) {
			assertThatExceptionOfType(SQLException.class)
				.isThrownBy(() -> statement.execute("select pg_terminate_backend(pg_backend_pid())"));
		}
		assertThat(waiting.get(10, TimeUnit.SECONDS)).isTrue();
		connection.close();
	}

	@Test
	void growingPoolAdmitsThoseThatWait() throws Exception {
		CooperativeDataSource pool = pool(1);
		try (Connection connection = pool.getConnection()) {
			CompletableFuture<Boolean> waiting = Threads.VIRTUAL.run(() -> borrow(pool));
			awaitWaiting(pool, 1);
			pool.setMaximumPoolSize(2);
			assertThat(waiting.get()).isTrue();
		}
	}

	@Test
	void shrinkingPoolAdmitsNoMoreThanItsSize() throws Exception {
		CooperativeDataSource pool = pool(3);
		Connection one = pool.getConnection();
		Connection two = pool.getConnection();
		pool.setMaximumPoolSize(1);
		CompletableFuture<Boolean> waiting = Threads.VIRTUAL.run(() -> borrow(pool));
		awaitWaiting(pool, 1);
		one.close();
		assertThat(waiting).isNotDone();
		two.close();
		assertThat(waiting.get()).isTrue();
	}

	@Test
	void timeInWhichThePoolIsSuspendedDoesNotCount() throws Exception {
		CooperativeDataSource pool = pool(1, (config) -> {
			config.setAllowPoolSuspension(true);
			config.setConnectionTimeout(250);
		}, QueueLimits.NONE);
		Connection connection = pool.getConnection();
		pool.getHikariPoolMXBean().suspendPool();
		CompletableFuture<Boolean> waiting = Threads.PLATFORM.run(() -> borrow(pool));
		awaitWaiting(pool, 1);
		long began = System.nanoTime();
		await().until(() -> System.nanoTime() - began > TimeUnit.MILLISECONDS.toNanos(700));
		assertThat(waiting).isNotDone();
		connection.close();
		pool.getHikariPoolMXBean().resumePool();
		assertThat(waiting.get()).isTrue();
	}

	@Test
	void timeoutIsThatOfHikari() throws Exception {
		SimpleMeterRegistry registry = new SimpleMeterRegistry();
		CooperativeDataSource pool = pool(1, (config) -> config.setConnectionTimeout(300), QueueLimits.NONE);
		pool.setMetricsTrackerFactory(new MicrometerMetricsTrackerFactory(registry));
		try (Connection connection = pool.getConnection()) {
			assertThatExceptionOfType(SQLTransientConnectionException.class)
				.isThrownBy(() -> unwrapped(() -> Threads.PLATFORM.run(pool::getConnection).get()))
				.withMessageMatching("test - Connection is not available, request timed out after [3-9]\\d\\dms "
						+ "\\(total=1, active=1, idle=0, waiting=0\\)");
		}
		assertThat(registry.get("hikaricp.connections.timeout").counter().count()).isEqualTo(1);
	}

	@Test
	void metersAndManagementBeanCountThoseThatWait() throws Exception {
		SimpleMeterRegistry registry = new SimpleMeterRegistry();
		CooperativeDataSource pool = pool(1, (config) -> config.setRegisterMbeans(true), QueueLimits.NONE);
		MetricsTrackerFactory factory = new MicrometerMetricsTrackerFactory(registry);
		Connection connection = pool.getConnection();
		assertThat(pool.getMetricsTrackerFactory()).isNull();
		pool.setMetricsTrackerFactory(factory);
		assertThat(pool.getMetricsTrackerFactory()).isSameAs(factory);
		List<CompletableFuture<Boolean>> waiting = new ArrayList<>();
		for (int i = 0; i < 3; i++) {
			waiting.add(Threads.VIRTUAL.run(() -> borrow(pool)));
		}
		awaitWaiting(pool, 3);
		await()
			.untilAsserted(() -> assertThat(registry.get("hikaricp.connections.pending").gauge().value()).isEqualTo(3));
		ObjectName name = new ObjectName("com.zaxxer.hikari:type=Pool (test)");
		assertThat(ManagementFactory.getPlatformMBeanServer().getAttribute(name, "ThreadsAwaitingConnection"))
			.isEqualTo(3);
		connection.close();
		for (CompletableFuture<Boolean> each : waiting) {
			assertThat(each.get()).isTrue();
		}
		assertThat(registry.get("hikaricp.connections.acquire").timer().max(TimeUnit.NANOSECONDS))
			.as("the wait in the queue")
			.isGreaterThan(TimeUnit.MICROSECONDS.toNanos(100));
		pool.close();
		assertThat(ManagementFactory.getPlatformMBeanServer().isRegistered(name)).isFalse();
	}

	@Test
	void metricRegistryIsThatOfTheUser() throws Exception {
		SimpleMeterRegistry registry = new SimpleMeterRegistry();
		CooperativeDataSource pool = pool(1, (config) -> config.setMetricRegistry(registry), QueueLimits.NONE);
		assertThat(borrow(pool)).isTrue();
		assertThat(registry.get("hikaricp.connections.usage").timer().count()).isEqualTo(1);
	}

	@Test
	void interruptEndsTheWaitAsInHikari() throws Exception {
		CooperativeDataSource pool = pool(1);
		AtomicReference<Thread> thread = new AtomicReference<>();
		try (Connection connection = pool.getConnection()) {
			CompletableFuture<Boolean> interrupted = Threads.VIRTUAL.run(() -> {
				thread.set(Thread.currentThread());
				assertThatExceptionOfType(SQLException.class).isThrownBy(pool::getConnection)
					.withMessage("test - Interrupted during connection acquisition")
					.withCauseInstanceOf(InterruptedException.class);
				return Thread.interrupted();
			});
			awaitWaiting(pool, 1);
			thread.get().interrupt();
			assertThat(interrupted.get()).as("status").isTrue();
		}
	}

	@Test
	void interruptedThreadGetsAConnectionThatIsFreeAsFromHikari() throws Exception {
		CooperativeDataSource pool = pool(1);
		assertThat(borrow(pool)).isTrue();
		Thread.currentThread().interrupt();
		assertThat(borrow(pool)).isTrue();
		assertThat(Thread.interrupted()).isTrue();
	}

	@Test
	void deadlineOfTheThreadEndsTheWait() throws Exception {
		CooperativeDataSource pool = pool(1);
		try (Connection connection = pool.getConnection()) {
			CompletableFuture<Duration> waited = Threads.VIRTUAL.run(() -> {
				long began = System.nanoTime();
				try (Deadline.Scope scope = Deadline.after(Duration.ofMillis(200)).enter()) {
					assertThatExceptionOfType(SQLTransientConnectionException.class).isThrownBy(pool::getConnection);
				}
				return Duration.ofNanos(System.nanoTime() - began);
			});
			assertThat(waited.get()).isBetween(Duration.ofMillis(200), Duration.ofSeconds(10));
		}
	}

	@Test
	void threadOfAnEventLoopIsRefusedBeforeItBorrows() {
		HikariConfig config = config(1);
		CooperativeDataSource pool = new CooperativeDataSource(config, new PoolSettings(QueueLimits.NONE,
				(thread) -> true, (connection) -> null, null, false, Duration.ZERO, Duration.ZERO));
		this.pools.add(pool);
		assertThatExceptionOfType(SQLException.class).isThrownBy(pool::getConnection)
			.withCauseInstanceOf(BlockingOnEventLoopException.class);
		assertThat(pool.isRunning()).isFalse();
	}

	@Test
	void closingWaitsForConnectionsThatAreOutAndThreadsThatWait() throws Exception {
		CooperativeDataSource pool = pool(1);
		CountDownLatch proceed = new CountDownLatch(1);
		CountDownLatch holds = new CountDownLatch(1);
		CompletableFuture<Boolean> holder = Threads.VIRTUAL.run(() -> {
			try (Connection connection = pool.getConnection()) {
				holds.countDown();
				proceed.await();
				return connection.isValid(1);
			}
		});
		holds.await();
		CompletableFuture<Boolean> waiting = Threads.VIRTUAL.run(() -> borrow(pool));
		awaitWaiting(pool, 1);
		CompletableFuture<?> close = Threads.PLATFORM.run(() -> {
			pool.close();
			return null;
		});
		assertThat(borrowInThread(pool, proceed)).isTrue();
		assertThat(holder.get()).isTrue();
		assertThat(waiting.get()).isTrue();
		close.get();
		assertThatExceptionOfType(SQLException.class).isThrownBy(pool::getConnection)
			.withMessageContaining("has been closed");
	}

	private boolean borrowInThread(CooperativeDataSource pool, CountDownLatch proceed) throws Exception {
		CompletableFuture<Boolean> late = Threads.VIRTUAL.run(() -> borrow(pool));
		awaitWaiting(pool, 2);
		proceed.countDown();
		return late.get();
	}

	@Test
	void closingDoesNotWaitForAConnectionOnWhichNothingHappens() throws Exception {
		CooperativeDataSource pool = new CooperativeDataSource(config(1), new PoolSettings(QueueLimits.NONE,
				(thread) -> false, (connection) -> null, null, false, Duration.ofMinutes(5), Duration.ofMillis(100)));
		Threads.VIRTUAL.run(pool::getConnection).get();
		CompletableFuture<Boolean> waiting = Threads.VIRTUAL.run(() -> borrow(pool));
		awaitWaiting(pool, 1);
		long began = System.nanoTime();
		pool.close();
		assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(30));
		assertThat(waiting).failsWithin(Duration.ofSeconds(10));
	}

	@Test
	void refusesAtOnceWhenTooManyWait() throws Exception {
		CooperativeDataSource pool = pool(1, (config) -> {
		}, new QueueLimits(null, 1, null));
		try (Connection connection = pool.getConnection()) {
			CompletableFuture<Boolean> waiting = Threads.VIRTUAL.run(() -> borrow(pool));
			awaitWaiting(pool, 1);
			assertThatExceptionOfType(PoolOverloadedException.class)
				.isThrownBy(() -> unwrapped(() -> Threads.PLATFORM.run(pool::getConnection).get()))
				.withMessage("test - Connection is not available, 1 threads wait already")
				.satisfies((ex) -> assertThat(ex.getRetryAfter()).isGreaterThanOrEqualTo(Duration.ofSeconds(1)))
				.satisfies((ex) -> assertThat(ex.getStackTrace()).isEmpty());
			connection.close();
			assertThat(waiting.get()).isTrue();
		}
	}

	@Test
	void refusesAfterMaxWait() throws Exception {
		CooperativeDataSource pool = pool(1, (config) -> {
		}, new QueueLimits(Duration.ofMillis(50), null, null));
		try (Connection connection = pool.getConnection()) {
			assertThatExceptionOfType(PoolOverloadedException.class)
				.isThrownBy(() -> unwrapped(() -> Threads.PLATFORM.run(pool::getConnection).get()))
				.withMessageEndingWith("no connection became free for 50 ms");
		}
	}

	/**
	 * The server hangs: the first may wait for as long as it is allowed to, those behind
	 * it have no chance.
	 */
	@Test
	void refusesAtOnceWhenNothingComesBack() throws Exception {
		CooperativeDataSource pool = pool(1, (config) -> {
		}, new QueueLimits(Duration.ofMillis(400), null, null));
		try (Connection connection = pool.getConnection()) {
			List<CompletableFuture<String>> first = new ArrayList<>();
			for (int i = 0; i < 2; i++) {
				first.add(Threads.VIRTUAL.run(() -> refusal(pool)));
			}
			awaitWaiting(pool, 2);
			for (CompletableFuture<String> each : first) {
				assertThat(each.get()).contains("no connection became free for 400 ms");
			}
		}
	}

	/**
	 * Case 22b: what has been slow says nothing about what comes now.
	 */
	@Test
	void refusesNobodyOnAnIdlePoolBecauseOfWhatWasSlowBefore() throws Exception {
		CooperativeDataSource pool = pool(2, (config) -> {
		}, new QueueLimits(Duration.ofSeconds(20), null, null));
		try (Connection connection = pool.getConnection()) {
			long began = System.nanoTime();
			await().until(() -> System.nanoTime() - began > TimeUnit.MILLISECONDS.toNanos(500));
		}
		List<CompletableFuture<Boolean>> all = new ArrayList<>();
		for (int i = 0; i < 100; i++) {
			all.add(Threads.VIRTUAL.run(() -> borrow(pool)));
		}
		for (CompletableFuture<Boolean> each : all) {
			assertThat(each.get()).isTrue();
		}
	}

	@Test
	void withoutQueueNobodyWaitsInFrontOfThePool() throws Exception {
		CooperativeDataSource pool = new CooperativeDataSource(config(1), new PoolSettings(null, (thread) -> false,
				(connection) -> null, null, false, Duration.ofSeconds(30), Duration.ofSeconds(5)));
		this.pools.add(pool);
		Connection connection = pool.getConnection();
		CompletableFuture<Boolean> waiting = Threads.PLATFORM.run(() -> borrow(pool));
		await().until(() -> pool.getHikariPoolMXBean().getThreadsAwaitingConnection() == 1);
		assertThat(pool.getThreadsInQueue()).isZero();
		connection.close();
		assertThat(waiting.get()).isTrue();
	}

	@Test
	void isAHikariDataSourceForEverybody() throws Exception {
		HikariDataSource bound = new HikariDataSource();
		bound.setJdbcUrl("jdbc:h2:mem:bound");
		bound.setPoolName("bound");
		bound.addDataSourceProperty("user", "sa");
		CooperativeDataSource pool = new CooperativeDataSource(bound, PoolSettings.DEFAULT);
		this.pools.add(pool);
		assertThat(pool.unwrap(HikariDataSource.class)).isSameAs(pool);
		assertThat(pool.getJdbcUrl()).isEqualTo("jdbc:h2:mem:bound");
		assertThat(pool.getPoolName()).isEqualTo("bound");
		assertThat(pool.getDataSourceProperties()).containsEntry("user", "sa");
		assertThat(borrow(pool)).isTrue();
	}

	/**
	 * Threads that nest, hand connections to others, evict them, break off and give up,
	 * while the size changes.
	 */
	@Test
	void placesAndConnectionsAgreeUnderRandomUse() throws Exception {
		CooperativeDataSource pool = pool(5, (config) -> config.setConnectionTimeout(250), QueueLimits.NONE);
		List<CompletableFuture<?>> all = new ArrayList<>();
		for (int i = 0; i < 30; i++) {
			all.add(((i % 2 == 0) ? Threads.VIRTUAL : Threads.PLATFORM).run(() -> {
				for (int round = 0; round < 60; round++) {
					useAtRandom(pool);
				}
				return null;
			}));
		}
		for (CompletableFuture<?> each : all) {
			each.get();
		}
		pool.setMaximumPoolSize(2);
		assertThat(borrow(pool)).isTrue();
	}

	private static void useAtRandom(CooperativeDataSource pool) throws Exception {
		try {
			Connection connection = pool.getConnection();
			switch (ThreadLocalRandom.current().nextInt(7)) {
				case 0 -> {
					try (connection; Connection inner = pool.getConnection()) {
						Thread.yield();
					}
				}
				case 1 -> Threads.VIRTUAL.run(() -> {
					connection.close();
					return null;
				});
				case 2 -> {
					pool.evictConnection(connection);
					connection.close();
				}
				case 3 -> {
					pool.setMaximumPoolSize(2 + ThreadLocalRandom.current().nextInt(5));
					connection.close();
				}
				case 4 -> {
					try (connection) {
						Thread.currentThread().interrupt();
						pool.getConnection().close();
					}
				}
				case 5 -> {
					try (connection;
							Deadline.Scope scope = Deadline.after(Duration.ofMillis(1)).enter();
							Connection inner = pool.getConnection()) {
						Thread.yield();
					}
				}
				default -> {
					try (connection) {
						Thread.yield();
					}
				}
			}
		}
		catch (SQLException ex) {
			// Refused, late or interrupted
		}
		finally {
			Thread.interrupted();
		}
	}

	private static String refusal(CooperativeDataSource pool) {
		try (Connection connection = pool.getConnection()) {
			return "served";
		}
		catch (SQLException ex) {
			return String.valueOf(ex.getMessage());
		}
	}

	private static boolean borrow(CooperativeDataSource pool) throws SQLException {
		try (Connection connection = pool.getConnection()) {
			return !connection.isClosed();
		}
	}

	private static <T> T unwrapped(Callable<T> task) throws Exception {
		try {
			return task.call();
		}
		catch (ExecutionException ex) {
			throw (ex.getCause() instanceof Exception cause) ? cause : ex;
		}
	}

	private static void awaitWaiting(CooperativeDataSource pool, int count) {
		await().until(() -> pool.getThreadsInQueue() == count);
	}

	private CooperativeDataSource pool(int size) {
		return pool(size, (config) -> {
		}, QueueLimits.NONE);
	}

	private CooperativeDataSource pool(int size, Consumer<HikariConfig> customizer, QueueLimits limits) {
		HikariConfig config = config(size);
		customizer.accept(config);
		CooperativeDataSource pool = new CooperativeDataSource(config, new PoolSettings(limits, (thread) -> false,
				(connection) -> null, null, false, Duration.ofSeconds(30), Duration.ofSeconds(5)));
		this.pools.add(pool);
		return pool;
	}

	private static HikariConfig config(int size) {
		HikariConfig config = new HikariConfig();
		config.setJdbcUrl("jdbc:h2:mem:test");
		config.setPoolName("test");
		config.setMaximumPoolSize(size);
		config.setConnectionTimeout(30_000);
		return config;
	}

	enum Threads {

		PLATFORM(Thread.ofPlatform().daemon().factory()),

		VIRTUAL(Thread.ofVirtual().factory());

		private final ThreadFactory factory;

		Threads(ThreadFactory factory) {
			this.factory = factory;
		}

		<T> CompletableFuture<T> run(Callable<T> task) {
			CompletableFuture<T> result = new CompletableFuture<>();
			this.factory.newThread(() -> {
				try {
					result.complete(task.call());
				}
				catch (Throwable ex) {
					result.completeExceptionally(ex);
				}
			}).start();
			return result;
		}

	}

}
