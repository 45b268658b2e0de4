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

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.netty.channel.EventLoop;
import org.cooperativejdbc.carrier.EventLoops;
import org.cooperativejdbc.carrier.NettyEventLoops;
import org.cooperativejdbc.test.Database;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

/**
 * {@link Cooperative#call} and {@link Cooperative#within}.
 */
@Timeout(60)
class CallTests {

	/**
	 * How many calls are in flight at once in a heap of half a gigabyte, for a run of its
	 * own with 100,000.
	 */
	private static final int CALLS_IN_FLIGHT = Integer.getInteger("test.calls", 20_000);

	private static final Database database = Database.POSTGRESQL;

	@ParameterizedTest
	@EnumSource(ConcurrencyModel.class)
	void resultOrFailureOfTheTask(ConcurrencyModel model) throws Exception {
		try (Cooperative cooperative = start(model)) {
			assertThat(cooperative.call(() -> Thread.currentThread().isVirtual()).get(20, TimeUnit.SECONDS))
				.isEqualTo(model != ConcurrencyModel.PLATFORM);
			SQLException failure = new SQLException("failed");
			CompletableFuture<Object> failed = cooperative.call(() -> {
				throw failure;
			});
			assertThatExceptionOfType(ExecutionException.class).isThrownBy(() -> failed.get(20, TimeUnit.SECONDS))
				.withCause(failure);
			CompletableFuture<Object> error = cooperative.call(() -> {
				throw new StackOverflowError();
			});
			assertThatExceptionOfType(ExecutionException.class).isThrownBy(() -> error.get(20, TimeUnit.SECONDS))
				.withCauseInstanceOf(StackOverflowError.class);
		}
	}

	@ParameterizedTest
	@EnumSource(value = ConcurrencyModel.class, names = { "VIRTUAL", "EVENT_LOOP" })
	void cancelingTheFutureCancelsTheStatementAndTheConnectionStays(ConcurrencyModel model) throws Exception {
		try (Cooperative cooperative = start(model)) {
			HikariDataSource pool = pool(cooperative, 1);
			CompletableFuture<Integer> session = cooperative.call(() -> session(pool));
			int before = session.get(20, TimeUnit.SECONDS);
			for (boolean argument : new boolean[] { true, false }) {
				CompletableFuture<Object> sleeping = cooperative.call(() -> {
					try (Connection connection = pool.getConnection()) {
						database.sleep(connection, 66);
					}
					return "slept";
				});
				awaitRunning("%sleep(66)%", 1);
				assertThat(sleeping.cancel(argument)).isTrue();
				assertThat(sleeping.cancel(argument)).isTrue();
				awaitRunning("%sleep(66)%", 0);
				assertThatExceptionOfType(CancellationException.class).isThrownBy(sleeping::get);
			}
			assertThat(cooperative.call(() -> session(pool)).get(20, TimeUnit.SECONDS)).isEqualTo(before);
		}
	}

	@ParameterizedTest
	@EnumSource(ConcurrencyModel.class)
	void cancelingWhatDependsOnTheFutureDoesNotInterruptTheTask(ConcurrencyModel model) throws Exception {
		try (Cooperative cooperative = start(model)) {
			CountDownLatch go = new CountDownLatch(1);
			CompletableFuture<String> call = cooperative.call(() -> {
				go.await();
				return "done";
			});
			call.thenApply(String::length).cancel(true);
			go.countDown();
			assertThat(call.get(20, TimeUnit.SECONDS)).isEqualTo("done");
		}
	}

	@ParameterizedTest
	@EnumSource(ConcurrencyModel.class)
	void interruptOfTheCallerIsNotThatOfTheTask(ConcurrencyModel model) throws Exception {
		try (Cooperative cooperative = start(model)) {
			Thread.currentThread().interrupt();
			CompletableFuture<Boolean> call = cooperative.call(() -> Thread.currentThread().isInterrupted());
			assertThat(Thread.interrupted()).isTrue();
			assertThat(call.get(20, TimeUnit.SECONDS)).isFalse();
		}
	}

