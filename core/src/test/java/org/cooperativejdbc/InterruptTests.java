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

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

import com.zaxxer.hikari.HikariDataSource;
import org.cooperativejdbc.pool.CooperativeDataSource;
import org.cooperativejdbc.pool.PoolSettings;
import org.cooperativejdbc.pool.QueueLimits;
import org.cooperativejdbc.socket.CooperativeSocketFactory;
import org.cooperativejdbc.socket.DriverSocket;
import org.cooperativejdbc.test.Carrier;
import org.cooperativejdbc.test.Database;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * What an interrupt does to the statement and the connection of the interrupted thread.
 * The statements of the storm are counted with {@code -Dinterrupts=N}.
 */
class InterruptTests {

	private static final int INTERRUPTS = Integer.getInteger("interrupts", 1000);

	private static final Duration GRACE = Duration.ofMinutes(1);

	private final List<AutoCloseable> resources = new ArrayList<>();

	@AfterEach
	void close() throws Exception {
		for (AutoCloseable resource : this.resources.reversed()) {
			resource.close();
		}
	}

	@ParameterizedTest
	@MethodSource("org.cooperativejdbc.driver.DatabaseUsers#interruptible")
	void statementOfAnInterruptedThreadIsCancelledAndItsConnectionSurvives(Database database, Carrier carrier)
			throws Exception {
		Pool pool = start(database, carrier, InterruptPolicy.CANCEL);
		pool.run(() -> {
			try (Connection connection = pool.dataSource.getConnection()) {
				int backend = database.session(connection);
				connection.setAutoCommit(false);
				Thread thread = Thread.currentThread();
				interruptWhenActive(database, thread, "%sleep(61)%");
				assertThatExceptionOfType(SQLException.class).isThrownBy(() -> database.sleep(connection, 61))
					.satisfies((ex) -> assertThat(ex.getSQLState()).isEqualTo(database.canceled()));
				assertThat(thread.isInterrupted()).isTrue();
				connection.rollback();
				database.sleep(connection, 0.02);
				assertThat(database.session(connection)).as("one interrupt cancels one statement").isEqualTo(backend);
				assertThat(Thread.interrupted()).isTrue();
			}
			return null;
		});
		assertThat(database.running("%sleep(61)%")).isZero();
	}

	@ParameterizedTest
	@MethodSource("org.cooperativejdbc.driver.DatabaseUsers#interruptible")
	void statementThatAnInterruptedThreadBeginsIsCancelled(Database database, Carrier carrier) throws Exception {
		Pool pool = start(database, carrier, InterruptPolicy.CANCEL);
		pool.run(() -> {
			try (Connection connection = pool.dataSource.getConnection()) {
				for (int i = 0; i < 3; i++) {
					Thread.currentThread().interrupt();
					assertThatExceptionOfType(SQLException.class).isThrownBy(() -> database.sleep(connection, 62))
						.satisfies((ex) -> assertThat(ex.getSQLState()).isEqualTo(database.canceled()));
					assertThat(Thread.interrupted()).isTrue();
					assertThat(database.session(connection)).isPositive();
				}
			}
			return null;
		});
	}

	/**
	 * On a busy machine a statement may be over before it has been seen in the server.
	 */
	@ParameterizedTest
	@MethodSource("org.cooperativejdbc.driver.DatabaseUsers#interruptible")
	void deferredInterruptLetsTheStatementGoOn(Database database, Carrier carrier) throws Exception {
		Pool pool = start(database, carrier, InterruptPolicy.DEFER);
		pool.run(() -> {
			try (Connection connection = pool.dataSource.getConnection()) {
				int backend = database.session(connection);
				interruptWhenActive(database, Thread.currentThread(), "%sleep(0.3)%");
				while (!Thread.currentThread().isInterrupted()) {
					database.sleep(connection, 0.3);
				}
				assertThat(Thread.interrupted()).isTrue();
				assertThat(database.session(connection)).isEqualTo(backend);
			}
			return null;
		});
	}

