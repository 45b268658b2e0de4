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

package org.cooperativejdbc.reactor;

import java.io.IOException;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.micrometer.context.ContextRegistry;
import io.netty.channel.EventLoop;
import org.cooperativejdbc.ConcurrencyModel;
import org.cooperativejdbc.Cooperative;
import org.cooperativejdbc.CooperativeOptions;
import org.cooperativejdbc.Deadline;
import org.cooperativejdbc.carrier.EventLoops;
import org.cooperativejdbc.carrier.NettyEventLoops;
import org.cooperativejdbc.test.Database;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import reactor.core.Disposable;
import reactor.core.publisher.BaseSubscriber;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;
import reactor.test.StepVerifier;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * {@link ReactorCalls}.
 */
@Timeout(60)
class ReactorCallsTests {

	private static final Duration LONG = Duration.ofSeconds(20);

	private static final Database database = Database.POSTGRESQL;

	@ParameterizedTest
	@EnumSource(ConcurrencyModel.class)
	void monoOfTheResultOrTheFailure(ConcurrencyModel model) {
		try (Cooperative cooperative = start(model)) {
			ReactorCalls calls = new ReactorCalls(cooperative);
			StepVerifier.create(calls.fromCallable(() -> Thread.currentThread().isVirtual()))
				.expectNext(model != ConcurrencyModel.PLATFORM)
				.expectComplete()
				.verify(LONG);
			StepVerifier.create(calls.fromCallable(() -> null)).expectComplete().verify(LONG);
			SQLException failure = new SQLException("failed");
			StepVerifier.create(calls.fromCallable(() -> {
				throw failure;
			})).expectErrorSatisfies((ex) -> assertThat(ex).isSameAs(failure)).verify(LONG);
			StepVerifier.create(calls.fromCallable(() -> {
				throw new StackOverflowError();
			})).expectError(StackOverflowError.class).verify(LONG);
		}
	}

	@ParameterizedTest
	@EnumSource(ConcurrencyModel.class)
	void eachSubscriptionCallsOnce(ConcurrencyModel model) {
		try (Cooperative cooperative = start(model)) {
			AtomicInteger count = new AtomicInteger();
			Mono<Integer> mono = new ReactorCalls(cooperative).fromCallable(count::incrementAndGet);
			assertThat(count).hasValue(0);
			assertThat(mono.block(LONG)).isEqualTo(1);
			assertThat(mono.block(LONG)).isEqualTo(2);
		}
	}

	@ParameterizedTest
	@EnumSource(ConcurrencyModel.class)
	void rowsAreSentAsTheyAreAskedFor(ConcurrencyModel model) throws Exception {
		try (Cooperative cooperative = start(model)) {
			Rows rows = new Rows(1000);
			StepVerifier.create(new ReactorCalls(cooperative).fromStream(rows::open), 0)
				.thenRequest(1)
				.expectNext(0)
				.thenRequest(2)
				.expectNext(1, 2)
				.then(() -> assertThat(rows.taken.get()).isBetween(3, 4))
				.thenCancel()
				.verify(LONG);
			rows.awaitClosed();
			assertThat(rows.taken.get()).isBetween(3, 4);
		}
	}

	@ParameterizedTest
	@EnumSource(ConcurrencyModel.class)
	void streamIsClosedBeforeTheSubscriberLearnsOfTheEnd(ConcurrencyModel model) throws Exception {
		try (Cooperative cooperative = start(model)) {
			ReactorCalls calls = new ReactorCalls(cooperative);
			Rows all = new Rows(3);
			StepVerifier.create(calls.fromStream(all::open).doOnTerminate(all::assertClosed))
				.expectNext(0, 1, 2)
				.expectComplete()
				.verify(LONG);
			Rows failing = new Rows(3);
			StepVerifier
				.create(calls.fromStream(() -> failing.open().map((row) -> 1 / (1 - row)))
					.doOnTerminate(failing::assertClosed))
				.expectNext(1)
				.expectError(ArithmeticException.class)
				.verify(LONG);
			Rows first = new Rows(3);
			StepVerifier.create(calls.fromStream(first::open).take(1)).expectNext(0).expectComplete().verify(LONG);
			first.awaitClosed();
			Rows empty = new Rows(0);
			StepVerifier.create(calls.fromStream(empty::open).doOnTerminate(empty::assertClosed))
				.expectComplete()
				.verify(LONG);
			StepVerifier.create(calls.fromStream(() -> Stream.of(1).onClose(() -> {
				throw new IllegalStateException("not closed");
			}))).expectNext(1).expectErrorMessage("not closed").verify(LONG);
			StepVerifier.create(calls.fromStream(() -> {
				throw new IOException("not opened");
			})).expectError(IOException.class).verify(LONG);
		}
	}