	@ParameterizedTest
	@EnumSource(value = ConcurrencyModel.class, names = { "VIRTUAL", "EVENT_LOOP" })
	void deadlineHoldsForWhatIsCalledWithin(ConcurrencyModel model) throws Exception {
		try (Cooperative cooperative = start(model)) {
			HikariDataSource pool = pool(cooperative, 1);
			int before = session(pool);
			CompletableFuture<Object> sleeping = Cooperative.within(Duration.ofMillis(200),
					() -> cooperative.call(() -> {
						try (Connection connection = pool.getConnection()) {
							database.sleep(connection, 67);
						}
						return "slept";
					}));
			assertThatExceptionOfType(ExecutionException.class).isThrownBy(() -> sleeping.get(20, TimeUnit.SECONDS))
				.withStackTraceContaining("canceling statement");
			assertThat(session(pool)).isEqualTo(before);
		}
	}

	@Test
	void earlierDeadlineHolds() throws Exception {
		Cooperative.within(Duration.ofDays(1), () -> {
			Deadline outer = Deadline.current();
			Cooperative.within(Duration.ofSeconds(Long.MAX_VALUE), () -> {
				assertThat(Deadline.current()).isEqualTo(outer);
				return null;
			});
			Cooperative.within(Duration.ofSeconds(-1), () -> {
				assertThat(Deadline.current()).isNotEqualTo(outer)
					.satisfies((deadline) -> assertThat(deadline.leftNanos()).isNotPositive());
				return null;
			});
			assertThat(Deadline.current()).isEqualTo(outer);
			return null;
		});
		assertThat(Deadline.current()).isNull();
		assertThatIllegalStateException().isThrownBy(() -> Cooperative.within(Duration.ZERO, () -> {
			throw new IllegalStateException();
		}));
		assertThat(Deadline.current()).isNull();
	}

	@ParameterizedTest
	@EnumSource(value = ConcurrencyModel.class, names = { "VIRTUAL", "EVENT_LOOP" })
	void passedDeadlineEndsTheWaitForAConnection(ConcurrencyModel model) throws Exception {
		try (Cooperative cooperative = start(model)) {
			HikariDataSource pool = pool(cooperative, 1);
			try (Connection held = pool.getConnection()) {
				assertThatExceptionOfType(SQLException.class)
					.isThrownBy(() -> Cooperative.within(Duration.ZERO, pool::getConnection));
				assertThat(held.isValid(1)).isTrue();
			}
			assertThat(session(pool)).isPositive();
		}
	}

	@Test
	void threadCalledOnAnEventLoopIsCarriedByThatLoop() throws Exception {
		try (NettyEventLoops loops = new NettyEventLoops(3, EventLoops.DEFAULT_STALL_THRESHOLD);
				Cooperative cooperative = Cooperative.start(CooperativeOptions.defaults(), loops)) {
			for (int i = 0; i < 6; i++) {
				EventLoop loop = (EventLoop) loops.group().next();
				String name = loop.submit(() -> Thread.currentThread().getName()).get(20, TimeUnit.SECONDS);
				String thread = loop.submit(() -> cooperative.call(() -> Thread.currentThread().toString()))
					.get(20, TimeUnit.SECONDS)
					.get(20, TimeUnit.SECONDS);
				assertThat(thread).contains("cooperative-").endsWith("@" + name);
			}
		}
	}

	@ParameterizedTest
	@EnumSource(ConcurrencyModel.class)
	void nothingIsCalledAfterClose(ConcurrencyModel model) {
		Cooperative cooperative = start(model);
		cooperative.close();
		assertThatExceptionOfType(RejectedExecutionException.class).isThrownBy(() -> cooperative.call(() -> 1))
			.withMessage("Cooperative has been closed");
		assertThatExceptionOfType(RejectedExecutionException.class).isThrownBy(() -> cooperative.executor(1, 1));
		assertThatExceptionOfType(RejectedExecutionException.class).isThrownBy(() -> cooperative.offload(() -> 1));
	}

