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

package org.cooperativejdbc.socket;

import java.io.IOException;
import java.net.Socket;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.FutureTask;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import com.zaxxer.hikari.HikariDataSource;
import org.cooperativejdbc.InterruptPolicy;
import org.cooperativejdbc.carrier.EventLoops;
import org.cooperativejdbc.test.Database;
import org.cooperativejdbc.test.FaultProxy;
import org.cooperativejdbc.test.FaultProxy.Direction;
import org.cooperativejdbc.test.FaultProxy.Fault;
import org.cooperativejdbc.test.FaultProxy.Kind;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

import org.springframework.boot.logging.LogLevel;
import org.springframework.boot.logging.LoggingSystem;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * A pool under faults of the network and of the wait strategy. Two users have a row each
 * and share connections: whoever borrows one gets their own row or an
 * {@link SQLException}, never another's; nothing hangs; the pool is whole afterwards;
 * nothing leaks.
 */
class PoolFaultTests {

	private static final int LIMIT_SECONDS = 150;

	private static final String ALICE = "alice";

	private static final String BOB = "bob";

	/**
	 * The faults under load, in each of the models; a quarter of them on MariaDB.
	 */
	private static final int FAULTS_UNDER_LOAD = Integer.getInteger("faults", 250);

	private static final List<Database> DATABASES = List.of(Database.POSTGRESQL, Database.MARIADB);

	private static final Map<Database, FaultCounts> total = new EnumMap<>(Database.class);

	private static Stopwatch stopwatch;

	private static EventLoops loops;

	private final FaultCounts counts = new FaultCounts();

	@BeforeAll
	static void createRows() throws IOException, SQLException {
		loops = EventLoops.start(1);
		stopwatch = new Stopwatch();
		logging().setLogLevel("com.zaxxer.hikari", LogLevel.OFF);
		for (Database database : DATABASES) {
			try (Connection connection = database.connect(); Statement statement = connection.createStatement()) {
				statement.execute("drop table if exists fault_row");
				statement.execute("create table fault_row (owner varchar(20) primary key, secret text)");
				statement.execute("insert into fault_row values ('alice', 'the secret of alice'), "
						+ "('bob', 'the secret of bob')");
			}
		}
	}

	@AfterAll
	static void report() {
		stopwatch.close();
		loops.close();
		logging().setLogLevel("com.zaxxer.hikari", null);
		System.out.println("Pool under faults: " + total);
	}

	static Stream<Arguments> runs() {
		return DATABASES.stream()
			.flatMap((database) -> Stream.of(Model.values()).map((model) -> Arguments.of(database, model)));
	}

	private static LoggingSystem logging() {
		return LoggingSystem.get(PoolFaultTests.class.getClassLoader());
	}

	/**
	 * Every connection of the pools meets another fault, at each byte of each direction;
	 * on the virtual threads of the JDK those that break a connection are tried at every
	 * fifth byte, and MariaDB is silent at every fifth byte, since that takes long.
	 */
	@ParameterizedTest
	@MethodSource("runs")
	void faultAtEachByteOfALoginAndAQuery(Database database, Model model) throws Exception {
		List<ConnectionFaults> faults = faultsAtEachByte(database, model, (model == Model.EVENT_LOOP) ? 1 : 5);
		long expected = faults.stream().mapToLong(ConnectionFaults::size).sum();
		Map<Kind, List<ConnectionFaults>> kinds = faults.stream()
			.collect(Collectors.groupingBy((fault) -> isOfItsOwn(fault.kind()) ? fault.kind() : Kind.CUT));
		Leaks leaks = new Leaks(loops);
		List<FutureTask<?>> workers = new ArrayList<>();
		kinds.forEach((kind, some) -> {
			Queue<ConnectionFaults> queue = new ConcurrentLinkedQueue<>(some);
			for (int i = 0; i < ((kind == Kind.STALL) ? 120 : 24); i++) {
				workers.add(start(model, () -> work(database, model, queue, kind == Kind.CORRUPT)));
			}
		});
		join(workers);
		assertThat(this.counts.injected.get()).isGreaterThan(expected * 9 / 10);
		leaks.assertNone();
		finish(database);
	}

	/**
	 * Return whether connections meet no other kind of fault: after a corrupt byte they
	 * are judged otherwise, and a silent one takes a second, in which many others can be
	 * silent as well.
	 */
	private static boolean isOfItsOwn(Kind kind) {
		return kind == Kind.CORRUPT || kind == Kind.STALL;
	}

