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

import java.io.IOException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.FutureTask;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;

import com.zaxxer.hikari.HikariDataSource;
import org.cooperativejdbc.Deadline;
import org.cooperativejdbc.InterruptPolicy;
import org.cooperativejdbc.socket.CooperativeSocketFactory;
import org.cooperativejdbc.socket.DriverSocket;
import org.cooperativejdbc.test.ActiveBackends;
import org.cooperativejdbc.test.Carrier;
import org.cooperativejdbc.test.SilenceProxy;
import org.cooperativejdbc.test.SilenceProxy.Silence;
import org.cooperativejdbc.test.TestDatabase;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.postgresql.PGConnection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * What deadlines and interrupts do to what is waited for: a statement, a COMMIT, a
 * notification, a server that is silent.
 */
class GivingUpTests {

	private static final Duration GRACE = Duration.ofMillis(300);

	private static final Duration LONG_GRACE = Duration.ofMinutes(5);

	private static final String QUERY_CANCELED = "57014";

	private static final String CONNECTION_FAILURE = "08006";

	private static final AtomicInteger sleeps = new AtomicInteger(7000);

	private final List<AutoCloseable> resources = new ArrayList<>();

	@AfterEach
	void close() throws Exception {
		for (AutoCloseable resource : this.resources.reversed()) {
			resource.close();
		}
	}

	@ParameterizedTest
	@EnumSource
	void statementIsCanceledAtTheDeadlineAndItsConnectionSurvives(Carrier carrier) throws Exception {
		User user = new User(carrier, TestDatabase.instance().url(), LONG_GRACE);
		user.call(() -> {
			try (Connection connection = user.connect()) {
				int backend = backend(connection);
				connection.setAutoCommit(false);
				try (Deadline.Scope scope = Deadline.after(Duration.ofMillis(100)).enter()) {
					assertCanceled(() -> sleep(connection, 60));
					connection.rollback();
					assertThat(connection.isValid(0)).isTrue();
					assertCanceled(() -> sleep(connection, 60));
					connection.rollback();
				}
				assertThat(backend(connection)).isEqualTo(backend);
				assertThat(Thread.currentThread().isInterrupted()).isFalse();
			}
			return null;
		});
	}

	@ParameterizedTest
	@EnumSource
	void deadlineThatIsNotReachedChangesNothing(Carrier carrier) throws Exception {
		User user = new User(carrier, TestDatabase.instance().url(), GRACE);
		user.call(() -> {
			try (Connection connection = user.connect();
					Deadline.Scope scope = Deadline.after(Duration.ofMinutes(1)).enter()) {
				sleep(connection, 0.2);
				connection.setNetworkTimeout(Runnable::run, 100);
				assertThatExceptionOfType(SQLException.class).isThrownBy(() -> sleep(connection, 60))
					.havingRootCause()
					.withMessage("Read timed out");
			}
			return null;
		});
	}

	@ParameterizedTest
	@CsvSource({ "PLATFORM, false", "JDK, false", "JDK, true", "EVENT_LOOP, false", "EVENT_LOOP, true", "NETTY, false",
			"NETTY, true" })
	void statementOfASilentServerEndsWithinTheGracePeriod(Carrier carrier, boolean interrupt) throws Exception {
		SilenceProxy proxy = proxy();
		User user = new User(carrier, proxy.url(), GRACE);
		user.call(() -> {
			Connection connection = user.connect();
			proxy.silence(Silence.ALL);
			long start = System.nanoTime();
			try (Deadline.Scope scope = interrupt ? interrupted() : Deadline.after(Duration.ofMillis(50)).enter()) {
				assertThatExceptionOfType(SQLException.class).isThrownBy(() -> sleep(connection, 60))
					.satisfies((ex) -> assertThat(ex.getSQLState()).isEqualTo(CONNECTION_FAILURE));
			}
			assertThat(System.nanoTime() - start).isBetween(GRACE.toNanos(), GRACE.toNanos() * 10);
			assertThat(Thread.interrupted()).isEqualTo(interrupt);
			assertThat(connection.isClosed()).isTrue();
			return null;
		});
		assertThat(proxy.connects()).isBetween(1, 6);
	}