	@ParameterizedTest
	@EnumSource(ConcurrencyModel.class)
	void closingWaitsForCallsInFlight(ConcurrencyModel model) throws Exception {
		CompletableFuture<Integer> call;
		try (Cooperative cooperative = start(model)) {
			HikariDataSource pool = pool(cooperative, 1);
			call = cooperative.call(() -> {
				try (Connection connection = pool.getConnection()) {
					database.sleep(connection, 0.3);
					return database.session(connection);
				}
			});
		}
		assertThat(call).isCompleted();
		assertThat(call.get()).isPositive();
	}

	@ParameterizedTest
	@EnumSource(ConcurrencyModel.class)
	void taskThatNeverEndsIsInterruptedByClose(ConcurrencyModel model) {
		CompletableFuture<Object> call;
		try (Cooperative cooperative = Cooperative.start(options(model).withCloseTimeout(Duration.ofMillis(50)))) {
			call = cooperative.call(() -> {
				new CountDownLatch(1).await();
				return null;
			});
		}
		assertThatExceptionOfType(ExecutionException.class).isThrownBy(() -> call.get(20, TimeUnit.SECONDS))
			.withCauseInstanceOf(InterruptedException.class);
	}

	@ParameterizedTest
	@EnumSource(ConcurrencyModel.class)
	void closeReturnsAlthoughATaskIgnoresItsInterrupt(ConcurrencyModel model) throws Exception {
		CountDownLatch end = new CountDownLatch(1);
		CompletableFuture<Object> call;
		try (Cooperative cooperative = Cooperative
			.start(options(model).withCloseTimeout(Duration.ZERO).withCancelGrace(Duration.ofMillis(100)))) {
			call = cooperative.call(() -> {
				boolean ended = false;
				while (!ended) {
					try {
						ended = end.await(1, TimeUnit.MINUTES);
					}
					catch (InterruptedException ex) {
						ended = false;
					}
				}
				return "ended";
			});
		}
		assertThat(call).isNotDone();
		end.countDown();
		assertThat(call.get(20, TimeUnit.SECONDS)).isEqualTo("ended");
	}

	@ParameterizedTest
	@EnumSource(ConcurrencyModel.class)
	void interruptedThreadClosesWithoutWaiting(ConcurrencyModel model) {
		Cooperative cooperative = start(model);
		CompletableFuture<Object> call = cooperative.call(() -> {
			new CountDownLatch(1).await();
			return null;
		});
		Thread.currentThread().interrupt();
		cooperative.close();
		assertThat(Thread.interrupted()).isTrue();
		assertThatExceptionOfType(ExecutionException.class).isThrownBy(() -> call.get(20, TimeUnit.SECONDS))
			.withCauseInstanceOf(InterruptedException.class);
	}

	@ParameterizedTest
	@EnumSource(ConcurrencyModel.class)
	void taskMayCloseWhatRunsIt(ConcurrencyModel model) throws Exception {
		Cooperative cooperative = start(model);
		HikariDataSource pool = pool(cooperative, 1);
		CompletableFuture<String> call = cooperative.call(() -> {
			session(pool);
			cooperative.close();
			return "closed";
		});
		assertThat(call.get(20, TimeUnit.SECONDS)).isEqualTo("closed");
		assertThat(pool.isClosed()).isTrue();
	}

	@Test
	void eventLoopDoesNotClose() throws Exception {
		try (NettyEventLoops loops = new NettyEventLoops(1, EventLoops.DEFAULT_STALL_THRESHOLD);
				Cooperative cooperative = Cooperative.start(CooperativeOptions.defaults(), loops)) {
			loops.group()
				.submit(() -> assertThatIllegalStateException().isThrownBy(cooperative::close)
					.withMessageContaining("'" + Thread.currentThread().getName() + "' runs an event loop")
					.withMessageContaining("Cooperative.call"))
				.get(20, TimeUnit.SECONDS);
			assertThat(cooperative.call(() -> 1).get(20, TimeUnit.SECONDS)).isOne();
		}
	}