	@ParameterizedTest
	@EnumSource(ConcurrencyModel.class)
	void iterable(ConcurrencyModel model) {
		try (Cooperative cooperative = start(model)) {
			ReactorCalls calls = new ReactorCalls(cooperative);
			StepVerifier.create(calls.fromIterable(() -> List.of(1, 2))).expectNext(1, 2).expectComplete().verify(LONG);
			CloseableRows rows = new CloseableRows();
			StepVerifier.create(calls.fromIterable(() -> rows)).expectNext(1, 2).expectComplete().verify(LONG);
			assertThat(rows.closed).isTrue();
		}
	}

	@Test
	void nothingIsCalledBeforeSomethingIsAskedFor() throws Exception {
		CompletableFuture<Thread> started = new CompletableFuture<>();
		try (ExecutorService executor = Executors.newThreadPerTaskExecutor((task) -> {
			Thread thread = Thread.ofVirtual().unstarted(task);
			started.complete(thread);
			return thread;
		})) {
			AtomicBoolean called = new AtomicBoolean();
			Flux<Integer> flux = new ReactorCalls(executor).fromStream(() -> {
				called.set(true);
				return Stream.of(1);
			});
			StepVerifier.create(flux, 0).then(() -> {
				Thread thread = started.join();
				while (thread.getState() != Thread.State.WAITING && !called.get()) {
					Thread.onSpinWait();
				}
				assertThat(called).isFalse();
			}).thenRequest(1).expectNext(1).expectComplete().verify(LONG);
		}
	}

	@ParameterizedTest
	@EnumSource(value = ConcurrencyModel.class, names = { "VIRTUAL", "EVENT_LOOP" })
	void cancelingCancelsTheStatementAndTheConnectionStays(ConcurrencyModel model) throws Exception {
		try (Cooperative cooperative = start(model)) {
			HikariDataSource pool = pool(cooperative);
			Mono<Integer> session = new ReactorCalls(cooperative).fromCallable(() -> session(pool));
			Integer before = session.block(LONG);
			CompletableFuture<String> state = new CompletableFuture<>();
			Disposable sleeping = new ReactorCalls(cooperative).fromCallable(() -> {
				try (Connection connection = pool.getConnection()) {
					database.sleep(connection, 71);
					return "slept";
				}
				catch (SQLException ex) {
					state.complete(ex.getSQLState());
					throw ex;
				}
			}).subscribe();
			awaitRunning("%sleep(71)%", 1);
			sleeping.dispose();
			sleeping.dispose();
			assertThat(state.get(20, TimeUnit.SECONDS)).isEqualTo("57014");
			awaitRunning("%sleep(71)%", 0);
			assertThat(session.block(LONG)).isEqualTo(before);
		}
	}

	@ParameterizedTest
	@EnumSource(ConcurrencyModel.class)
	void cursorIsReadAsRowsAreAskedForAndClosedWhenCanceled(ConcurrencyModel model) throws Exception {
		try (Cooperative cooperative = start(model)) {
			HikariDataSource pool = pool(cooperative);
			int before = session(pool);
			AtomicInteger read = new AtomicInteger();
			Flux<Integer> rows = new ReactorCalls(cooperative)
				.create((sink) -> readSeries(pool, 1_000_000, read, sink));
			StepVerifier.create(rows, 0).thenRequest(25).expectNextCount(25).then(() -> {
				assertThat(pool.getHikariPoolMXBean().getActiveConnections()).isOne();
				assertThat(read.get()).isBetween(25, 26);
			}).thenRequest(5).expectNextCount(5).thenCancel().verify(LONG);
			assertThat(session(pool)).isEqualTo(before);
			assertThat(read.get()).isBetween(30, 31);
			StepVerifier
				.create(new ReactorCalls(cooperative).<Integer>create((sink) -> readSeries(pool, 2500, read, sink)))
				.expectNextCount(2500)
				.expectComplete()
				.verify(LONG);
			assertThat(session(pool)).isEqualTo(before);
		}
	}