	@ParameterizedTest
	@EnumSource
	void loginToASilentServerEndsWithinTheGracePeriod(Carrier carrier) throws Exception {
		SilenceProxy proxy = proxy();
		proxy.silence(Silence.ALL);
		User user = new User(carrier, proxy.url(), GRACE);
		user.call(() -> {
			try (Deadline.Scope scope = Deadline.after(Duration.ofMillis(50)).enter()) {
				assertThatExceptionOfType(SQLException.class).isThrownBy(user::connect)
					.satisfies((ex) -> assertThat(ex.getSQLState()).startsWith("08"));
			}
			return null;
		});
	}

	@ParameterizedTest
	@CsvSource({ "PLATFORM, false", "JDK, false", "JDK, true", "EVENT_LOOP, false", "EVENT_LOOP, true", "NETTY, false",
			"NETTY, true" })
	void writeToASilentServerEndsWithinTheGracePeriod(Carrier carrier, boolean interrupt) throws Exception {
		SilenceProxy proxy = proxy();
		User user = new User(carrier, proxy.url(), GRACE);
		byte[] large = new byte[40_000_000];
		user.call(() -> {
			Connection connection = user.connect();
			proxy.silence(Silence.ALL);
			try (Deadline.Scope scope = interrupt ? interrupted() : Deadline.after(Duration.ofMillis(50)).enter();
					PreparedStatement statement = connection.prepareStatement("select length(?)")) {
				statement.setBytes(1, large);
				assertThatExceptionOfType(SQLException.class).isThrownBy(statement::executeQuery)
					.satisfies((ex) -> assertThat(ex.getSQLState()).isEqualTo(CONNECTION_FAILURE));
			}
			assertThat(Thread.interrupted()).isEqualTo(interrupt);
			return null;
		});
	}

	@ParameterizedTest
	@EnumSource
	void housekeepingOfASilentServerEndsWithinTheGracePeriodAndIsNotCanceled(Carrier carrier) throws Exception {
		SilenceProxy proxy = proxy();
		User user = new User(carrier, proxy.url(), GRACE);
		user.call(() -> {
			Connection connection = user.connect();
			connection.setAutoCommit(false);
			backend(connection);
			proxy.silence(Silence.ALL);
			try (Deadline.Scope scope = Deadline.after(Duration.ZERO).enter()) {
				assertThatExceptionOfType(SQLException.class).isThrownBy(connection::rollback)
					.satisfies((ex) -> assertThat(ex.getSQLState()).isEqualTo(CONNECTION_FAILURE));
			}
			return null;
		});
		assertThat(proxy.connects()).isZero();
	}

	/**
	 * The answer is there, but a request to cancel is still under way.
	 */
	@ParameterizedTest
	@EnumSource
	void cancelRequestThatHangsDelaysTheAnswerByTheGracePeriodAtMost(Carrier carrier) throws Exception {
		SilenceProxy proxy = proxy();
		User user = new User(carrier, proxy.url(), GRACE);
		user.call(() -> {
			Connection connection = user.connect();
			proxy.silence(Silence.CONNECTS);
			try (Deadline.Scope scope = Deadline.after(Duration.ofMillis(50)).enter()) {
				sleep(connection, 0.15);
			}
			assertThatExceptionOfType(SQLException.class).as("a late request might meet this statement")
				.isThrownBy(() -> backend(connection))
				.satisfies((ex) -> assertThat(ex.getSQLState()).startsWith("08"));
			return null;
		});
		assertThat(proxy.connects()).isOne();
	}

	@ParameterizedTest
	@CsvSource({ "PLATFORM, false", "JDK, false", "JDK, true", "EVENT_LOOP, false", "EVENT_LOOP, true", "NETTY, false",
			"NETTY, true" })
	void waitForNotificationsEndsAtOnce(Carrier carrier, boolean interrupt) throws Exception {
		User user = new User(carrier, TestDatabase.instance().url(), LONG_GRACE);
		user.call(() -> {
			try (Connection connection = user.connect();
					Deadline.Scope scope = interrupt ? interrupted() : Deadline.after(Duration.ofMillis(50)).enter()) {
				assertThatExceptionOfType(SQLException.class)
					.isThrownBy(() -> connection.unwrap(PGConnection.class).getNotifications(0))
					.satisfies((ex) -> assertThat(ex.getSQLState()).startsWith("08"));
				assertThat(Thread.interrupted()).isEqualTo(interrupt);
			}
			return null;
		});
	}