	/**
	 * The call is no part of it: it has a connection of its own.
	 */
	@ParameterizedTest
	@EnumSource(ConcurrencyModel.class)
	void callFromWithinATransactionHasAConnectionOfItsOwn(ConcurrencyModel model) throws Exception {
		try (Cooperative cooperative = start(model)) {
			HikariDataSource pool = pool(cooperative, 2);
			try (Connection connection = pool.getConnection()) {
				connection.setAutoCommit(false);
				int session = database.session(connection);
				assertThat(Cooperative.await(cooperative.call(() -> session(pool)), Duration.ofSeconds(20)))
					.isNotEqualTo(session);
				connection.rollback();
			}
		}
	}

	@ParameterizedTest
	@EnumSource(ConcurrencyModel.class)
	void commonPoolMayCallAndAwait(ConcurrencyModel model) throws Exception {
		try (Cooperative cooperative = start(model)) {
			HikariDataSource pool = pool(cooperative, 2);
			List<CompletableFuture<Integer>> sessions = new ArrayList<>();
			for (int i = 0; i < 20; i++) {
				sessions.add(CompletableFuture.supplyAsync(() -> {
					try {
						return Cooperative.await(cooperative.call(() -> session(pool)), Duration.ofSeconds(20));
					}
					catch (Exception ex) {
						throw new IllegalStateException(ex);
					}
				}, ForkJoinPool.commonPool()));
			}
			for (CompletableFuture<Integer> session : sessions) {
				assertThat(session.get(20, TimeUnit.SECONDS)).isPositive();
			}
		}
	}

	@ParameterizedTest
	@EnumSource(value = ConcurrencyModel.class, names = { "VIRTUAL", "EVENT_LOOP" })
	void manyCallsShareAFewConnections(ConcurrencyModel model) throws Exception {
		try (Cooperative cooperative = start(model)) {
			HikariDataSource pool = pool(cooperative, 4);
			List<CompletableFuture<Integer>> sessions = new ArrayList<>();
			for (int i = 0; i < 2000; i++) {
				sessions.add(cooperative.call(() -> session(pool)));
			}
			assertThat(sessions.stream().map(CompletableFuture::join).distinct().count()).isLessThanOrEqualTo(4);
		}
	}

	@ParameterizedTest
	@EnumSource(value = ConcurrencyModel.class, names = { "VIRTUAL", "EVENT_LOOP" })
	@Timeout(180)
	void manyCallsInFlightNeedLittleMemory(ConcurrencyModel model) throws Exception {
		Process process = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(),
				"-Xmx512m", "--add-opens=java.base/java.lang=ALL-UNNAMED", "-cp",
				System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
				ManyCallsMain.class.getName(), database.url(), database.username(), database.password(), model.name(),
				Integer.toString(CALLS_IN_FLIGHT))
			.redirectErrorStream(true)
			.start();
		try {
			assertThat(process.inputReader().lines())
				.anyMatch((line) -> line.matches(CALLS_IN_FLIGHT + " in flight, (\\d+) of \\1"));
		}
		finally {
			process.destroyForcibly();
		}
	}

	private static Cooperative start(ConcurrencyModel model) {
		return Cooperative.start(options(model));
	}

	private static CooperativeOptions options(ConcurrencyModel model) {
		return CooperativeOptions.defaults().withModel(model).withThreads(2);
	}

	private static HikariDataSource pool(Cooperative cooperative, int size) {
		HikariConfig config = new HikariConfig();
		config.setJdbcUrl(database.url());
		config.setUsername(database.username());
		config.setPassword(database.password());
		config.setMaximumPoolSize(size);
		return cooperative.pool(config);
	}

	private static int session(HikariDataSource pool) throws SQLException {
		try (Connection connection = pool.getConnection()) {
			return database.session(connection);
		}
	}

	private static void awaitRunning(String statement, int count) throws Exception {
		long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
		while (database.running(statement) != count && System.nanoTime() < end) {
			Thread.onSpinWait();
		}
		assertThat(database.running(statement)).isEqualTo(count);
	}

}