	private List<ConnectionFaults> faultsAtEachByte(Database database, Model model, int step) throws Exception {
		List<ConnectionFaults> faults = new ArrayList<>();
		try (Bench bench = new Bench(database, model, loops, 1)) {
			join(List.of(start(model, () -> {
				bench.assertWhole();
				bench.evict();
				bench.query(ALICE, false);
			})));
			for (Direction direction : Direction.values()) {
				int bytes = (int) bench.proxy.passed(direction);
				assertThat(bytes).isGreaterThan(100);
				for (Kind kind : List.of(Kind.CUT, Kind.RESET, Kind.STALL, Kind.CORRUPT)) {
					int some = (kind == Kind.STALL && database == Database.MARIADB) ? 5 * step : step;
					for (int i = 0; i < bytes; i += some) {
						faults.add(new ConnectionFaults(direction, kind, i, 1, 0));
					}
				}
				for (Kind kind : List.of(Kind.DELAY, Kind.SPLIT)) {
					for (int i = 0; i < 16; i++) {
						faults.add(new ConnectionFaults(direction, kind, i, bytes / 16, 15));
					}
				}
			}
		}
		Collections.shuffle(faults, new Random(42));
		return faults;
	}

	private void work(Database database, Model model, Queue<ConnectionFaults> faults, boolean corrupt)
			throws Exception {
		try (Bench bench = new Bench(database, model, loops, 1)) {
			bench.assertWhole();
			bench.evict();
			bench.proxy.plan(() -> {
				ConnectionFaults next = faults.poll();
				return (next != null) ? next.plan() : FaultProxy.Plan.NONE;
			});
			while (!faults.isEmpty()) {
				bench.query(ALICE, corrupt);
				bench.query(BOB, corrupt);
				bench.evict();
			}
			bench.proxy.plan(() -> FaultProxy.Plan.NONE);
			bench.evictAll();
			bench.assertWhole();
			this.counts.injected.addAndGet(bench.proxy.injected());
		}
	}

	@ParameterizedTest
	@MethodSource("runs")
	void faultsAtRandomUnderLoad(Database database, Model model) throws Exception {
		underLoad(database, model,
				List.of(Kind.CUT, Kind.RESET, Kind.DELAY, Kind.DELAY, Kind.SPLIT, Kind.SPLIT, Kind.SPLIT),
				faultsUnderLoad(database));
	}

	@ParameterizedTest
	@MethodSource("runs")
	void stallsAndCorruptBytesAtRandomUnderLoad(Database database, Model model) throws Exception {
		underLoad(database, model, List.of(Kind.STALL, Kind.CORRUPT, Kind.CORRUPT, Kind.CORRUPT),
				faultsUnderLoad(database) / 9);
	}

	private static int faultsUnderLoad(Database database) {
		return (database == Database.MARIADB) ? FAULTS_UNDER_LOAD / 4 : FAULTS_UNDER_LOAD;
	}

	private void underLoad(Database database, Model model, List<Kind> kinds, int faults) throws Exception {
		warmUp(database, model);
		Leaks leaks = new Leaks(loops);
		try (Bench bench = new Bench(database, model, loops, 24)) {
			join(List.of(start(model, bench::assertWhole)));
			bench.proxy.plan(() -> {
				AtomicInteger calls = new AtomicInteger();
				return (direction) -> random(kinds, (calls.getAndIncrement() < 2) ? 500 : 0);
			});
			bench.evict();
			List<FutureTask<?>> users = new ArrayList<>();
			for (int i = 0; i < 32; i++) {
				String user = (i % 2 == 0) ? ALICE : BOB;
				users.add(start(model, () -> {
					while (bench.proxy.injected() < faults) {
						bench.query(user, kinds.contains(Kind.CORRUPT));
					}
				}));
			}
			join(users);
			bench.proxy.plan(() -> FaultProxy.Plan.NONE);
			join(List.of(start(model, () -> {
				bench.evictAll();
				bench.assertWhole();
			})));
			this.counts.injected.addAndGet(bench.proxy.injected());
		}
		leaks.assertNone();
		finish(database);
	}

	private static Fault random(List<Kind> kinds, int spared) {
		ThreadLocalRandom random = ThreadLocalRandom.current();
		return new Fault(kinds.get(random.nextInt(kinds.size())), spared + random.nextInt(800));
	}