	/**
	 * The control: what the JDK's socket does on a virtual thread.
	 */
	@ParameterizedTest
	@MethodSource("org.cooperativejdbc.driver.DatabaseUsers#interruptible")
	void interruptThatClosesLosesTheConnectionAndLeavesTheStatementRunning(Database database, Carrier carrier)
			throws Exception {
		Pool pool = start(database, carrier, InterruptPolicy.CLOSE);
		pool.run(() -> {
			try (Connection connection = pool.dataSource.getConnection()) {
				interruptWhenActive(database, Thread.currentThread(), "%sleep(63)%");
				assertThatExceptionOfType(SQLException.class).isThrownBy(() -> database.sleep(connection, 63))
					.satisfies((ex) -> assertThat(ex.getSQLState()).isEqualTo(database.failed()));
				assertThat(Thread.interrupted()).isTrue();
				assertThat(connection.isValid(1)).isFalse();
			}
			return null;
		});
		assertThat(database.running("%sleep(63)%")).isEqualTo(1);
		database.terminate("%sleep(63)%");
	}

	@ParameterizedTest
	@MethodSource("org.cooperativejdbc.driver.DatabaseUsers#interruptible")
	void futureAndExecutorCancelTheStatement(Database database, Carrier carrier) throws Exception {
		Pool pool = start(database, carrier, InterruptPolicy.CANCEL);
		Set<Integer> backends = pool.backends();
		try (ExecutorService executor = Executors.newThreadPerTaskExecutor(pool.threads)) {
			Future<?> cancelled = executor.submit(() -> pool.sleep(64));
			awaitActive(database, "%sleep(64)%", 1);
			cancelled.cancel(true);
			awaitActive(database, "%sleep(64)%", 0);
			executor.submit(() -> pool.sleep(65));
			awaitActive(database, "%sleep(65)%", 1);
			executor.shutdownNow();
			awaitActive(database, "%sleep(65)%", 0);
		}
		assertThat(pool.backends()).isEqualTo(backends);
	}

	/**
	 * Interrupts at random moments of short and long statements. Each thread has a number
	 * of its own that the server sends back, so that an answer to somebody else's
	 * statement is noticed.
	 */
	@ParameterizedTest
	@MethodSource("org.cooperativejdbc.driver.DatabaseUsers#interruptible")
	void stormOfInterruptsLosesNoConnection(Database database, Carrier carrier) throws Exception {
		Pool pool = start(database, carrier, InterruptPolicy.CANCEL);
		Set<Integer> backends = pool.backends();
		Storm storm = new Storm(pool);
		List<FutureTask<?>> users = new ArrayList<>();
		for (int i = 0; i <= pool.dataSource.getMaximumPoolSize(); i++) {
			FutureTask<?> user = new FutureTask<>(storm::use, null);
			storm.threads.add(pool.threads.newThread(user));
			users.add(user);
		}
		storm.threads.forEach(Thread::start);
		storm.interruptThreads(INTERRUPTS);
		for (FutureTask<?> user : users) {
			user.get(60, TimeUnit.SECONDS);
		}
		System.out.println(database + ", " + carrier + ": " + storm);
		assertThat(storm.foreign).hasValue(0);
		assertThat(storm.cancelled).hasPositiveValue();
		assertThat(pool.backends()).as("backends before and after").isEqualTo(backends);
		assertThat(database.running("%storm%")).as("statements left in the server").isZero();
	}

	private Pool start(Database database, Carrier carrier, InterruptPolicy policy) throws Exception {
		Pool pool = new Pool(database, carrier, policy, this.resources);
		this.resources.add(pool.dataSource);
		return pool;
	}

	private static void interruptWhenActive(Database database, Thread thread, String statement) {
		Thread.ofPlatform().daemon().start(() -> {
			try {
				awaitActive(database, statement, 1);
				thread.interrupt();
			}
			catch (Exception ex) {
				throw new IllegalStateException(ex);
			}
		});
	}

	private static void awaitActive(Database database, String statement, int count) throws SQLException {
		long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
		while (database.running(statement) != count) {
			assertThat(System.nanoTime()).as(statement).isLessThan(deadline);
		}
	}

	private static final class Pool {

		private final Database database;

		private final HikariDataSource dataSource;

		private final ThreadFactory threads;