	@ParameterizedTest
	@EnumSource
	void commitIsNeverCanceled(Carrier carrier) throws Exception {
		for (Commit commit : Commit.values()) {
			assertNeverCanceled(carrier, commit, false);
			if (carrier != Carrier.PLATFORM) {
				assertNeverCanceled(carrier, commit, true);
			}
		}
	}

	/**
	 * Without a standby a COMMIT waits; canceled, it would succeed with a warning.
	 */
	private void assertNeverCanceled(Carrier carrier, Commit commit, boolean interrupt) throws Exception {
		User user = new User(carrier, TestDatabase.instance().url(), GRACE);
		FutureTask<@Nullable String> committed;
		AtomicReference<Thread> thread = new AtomicReference<>();
		try (Connection connection = user.pool().getConnection();
				Connection admin = TestDatabase.instance().connect()) {
			execute(admin, "create table if not exists committed (name text)");
			connection.setAutoCommit(commit == Commit.TEXT || commit == Commit.PREPARED_TEXT);
			commit.prepare(connection);
			execute(connection, "set session synchronous_commit = on");
			if (connection.getAutoCommit()) {
				execute(connection, "begin");
			}
			execute(connection, "insert into committed values ('" + commit + "')");
			connection.clearWarnings();
			synchronousStandby(admin, "missing");
			committed = new FutureTask<>(() -> {
				try (Deadline.Scope scope = Deadline.after(interrupt ? LONG_GRACE : Duration.ofMillis(50)).enter()) {
					return commit.commit(connection);
				}
			});
			thread.set(user.carried.threads().newThread(committed));
			thread.get().start();
			awaitSyncRep(admin);
			if (interrupt) {
				thread.get().interrupt();
			}
			FutureTask<@Nullable String> waiting = committed;
			assertThatExceptionOfType(TimeoutException.class).as("%s, interrupt %s", commit, interrupt)
				.isThrownBy(() -> waiting.get(GRACE.toMillis() * 2, TimeUnit.MILLISECONDS));
			synchronousStandby(admin, "");
			assertThat(committed.get(30, TimeUnit.SECONDS)).as("warnings of %s", commit).isNull();
		}
		finally {
			try (Connection admin = TestDatabase.instance().connect()) {
				synchronousStandby(admin, "");
			}
		}
	}

	/**
	 * Deadlines at random moments of short and long statements. Each thread has a number
	 * of its own that the server sends back.
	 */
	@ParameterizedTest
	@EnumSource
	void deadlinesAtRandomMomentsMeetNoOtherStatement(Carrier carrier) throws Exception {
		User user = new User(carrier, TestDatabase.instance().url(), Duration.ofSeconds(10));
		Set<Integer> backends = user.backends();
		AtomicInteger canceled = new AtomicInteger();
		List<FutureTask<@Nullable Void>> tasks = new ArrayList<>();
		for (int i = 0; i < 6; i++) {
			int number = i;
			FutureTask<@Nullable Void> task = new FutureTask<>(() -> {
				for (int round = 0; round < 100; round++) {
					canceled.addAndGet(round(user, number));
				}
				return null;
			});
			user.carried.threads().newThread(task).start();
			tasks.add(task);
		}
		for (FutureTask<?> task : tasks) {
			task.get(60, TimeUnit.SECONDS);
		}
		assertThat(canceled).hasPositiveValue();
		assertThat(user.backends()).isEqualTo(backends);
	}

	private static int round(User user, int number) throws SQLException {
		int canceled = 0;
		try (Connection connection = user.pool().getConnection()) {
			connection.setAutoCommit(false);
			long micros = ThreadLocalRandom.current().nextInt(6000);
			try (Deadline.Scope scope = Deadline.after(Duration.ofNanos(micros * 1000)).enter()) {
				query(connection, number);
				query(connection, number);
			}
			catch (SQLException ex) {
				assertThat(ex.getSQLState()).isEqualTo(QUERY_CANCELED);
				canceled++;
			}
			connection.rollback();
			query(connection, number);
			connection.commit();
		}
		return canceled;
	}

	private static void query(Connection connection, int number) throws SQLException {
		double seconds = ThreadLocalRandom.current().nextBoolean() ? 0 : 0.003;
		try (PreparedStatement statement = connection.prepareStatement("select ?, pg_sleep(" + seconds + ")")) {
			statement.setInt(1, number);
			try (ResultSet result = statement.executeQuery()) {
				result.next();
				assertThat(result.getInt(1)).isEqualTo(number);
			}
		}
	}

