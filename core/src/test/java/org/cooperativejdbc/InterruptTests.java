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
import java.sql.Statement;
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
import org.cooperativejdbc.driver.CancellingDriver;
import org.cooperativejdbc.driver.PostgresqlDriver;
import org.cooperativejdbc.socket.CooperativeSocketFactory;
import org.cooperativejdbc.test.ActiveBackends;
import org.cooperativejdbc.test.Carrier;
import org.cooperativejdbc.test.TestDatabase;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * What an interrupt does to the statement and the connection of the interrupted thread.
 * The statements of the storm are counted with {@code -Dinterrupts=N}.
 */
class InterruptTests {

	private static final int INTERRUPTS = Integer.getInteger("interrupts", 1000);

	private static final String QUERY_CANCELED = "57014";

	private static final String CONNECTION_FAILURE = "08006";

	private final List<AutoCloseable> resources = new ArrayList<>();

	@AfterEach
	void close() throws Exception {
		for (AutoCloseable resource : this.resources.reversed()) {
			resource.close();
		}
	}

	@ParameterizedTest
	@EnumSource(names = "PLATFORM", mode = EnumSource.Mode.EXCLUDE)
	void statementOfAnInterruptedThreadIsCancelledAndItsConnectionSurvives(Carrier carrier) throws Exception {
		Pool pool = start(carrier, InterruptPolicy.CANCEL);
		pool.run(() -> {
			try (Connection connection = pool.dataSource.getConnection()) {
				int backend = backend(connection);
				connection.setAutoCommit(false);
				Thread thread = Thread.currentThread();
				interruptWhenActive(thread, "%pg_sleep(61)%");
				assertThatExceptionOfType(SQLException.class).isThrownBy(() -> sleep(connection, 61))
					.satisfies((ex) -> assertThat(ex.getSQLState()).isEqualTo(QUERY_CANCELED));
				assertThat(thread.isInterrupted()).isTrue();
				connection.rollback();
				sleep(connection, 0.02);
				assertThat(backend(connection)).as("one interrupt cancels one statement").isEqualTo(backend);
				assertThat(Thread.interrupted()).isTrue();
			}
			return null;
		});
		assertThat(ActiveBackends.count("%pg_sleep(61)%")).isZero();
	}

	@ParameterizedTest
	@EnumSource(names = "PLATFORM", mode = EnumSource.Mode.EXCLUDE)
	void statementThatAnInterruptedThreadBeginsIsCancelled(Carrier carrier) throws Exception {
		Pool pool = start(carrier, InterruptPolicy.CANCEL);
		pool.run(() -> {
			try (Connection connection = pool.dataSource.getConnection()) {
				for (int i = 0; i < 3; i++) {
					Thread.currentThread().interrupt();
					assertThatExceptionOfType(SQLException.class).isThrownBy(() -> sleep(connection, 62))
						.satisfies((ex) -> assertThat(ex.getSQLState()).isEqualTo(QUERY_CANCELED));
					assertThat(Thread.interrupted()).isTrue();
					assertThat(backend(connection)).isPositive();
				}
			}
			return null;
		});
	}

	@ParameterizedTest
	@EnumSource(names = "PLATFORM", mode = EnumSource.Mode.EXCLUDE)
	void deferredInterruptLetsTheStatementGoOn(Carrier carrier) throws Exception {
		Pool pool = start(carrier, InterruptPolicy.DEFER);
		pool.run(() -> {
			try (Connection connection = pool.dataSource.getConnection()) {
				int backend = backend(connection);
				interruptWhenActive(Thread.currentThread(), "%pg_sleep(0.3)%");
				sleep(connection, 0.3);
				assertThat(Thread.interrupted()).isTrue();
				assertThat(backend(connection)).isEqualTo(backend);
			}
			return null;
		});
	}

	/**
	 * The control: what the JDK's socket does on a virtual thread.
	 */
	@ParameterizedTest
	@EnumSource(names = "PLATFORM", mode = EnumSource.Mode.EXCLUDE)
	void interruptThatClosesLosesTheConnectionAndLeavesTheStatementRunning(Carrier carrier) throws Exception {
		Pool pool = start(carrier, InterruptPolicy.CLOSE);
		pool.run(() -> {
			try (Connection connection = pool.dataSource.getConnection()) {
				interruptWhenActive(Thread.currentThread(), "%pg_sleep(63)%");
				assertThatExceptionOfType(SQLException.class).isThrownBy(() -> sleep(connection, 63))
					.satisfies((ex) -> assertThat(ex.getSQLState()).isEqualTo(CONNECTION_FAILURE));
				assertThat(Thread.interrupted()).isTrue();
				assertThat(connection.isValid(1)).isFalse();
			}
			return null;
		});
		assertThat(ActiveBackends.count("%pg_sleep(63)%")).isEqualTo(1);
		terminate("%pg_sleep(63)%");
	}