	@ParameterizedTest
	@EnumSource(names = { "POSTGRESQL", "MARIADB" })
	void waitThatFailsAtEachWaitOfALoginAndAQuery(Database database) throws Exception {
		warmUp(database, Model.EVENT_LOOP);
		Leaks leaks = new Leaks(loops);
		FutureTask<?> task = start(Model.EVENT_LOOP, () -> {
			for (Throwable failure : List.of(new IOException("checked"), new IllegalStateException("runtime"),
					new AssertionError("error"))) {
				FailingWaitStrategy strategy = new FailingWaitStrategy(loops, failure);
				Model.SocketSource sockets = () -> new CooperativeSocket(strategy, (thread) -> false,
						InterruptPolicy.DEFER, Duration.ofSeconds(5));
				try (Bench bench = new Bench(database, Model.EVENT_LOOP, loops, 1, sockets)) {
					bench.assertWhole();
					bench.evict();
					int wait = 0;
					do {
						strategy.arm(wait++);
						bench.query(ALICE, false);
						bench.query(BOB, false);
						bench.evict();
					}
					while (strategy.disarm());
					assertThat(wait).isGreaterThan(5);
					this.counts.injected.addAndGet(wait - 1);
					bench.assertWhole();
				}
			}
		});
		join(List.of(task));
		leaks.assertNone();
		finish(database);
	}

	private void warmUp(Database database, Model model) throws Exception {
		try (Bench bench = new Bench(database, model, loops, 2)) {
			join(List.of(start(model, bench::assertWhole)));
		}
	}

	private void finish(Database database) {
		total.computeIfAbsent(database, (key) -> new FaultCounts()).add(this.counts);
		this.counts.assertSound();
	}

	private static FutureTask<?> start(Model model, ScenarioRun.Action action) {
		FutureTask<?> task = new FutureTask<>(() -> {
			action.run();
			return null;
		});
		model.threads(loops).newThread(task).start();
		return task;
	}

	private void join(List<FutureTask<?>> tasks) throws Exception {
		long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(LIMIT_SECONDS);
		for (FutureTask<?> task : tasks) {
			try {
				task.get(Math.max(1, deadline - System.nanoTime()), TimeUnit.NANOSECONDS);
			}
			catch (TimeoutException ex) {
				this.counts.hangs.incrementAndGet();
			}
		}
		this.counts.assertSound();
	}

	/**
	 * What carries the threads, and their sockets.
	 */
	enum Model {

		EVENT_LOOP {

			@Override
			ThreadFactory threads(EventLoops loops) {
				return loops.threadFactory("user-");
			}

			@Override
			Socket socket(EventLoops loops) throws IOException {
				return new CooperativeSocket(loops, (thread) -> false, InterruptPolicy.DEFER, Duration.ofSeconds(5));
			}

		},

		VIRTUAL {

			@Override
			ThreadFactory threads(EventLoops loops) {
				return Thread.ofVirtual().name("user-", 0).factory();
			}

			@Override
			Socket socket(EventLoops loops) {
				return new ParkingSocket((thread) -> false, InterruptPolicy.DEFER, Duration.ofSeconds(5));
			}

		};

		abstract ThreadFactory threads(EventLoops loops);

		abstract Socket socket(EventLoops loops) throws IOException;

		@FunctionalInterface
		interface SocketSource extends CooperativeSocketFactory.SocketSupplier {

		}

	}

	/**
	 * The faults of a connection in one direction: at a byte, and again after so many
	 * more.
	 */
	private record ConnectionFaults(Direction direction, Kind kind, int first, int size, int gap) {

		FaultProxy.Plan plan() {
			AtomicInteger count = new AtomicInteger();
			return (side) -> {
				int number = (side == this.direction) ? count.getAndIncrement() : this.size;
				return (number < this.size) ? new Fault(this.kind, (number == 0) ? this.first : this.gap) : null;
			};
		}

	}

	/**
	 * A pool whose connections pass through a proxy of its own. Its first connection must
	 * see no fault: when HikariCP cannot ask that one for the transaction isolation, it
	 * sets the level -1 on all others, and none is ever added to the pool.
	 */
	private final class Bench implements AutoCloseable {

		private final Database database;

		private final FaultProxy proxy;

		private final String key;

		private final HikariDataSource pool;

		Bench(Database database, Model model, EventLoops loops, int size) throws IOException {
			this(database, model, loops, size, () -> model.socket(loops));
		}

		Bench(Database database, Model model, EventLoops loops, int size, Model.SocketSource sockets)
				throws IOException {
			this.database = database;
			this.proxy = new FaultProxy(database);
			this.key = CooperativeSocketFactory.register(database.support().sockets(sockets));
			this.pool = new HikariDataSource();
			database.configure(this.pool, this.proxy.url(), this.key, Duration.ofSeconds(5));
			this.pool.setMaximumPoolSize(size);
			this.pool.setMinimumIdle(0);
			this.pool.setInitializationFailTimeout(-1);
			this.pool.setConnectionTimeout(10_000);
			this.pool.setThreadFactory(model.threads(loops));
			properties(database).forEach(this.pool::addDataSourceProperty);
		}