		Pool(Database database, Carrier carrier, InterruptPolicy policy, List<AutoCloseable> resources)
				throws Exception {
			this.database = database;
			Carrier.Carried carried = carrier.open(policy, GRACE);
			resources.add(carried.resource());
			this.threads = carried.threads();
			HikariDataSource config = new HikariDataSource();
			database.configure(config, database.url(),
					CooperativeSocketFactory.register(database.support().sockets(carried.sockets())), GRACE);
			config.setMaximumPoolSize(4);
			this.dataSource = new CooperativeDataSource(config, new PoolSettings(QueueLimits.NONE, (thread) -> false,
					this::socket, null, false, Duration.ofSeconds(30), GRACE));
		}

		private @Nullable DriverSocket socket(Connection connection) {
			try {
				return this.database.support().socket(connection);
			}
			catch (SQLException ex) {
				throw new IllegalStateException(ex);
			}
		}

		void run(Callable<?> action) throws Exception {
			FutureTask<?> task = new FutureTask<>(action);
			this.threads.newThread(task).start();
			task.get(60, TimeUnit.SECONDS);
		}

		Object sleep(double seconds) throws SQLException {
			try (Connection connection = this.dataSource.getConnection()) {
				this.database.sleep(connection, seconds);
				return seconds;
			}
		}

		/**
		 * Return the backends of all connections.
		 */
		Set<Integer> backends() throws SQLException {
			List<Connection> connections = new ArrayList<>();
			Set<Integer> backends = new HashSet<>();
			try {
				for (int i = 0; i < this.dataSource.getMaximumPoolSize(); i++) {
					Connection connection = this.dataSource.getConnection();
					connections.add(connection);
					backends.add(this.database.session(connection));
				}
			}
			finally {
				for (Connection connection : connections) {
					connection.close();
				}
			}
			return backends;
		}

	}

	private static final class Storm {

		private final List<Thread> threads = new ArrayList<>();

		private final AtomicInteger numbers = new AtomicInteger();

		private final AtomicInteger statements = new AtomicInteger();

		private final AtomicInteger cancelled = new AtomicInteger();

		private final AtomicInteger foreign = new AtomicInteger();

		private final AtomicInteger interrupts = new AtomicInteger();

		private final Pool pool;

		private volatile boolean ended;

		Storm(Pool pool) {
			this.pool = pool;
		}

		void use() {
			int number = this.numbers.incrementAndGet();
			while (!this.ended) {
				try (Connection connection = this.pool.dataSource.getConnection()) {
					connection.setAutoCommit(false);
					for (int i = 0; i < 4; i++) {
						query(connection, number);
					}
					connection.commit();
				}
				catch (SQLException ex) {
					boolean borrowing = ex.getMessage() != null && ex.getMessage().contains("connection acquisition");
					if (!borrowing) {
						assertThat(ex.getSQLState()).as("%s", ex).isEqualTo(this.pool.database.canceled());
						this.cancelled.incrementAndGet();
					}
					assertThat(Thread.currentThread().isInterrupted()).isTrue();
				}
				Thread.interrupted();
			}
		}

		private void query(Connection connection, int number) throws SQLException {
			String work = ThreadLocalRandom.current().nextBoolean() ? "0" : this.pool.database.work();
			try (PreparedStatement statement = connection.prepareStatement("select ?, " + work + " /* storm */")) {
				statement.setInt(1, number);
				try (ResultSet result = statement.executeQuery()) {
					result.next();
					if (result.getInt(1) != number) {
						this.foreign.incrementAndGet();
					}
					this.statements.incrementAndGet();
				}
			}
		}

		void interruptThreads(int times) throws InterruptedException {
			for (int i = 0; i < times; i++) {
				TimeUnit.MICROSECONDS.sleep(ThreadLocalRandom.current().nextInt(3000));
				this.threads.get(ThreadLocalRandom.current().nextInt(this.threads.size())).interrupt();
				this.interrupts.incrementAndGet();
			}
			this.ended = true;
		}

		@Override
		public String toString() {
			return this.interrupts + " interrupts, " + this.statements + " statements, " + this.cancelled
					+ " cancelled, " + this.foreign + " foreign rows";
		}

	}

}