	private static void readSeries(HikariDataSource pool, int count, AtomicInteger read,
			ReactorCalls.Rows<Integer> rows) throws SQLException {
		try (Connection connection = pool.getConnection()) {
			connection.setAutoCommit(false);
			try (Statement statement = connection.createStatement()) {
				statement.setFetchSize(10);
				try (ResultSet result = statement.executeQuery("select generate_series(1, " + count + ")")) {
					while (result.next()) {
						read.incrementAndGet();
						rows.next(result.getInt(1));
					}
				}
			}
			finally {
				connection.rollback();
			}
		}
	}

	@Test
	void eventLoopThatSubscribesCarriesTheCall() throws Exception {
		try (NettyEventLoops loops = new NettyEventLoops(3, EventLoops.DEFAULT_STALL_THRESHOLD);
				Cooperative cooperative = Cooperative.start(CooperativeOptions.defaults(), loops)) {
			Mono<String> mono = new ReactorCalls(cooperative).fromCallable(() -> Thread.currentThread().toString());
			for (int i = 0; i < 6; i++) {
				EventLoop loop = loops.group().next();
				CompletableFuture<String> loopName = new CompletableFuture<>();
				String thread = Mono.defer(() -> {
					loopName.complete(Thread.currentThread().getName());
					return mono;
				}).subscribeOn(Schedulers.fromExecutor(loop)).block(LONG);
				assertThat(thread).endsWith("@" + loopName.join());
			}
		}
	}

	@ParameterizedTest
	@EnumSource(ConcurrencyModel.class)
	void operatorsRunOnTheThreadOfTheCallAndMayWaitThere(ConcurrencyModel model) {
		try (Cooperative cooperative = start(model)) {
			ReactorCalls calls = new ReactorCalls(cooperative);
			Mono<Boolean> same = calls.fromCallable(Thread::currentThread)
				.map((thread) -> thread == Thread.currentThread()
						&& Boolean.TRUE.equals(calls.fromCallable(() -> true).block(LONG)));
			assertThat(same.block(LONG)).isTrue();
		}
	}

	@ParameterizedTest
	@EnumSource(ConcurrencyModel.class)
	void nothingIsCalledAfterClose(ConcurrencyModel model) {
		Cooperative cooperative = start(model);
		ReactorCalls calls = new ReactorCalls(cooperative);
		Mono<Integer> mono = calls.fromCallable(() -> 1);
		cooperative.close();
		StepVerifier.create(mono).expectError(RejectedExecutionException.class).verify(LONG);
		StepVerifier.create(calls.fromStream(() -> Stream.of(1)), 0)
			.expectError(RejectedExecutionException.class)
			.verify(LONG);
	}

	@ParameterizedTest
	@EnumSource(ConcurrencyModel.class)
	void closingEndsASubscriptionThatAsksForNothing(ConcurrencyModel model) {
		Cooperative cooperative = Cooperative
			.start(CooperativeOptions.defaults().withModel(model).withThreads(2).withCloseTimeout(Duration.ZERO));
		StepVerifier.create(new ReactorCalls(cooperative).fromStream(() -> Stream.of(1, 2)), 1)
			.expectNext(1)
			.then(cooperative::close)
			.expectError(InterruptedException.class)
			.verify(LONG);
	}

	@ParameterizedTest
	@EnumSource(ConcurrencyModel.class)
	void interruptOfTheSubscriberIsNotThatOfTheCall(ConcurrencyModel model) throws Exception {
		try (Cooperative cooperative = start(model)) {
			Thread.currentThread().interrupt();
			CompletableFuture<@Nullable Boolean> interrupted = new ReactorCalls(cooperative)
				.fromCallable(() -> Thread.currentThread().isInterrupted())
				.toFuture();
			assertThat(Thread.interrupted()).isTrue();
			assertThat(interrupted.get(20, TimeUnit.SECONDS)).isFalse();
		}
	}