	@ParameterizedTest
	@EnumSource(names = "PLATFORM", mode = EnumSource.Mode.EXCLUDE)
	void futureAndExecutorCancelTheStatement(Carrier carrier) throws Exception {
		Pool pool = start(carrier, InterruptPolicy.CANCEL);
		Set<Integer> backends = pool.backends();
		try (ExecutorService executor = Executors.newThreadPerTaskExecutor(pool.threads)) {
			Future<?> cancelled = executor.submit(() -> pool.sleep(64));
			awaitActive("%pg_sleep(64)%", 1);
			cancelled.cancel(true);
			awaitActive("%pg_sleep(64)%", 0);
			executor.submit(() -> pool.sleep(65));
			awaitActive("%pg_sleep(65)%", 1);
			executor.shutdownNow();
			awaitActive("%pg_sleep(65)%", 0);
		}
		assertThat(pool.backends()).isEqualTo(backends);
	}

	/**
	 * Interrupts at random moments of short and long statements. Each thread has a number
	 * of its own that the server sends back, so that an answer to somebody else's
	 * statement is noticed.
	 */
	@ParameterizedTest
	@EnumSource(names = "PLATFORM", mode = EnumSource.Mode.EXCLUDE)
	void stormOfInterruptsLosesNoConnection(Carrier carrier) throws Exception {
		Pool pool = start(carrier, InterruptPolicy.CANCEL);
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
		System.out.println(carrier + ": " + storm);
		assertThat(storm.foreign).hasValue(0);
		assertThat(storm.cancelled).hasPositiveValue();
		assertThat(pool.backends()).as("backends before and after").isEqualTo(backends);
		assertThat(ActiveBackends.count("%storm%")).as("statements left in the server").isZero();
	}

	private Pool start(Carrier carrier, InterruptPolicy policy) throws Exception {
		Pool pool = new Pool(carrier, policy, this.resources);
		this.resources.add(pool.dataSource);
		return pool;
	}

	private static int backend(Connection connection) throws SQLException {
		try (Statement statement = connection.createStatement();
				ResultSet result = statement.executeQuery("select pg_backend_pid()")) {
			result.next();
			return result.getInt(1);
		}
	}

	private static void sleep(Connection connection, double seconds) throws SQLException {
		try (Statement statement = connection.createStatement()) {
			statement
				.execute("select pg_sleep(" + ((seconds % 1 == 0) ? Integer.toString((int) seconds) : seconds) + ")");
		}
	}

	private static void interruptWhenActive(Thread thread, String statement) {
		Thread.ofPlatform().daemon().start(() -> {
			try {
				awaitActive(statement, 1);
				thread.interrupt();
			}
			catch (Exception ex) {
				throw new IllegalStateException(ex);
			}
		});
	}

	private static void awaitActive(String statement, int count) throws SQLException {
		long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
		while (ActiveBackends.count(statement) != count) {
			assertThat(System.nanoTime()).as(statement).isLessThan(deadline);
		}
	}

	private static void terminate(String statement) throws SQLException {
		try (Connection connection = TestDatabase.instance().connect();
				PreparedStatement terminate = connection
					.prepareStatement("select pg_terminate_backend(pid) from pg_stat_activity "
							+ "where state = 'active' and pid <> pg_backend_pid() and query like ?")) {
			terminate.setString(1, statement);
			terminate.execute();
		}
	}

	private static final class Pool {

		private final HikariDataSource dataSource = new HikariDataSource();

		private final ThreadFactory threads;

		Pool(Carrier carrier, InterruptPolicy policy, List<AutoCloseable> resources) throws Exception {
			Carrier.Carried carried = carrier.open(policy, Duration.ofSeconds(5));
			resources.add(carried.resource());
			this.threads = carried.threads();
			TestDatabase database = TestDatabase.instance();
			this.dataSource.setJdbcUrl(database.url());
			this.dataSource.setUsername(database.username());
			this.dataSource.setPassword(database.password());
			this.dataSource.setDriverClassName(CancellingDriver.class.getName());
			this.dataSource.setMaximumPoolSize(4);
			PostgresqlDriver.install(this.dataSource.getDataSourceProperties(),
					CooperativeSocketFactory.register(carried.sockets()));
		}

		void run(Callable<?> action) throws Exception {
			FutureTask<?> task = new FutureTask<>(action);
			this.threads.newThread(task).start();
			task.get(60, TimeUnit.SECONDS);
		}

		Object sleep(double seconds) throws SQLException {
			try (Connection connection = this.dataSource.getConnection()) {
				InterruptTests.sleep(connection, seconds);
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
					backends.add(backend(connection));
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
						assertThat(ex.getSQLState()).as("%s", ex).isEqualTo(QUERY_CANCELED);
						this.cancelled.incrementAndGet();
					}
					assertThat(Thread.currentThread().isInterrupted()).isTrue();
				}
				Thread.interrupted();
			}
		}

		private void query(Connection connection, int number) throws SQLException {
			double seconds = ThreadLocalRandom.current().nextBoolean() ? 0 : 0.005;
			try (PreparedStatement statement = connection
				.prepareStatement("select ?, pg_sleep(" + seconds + ") /* storm */")) {
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