	@ParameterizedTest
	@EnumSource(names = "PLATFORM", mode = EnumSource.Mode.EXCLUDE)
	void interruptThatWasAnsweredIsForgottenWithTheConnection(Carrier carrier) throws Exception {
		User user = new User(carrier, TestDatabase.instance().url(), LONG_GRACE);
		user.call(() -> {
			try (Connection one = user.connect(); Connection other = user.connect()) {
				Thread.currentThread().interrupt();
				assertCanceled(() -> sleep(one, 60));
				sleep(one, 0.02);
				assertCanceled(() -> sleep(other, 60));
				sleep(other, 0.02);
				Thread.interrupted();
				DriverSocket.forgetAnsweredInterrupt();
				Thread.currentThread().interrupt();
				assertCanceled(() -> sleep(other, 60));
				assertThat(Thread.interrupted()).isTrue();
			}
			return null;
		});
	}

	@ParameterizedTest
	@EnumSource
	void busyTimeIsWhatWasWaitedFor(Carrier carrier) throws Exception {
		User user = new User(carrier, TestDatabase.instance().url(), LONG_GRACE);
		user.call(() -> {
			try (Connection connection = user.pool().getConnection()) {
				DriverSocket socket = socket(connection);
				long before = socket.busyNanos();
				long start = System.nanoTime();
				sleep(connection, 0.2);
				long elapsed = System.nanoTime() - start;
				assertThat(socket.busyNanos() - before).isBetween(TimeUnit.MILLISECONDS.toNanos(190), elapsed);
				assertThat(socket.lastActivity() - start).isBetween(TimeUnit.MILLISECONDS.toNanos(190), elapsed);
			}
			return null;
		});
	}

	@ParameterizedTest
	@EnumSource
	void busyTimeGrowsWhileAWaitGoesOn(Carrier carrier) throws Exception {
		User user = new User(carrier, TestDatabase.instance().url(), LONG_GRACE);
		try (Connection connection = user.connect()) {
			DriverSocket socket = socket(connection);
			int seconds = sleeps.incrementAndGet();
			FutureTask<?> task = new FutureTask<>(() -> {
				try (Deadline.Scope scope = Deadline.after(Duration.ofMillis(500)).enter()) {
					assertCanceled(() -> sleep(connection, seconds));
				}
				return null;
			});
			user.carried.threads().newThread(task).start();
			while (ActiveBackends.count("%pg_sleep(" + seconds + ")%") == 0) {
				assertThat(task.isDone()).isFalse();
			}
			long before = socket.busyNanos();
			while (socket.busyNanos() - before < TimeUnit.MILLISECONDS.toNanos(50)) {
				assertThat(task.isDone()).isFalse();
			}
			task.get(30, TimeUnit.SECONDS);
		}
	}

	private static DriverSocket socket(Connection connection) {
		return Objects.requireNonNull(PostgresqlDriver.socket(connection));
	}

	private SilenceProxy proxy() throws IOException {
		SilenceProxy proxy = new SilenceProxy(TestDatabase.instance());
		this.resources.add(proxy);
		return proxy;
	}

	private static Deadline.Scope interrupted() {
		Thread.currentThread().interrupt();
		return () -> {
		};
	}

	private static void assertCanceled(org.assertj.core.api.ThrowableAssert.ThrowingCallable statement) {
		assertThatExceptionOfType(SQLException.class).isThrownBy(statement)
			.satisfies((ex) -> assertThat(ex.getSQLState()).as("%s", ex).isEqualTo(QUERY_CANCELED));
	}

	private static void synchronousStandby(Connection admin, String name) throws SQLException {
		execute(admin, "alter system set synchronous_standby_names = '" + name + "'");
		execute(admin, "select pg_reload_conf()");
		long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
		String shown;
		do {
			try (Connection connection = TestDatabase.instance().connect();
					Statement statement = connection.createStatement();
					ResultSet result = statement.executeQuery("show synchronous_standby_names")) {
				result.next();
				shown = result.getString(1);
			}
			assertThat(System.nanoTime()).isLessThan(deadline);
		}
		while (!name.equals(shown));
	}

	private static void awaitSyncRep(Connection admin) throws SQLException {
		long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
		boolean waits = false;
		while (!waits) {
			try (Statement statement = admin.createStatement();
					ResultSet result = statement
						.executeQuery("select count(*) from pg_stat_activity where wait_event = 'SyncRep'")) {
				result.next();
				waits = result.getInt(1) > 0;
			}
			assertThat(System.nanoTime()).isLessThan(deadline);
		}
	}