	@ParameterizedTest
	@EnumSource(ConcurrencyModel.class)
	void deadlineOfTheThreadAndOfTheReactorContext(ConcurrencyModel model) throws Exception {
		try (Cooperative cooperative = start(model)) {
			ReactorCalls calls = new ReactorCalls(cooperative);
			Mono<Deadline> deadline = calls.fromCallable(Deadline::current);
			Deadline early = Deadline.after(Duration.ofMinutes(1));
			Deadline late = Deadline.after(Duration.ofMinutes(2));
			assertThat(deadline.block(LONG)).isNull();
			assertThat(deadline.contextWrite((context) -> context.put(Deadline.class, early)).block(LONG))
				.isEqualTo(early);
			try (Deadline.Scope scope = late.enter()) {
				assertThat(deadline.block(LONG)).isEqualTo(late);
				assertThat(deadline.contextWrite((context) -> context.put(Deadline.class, early)).block(LONG))
					.isEqualTo(early);
			}
			try (Deadline.Scope scope = early.enter()) {
				assertThat(deadline.contextWrite((context) -> context.put(Deadline.class, late)).block(LONG))
					.isEqualTo(early);
			}
			Deadline passed = Deadline.after(Duration.ZERO);
			StepVerifier
				.create(calls.fromStream(() -> Stream.of(1, 2))
					.contextWrite((context) -> context.put(Deadline.class, passed)), 1)
				.expectNext(1)
				.expectError(TimeoutException.class)
				.verify(LONG);
		}
	}

	@ParameterizedTest
	@EnumSource(value = ConcurrencyModel.class, names = { "VIRTUAL", "EVENT_LOOP" })
	void deadlineCancelsTheStatement(ConcurrencyModel model) throws Exception {
		try (Cooperative cooperative = start(model)) {
			HikariDataSource pool = pool(cooperative);
			int before = session(pool);
			Mono<Integer> sleeping = new ReactorCalls(cooperative).fromCallable(() -> {
				try (Connection connection = pool.getConnection()) {
					database.sleep(connection, 72);
				}
				return 1;
			});
			StepVerifier
				.create(sleeping
					.contextWrite((context) -> context.put(Deadline.class, Deadline.after(Duration.ofMillis(200)))))
				.expectErrorSatisfies((ex) -> assertThat(ex).isInstanceOfSatisfying(SQLException.class,
						(sql) -> assertThat(sql.getSQLState()).isEqualTo("57014")))
				.verify(LONG);
			assertThat(session(pool)).isEqualTo(before);
		}
	}

	@ParameterizedTest
	@EnumSource(ConcurrencyModel.class)
	void contextOfTheSubscriber(ConcurrencyModel model) {
		ThreadLocal<String> local = new ThreadLocal<>();
		ThreadLocal<String> other = new ThreadLocal<>();
		ContextRegistry.getInstance().registerThreadLocalAccessor("local", local);
		ContextRegistry.getInstance().registerThreadLocalAccessor("other", other);
		try (Cooperative cooperative = start(model)) {
			Mono<String> seen = new ReactorCalls(cooperative).fromCallable(() -> local.get() + " " + other.get());
			local.set("thread");
			other.set("thread");
			CompletableFuture<@Nullable String> both = seen.contextWrite((context) -> context.put("local", "reactor"))
				.toFuture();
			local.remove();
			other.remove();
			assertThat(both.join()).isEqualTo("reactor thread");
			assertThat(seen.toFuture().join()).isEqualTo("null null");
		}
		finally {
			ContextRegistry.getInstance().removeThreadLocalAccessor("local");
			ContextRegistry.getInstance().removeThreadLocalAccessor("other");
		}
	}

	@ParameterizedTest
	@EnumSource(ConcurrencyModel.class)
	void boundedExecutorRefusesAndKeeps(ConcurrencyModel model) throws Exception {
		try (Cooperative cooperative = start(model)) {
			ExecutorService executor = cooperative.executor(1, 1);
			ReactorCalls calls = new ReactorCalls(executor);
			CountDownLatch go = new CountDownLatch(1);
			CompletableFuture<@Nullable Boolean> running = calls.fromCallable(() -> go.await(20, TimeUnit.SECONDS))
				.toFuture();
			CompletableFuture<@Nullable Integer> kept = calls.fromCallable(() -> 1).toFuture();
			StepVerifier.create(calls.fromCallable(() -> 2)).expectError(RejectedExecutionException.class).verify(LONG);
			go.countDown();
			assertThat(running.get(20, TimeUnit.SECONDS)).isTrue();
			assertThat(kept.get(20, TimeUnit.SECONDS)).isOne();
		}
	}