		/**
		 * No answer is waited for longer than a second, and nothing is encrypted.
		 */
		private static Map<String, String> properties(Database database) {
			return (database == Database.POSTGRESQL)
					? Map.of("sslmode", "disable", "socketTimeout", "1", "loginTimeout", "0")
					: Map.of("sslMode", "disable", "socketTimeout", "500", "connectTimeout", "500");
		}

		/**
		 * Borrow a connection, as a user, and look at what comes back. Corrupt sizes
		 * break assertions of the driver, and make it allocate more than there is.
		 * @param corrupt whether bytes of the connection may have been changed
		 */
		void query(String user, boolean corrupt) {
			PoolFaultTests.this.counts.queries.incrementAndGet();
			long start = stopwatch.seconds();
			try (Connection connection = this.pool.getConnection();
					PreparedStatement statement = connection
						.prepareStatement("select owner, secret from fault_row where owner = ?")) {
				statement.setString(1, user);
				statement.execute();
				// The first result, as JdbcTemplate takes it: executeQuery insists on one
				try (ResultSet result = statement.getResultSet()) {
					String row = (result != null && result.next()) ? result.getString(1) + ": " + result.getString(2)
							: "nothing";
					judge(user, row, corrupt);
				}
			}
			catch (SQLException ex) {
				PoolFaultTests.this.counts.refused.incrementAndGet();
			}
			catch (RuntimeException | AssertionError | OutOfMemoryError ex) {
				if (corrupt) {
					PoolFaultTests.this.counts.confused.incrementAndGet();
				}
				else {
					PoolFaultTests.this.counts.unclear("The driver threw " + ex);
				}
			}
			if (stopwatch.seconds() - start > 30) {
				PoolFaultTests.this.counts.hangs.incrementAndGet();
			}
		}

		/**
		 * The driver of MariaDB goes on after corrupt bytes, out of step, whatever the
		 * socket is.
		 */
		private void judge(String user, String row, boolean corrupt) {
			if (row.equals(row(user))) {
				PoolFaultTests.this.counts.own.incrementAndGet();
			}
			else if (corrupt && (this.database == Database.MARIADB || !isRow(row))) {
				PoolFaultTests.this.counts.garbled.incrementAndGet();
			}
			else if (isRow(row)) {
				PoolFaultTests.this.counts.foreign.incrementAndGet();
			}
			else {
				PoolFaultTests.this.counts.unclear(user + " got " + row);
			}
		}

		private static boolean isRow(String row) {
			return row.equals(row(ALICE)) || row.equals(row(BOB));
		}

		private static String row(String user) {
			return user + ": the secret of " + user;
		}

		void evict() {
			this.pool.getHikariPoolMXBean().softEvictConnections();
		}

		/**
		 * Evict what the pool has, one connection that it is about to make included,
		 * which may have been given a fault already.
		 */
		void evictAll() throws SQLException {
			evict();
			try (Connection made = this.pool.getConnection()) {
				evict();
			}
		}

		/**
		 * As many connections as the pool may have can be borrowed at once, and work.
		 */
		void assertWhole() throws SQLException {
			List<Connection> borrowed = new ArrayList<>();
			try {
				for (int i = 0; i < this.pool.getMaximumPoolSize(); i++) {
					borrowed.add(this.pool.getConnection());
				}
				for (Connection connection : borrowed) {
					try (Statement statement = connection.createStatement();
							ResultSet result = statement.executeQuery("select 42")) {
						assertThat(result.next()).isTrue();
						assertThat(result.getInt(1)).isEqualTo(42);
					}
				}
			}
			catch (SQLException ex) {
				PoolFaultTests.this.counts.lost.incrementAndGet();
				throw ex;
			}
			finally {
				for (Connection connection : borrowed) {
					connection.close();
				}
			}
			assertThat(this.pool.getHikariPoolMXBean().getActiveConnections()).isZero();
			assertThat(this.pool.getHikariPoolMXBean().getThreadsAwaitingConnection()).isZero();
		}

		/**
		 * HikariCP closes a pool in a monitor, which before JDK 24 takes a virtual thread
		 * its carrier, and of those the faults of all others need one, too.
		 */
		@Override
		public void close() throws IOException {
			CompletableFuture.runAsync(this.pool::close, (close) -> Thread.ofPlatform().start(close)).join();
			CooperativeSocketFactory.unregister(this.key);
			this.proxy.close();
		}

	}

}