	private static void execute(Connection connection, String sql) throws SQLException {
		try (Statement statement = connection.createStatement()) {
			statement.execute(sql);
		}
	}

	private static int backend(Connection connection) throws SQLException {
		try (Statement statement = connection.createStatement();
				ResultSet result = statement.executeQuery("select pg_backend_pid()")) {
			result.next();
			return result.getInt(1);
		}
	}

	private static void sleep(Connection connection, double seconds) throws SQLException {
		execute(connection,
				"select pg_sleep(" + ((seconds % 1 == 0) ? Integer.toString((int) seconds) : seconds) + ")");
	}

	/**
	 * Ways to commit.
	 */
	enum Commit {

		METHOD {

			@Override
			@Nullable String commit(Connection connection) throws SQLException {
				connection.commit();
				return warning(connection);
			}

		},

		AUTO_COMMIT {

			@Override
			@Nullable String commit(Connection connection) throws SQLException {
				connection.setAutoCommit(true);
				return warning(connection);
			}

		},

		TEXT {

			@Override
			@Nullable String commit(Connection connection) throws SQLException {
				return execute(connection, "/* done */ Commit");
			}

		},

		PREPARED_TEXT {

			@Override
			void prepare(Connection connection) throws SQLException {
				for (int i = 0; i < 10; i++) {
					execute(connection, "end");
				}
			}

			@Override
			@Nullable String commit(Connection connection) throws SQLException {
				return execute(connection, "end");
			}

		};

		void prepare(Connection connection) throws SQLException {
		}

		/**
		 * Return a warning, or {@code null}.
		 */
		abstract @Nullable String commit(Connection connection) throws SQLException;

		private static @Nullable String warning(Connection connection) throws SQLException {
			return (connection.getWarnings() != null) ? connection.getWarnings().getMessage() : null;
		}

		private static @Nullable String execute(Connection connection, String sql) throws SQLException {
			try (PreparedStatement statement = connection.prepareStatement(sql)) {
				statement.execute();
				return (statement.getWarnings() != null) ? statement.getWarnings().getMessage() : null;
			}
		}

	}

	private final class User {

		private final Carrier.Carried carried;

		private final String url;

		private final String key;

		private final Set<HikariDataSource> pools = ConcurrentHashMap.newKeySet();

		User(Carrier carrier, String url, Duration grace) throws IOException {
			this.carried = carrier.open(InterruptPolicy.CANCEL, grace);
			this.url = url;
			this.key = CooperativeSocketFactory.register(this.carried.sockets());
			GivingUpTests.this.resources.add(this.carried.resource());
			GivingUpTests.this.resources.add(() -> CooperativeSocketFactory.unregister(this.key));
			GivingUpTests.this.resources.add(() -> this.pools.forEach(HikariDataSource::close));
		}

		void call(Callable<?> action) throws Exception {
			FutureTask<?> task = new FutureTask<>(action);
			this.carried.threads().newThread(task).start();
			task.get(60, TimeUnit.SECONDS);
		}

		Connection connect() throws SQLException {
			Properties properties = new Properties();
			properties.setProperty("user", TestDatabase.instance().username());
			properties.setProperty("password", TestDatabase.instance().password());
			PostgresqlDriver.install(properties, this.key);
			return Objects.requireNonNull(new CancellingDriver().connect(this.url, properties));
		}

		synchronized HikariDataSource pool() {
			if (this.pools.isEmpty()) {
				HikariDataSource pool = new HikariDataSource();
				pool.setJdbcUrl(this.url);
				pool.setUsername(TestDatabase.instance().username());
				pool.setPassword(TestDatabase.instance().password());
				pool.setDriverClassName(CancellingDriver.class.getName());
				pool.setMaximumPoolSize(4);
				PostgresqlDriver.install(pool.getDataSourceProperties(), this.key);
				this.pools.add(pool);
			}
			return this.pools.iterator().next();
		}

		Set<Integer> backends() throws SQLException {
			List<Connection> connections = new ArrayList<>();
			Set<Integer> backends = new HashSet<>();
			try {
				for (int i = 0; i < pool().getMaximumPoolSize(); i++) {
					Connection connection = pool().getConnection();
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

}