	@ParameterizedTest
	@EnumSource(ConcurrencyModel.class)
	void callThatIsKeptAndNeverRunFails(ConcurrencyModel model) {
		CompletableFuture<@Nullable Object> kept;
		try (Cooperative cooperative = Cooperative
			.start(CooperativeOptions.defaults().withModel(model).withCloseTimeout(Duration.ofMillis(50)))) {
			ReactorCalls calls = new ReactorCalls(cooperative.executor(1, 1));
			calls.fromCallable(() -> {
				new CountDownLatch(1).await();
				return 1;
			}).subscribe((result) -> {
			}, (failure) -> {
			});
			kept = calls.<Object>fromCallable(() -> 1).toFuture();
		}
		assertThat(kept).failsWithin(LONG).withThrowableThat().withCauseInstanceOf(RejectedExecutionException.class);
	}

	@Test
	void onlyTheThreadOfTheCallSends() {
		try (Cooperative cooperative = start(ConcurrencyModel.VIRTUAL)) {
			Flux<Integer> flux = new ReactorCalls(cooperative).create((rows) -> {
				try {
					CompletableFuture.runAsync(() -> rows.next(1)).get(20, TimeUnit.SECONDS);
				}
				catch (ExecutionException ex) {
					throw (Exception) ex.getCause();
				}
			});
			StepVerifier.create(flux).expectError(IllegalStateException.class).verify(LONG);
			StepVerifier.create(new ReactorCalls(cooperative).fromStream(() -> Stream.of(1, null)))
				.expectNext(1)
				.expectErrorMessage("An element is null")
				.verify(LONG);
		}
	}

	@ParameterizedTest
	@EnumSource(ConcurrencyModel.class)
	void whatSendsLearnsOfTheCancelation(ConcurrencyModel model) {
		try (Cooperative cooperative = start(model)) {
			CompletableFuture<Throwable> seen = new CompletableFuture<>();
			AtomicBoolean interrupted = new AtomicBoolean();
			Flux<Integer> flux = new ReactorCalls(cooperative).create((rows) -> {
				try {
					rows.next(1);
				}
				catch (CancellationException ex) {
					interrupted.set(Thread.currentThread().isInterrupted());
					seen.complete(ex);
					throw ex;
				}
			});
			flux.subscribe(new BaseSubscriber<>() {

				@Override
				protected void hookOnNext(Integer row) {
					cancel();
				}

			});
			assertThat(seen).succeedsWithin(LONG);
			assertThat(interrupted).as("interrupted").isFalse();
		}
	}

	private static Cooperative start(ConcurrencyModel model) {
		return Cooperative.start(CooperativeOptions.defaults().withModel(model).withThreads(2));
	}

	private static HikariDataSource pool(Cooperative cooperative) {
		HikariConfig config = new HikariConfig();
		config.setJdbcUrl(database.url());
		config.setUsername(database.username());
		config.setPassword(database.password());
		config.setMaximumPoolSize(1);
		return cooperative.pool(config);
	}

	private static int session(HikariDataSource pool) throws SQLException {
		try (Connection connection = pool.getConnection()) {
			return database.session(connection);
		}
	}

	private static void awaitRunning(String statement, int count) throws Exception {
		long end = System.nanoTime() + LONG.toNanos();
		while (database.running(statement) != count && System.nanoTime() < end) {
			Thread.onSpinWait();
		}
		assertThat(database.running(statement)).isEqualTo(count);
	}

	private static final class Rows {

		private final int count;

		private final AtomicInteger taken = new AtomicInteger();

		private final CountDownLatch closed = new CountDownLatch(1);

		private Rows(int count) {
			this.count = count;
		}

		Stream<Integer> open() {
			Iterator<Integer> rows = IntStream.range(0, this.count).iterator();
			Iterable<Integer> counted = () -> new Iterator<>() {

				@Override
				public boolean hasNext() {
					return rows.hasNext();
				}

				@Override
				public Integer next() {
					Rows.this.taken.incrementAndGet();
					return rows.next();
				}

			};
			return StreamSupport.stream(counted.spliterator(), false).onClose(this.closed::countDown);
		}

		void assertClosed() {
			assertThat(this.closed.getCount()).isZero();
		}

		void awaitClosed() throws InterruptedException {
			assertThat(this.closed.await(20, TimeUnit.SECONDS)).isTrue();
		}

	}

	private static final class CloseableRows implements Iterable<Integer>, AutoCloseable {

		private volatile boolean closed;

		@Override
		public Iterator<Integer> iterator() {
			return List.of(1, 2).iterator();
		}

		@Override
		public void close() {
			this.closed = true;
		}

	}

}
