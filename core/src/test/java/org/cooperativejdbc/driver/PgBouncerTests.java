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
import java.net.InetSocketAddress;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.FutureTask;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

import com.zaxxer.hikari.HikariDataSource;
import org.cooperativejdbc.Deadline;
import org.cooperativejdbc.test.CancelDelayProxy;
import org.cooperativejdbc.test.Carrier;
import org.cooperativejdbc.test.Database;
import org.cooperativejdbc.test.HaProxy;
import org.cooperativejdbc.test.PgBouncer;
import org.cooperativejdbc.test.PgBouncer.Mode;
import org.cooperativejdbc.test.TestDatabase;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.postgresql.PGConnection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * PgBouncer itself between driver and server. The interrupts of a storm are counted with
 * {@code -Dpgbouncer.interrupts=N}.
 */
@Timeout(120)
class PgBouncerTests {

	private static final int INTERRUPTS = Integer.getInteger("pgbouncer.interrupts", 300);

	private static final Duration GRACE = Duration.ofSeconds(20);

	/**
	 * Statements of the driver's own names would be those of others, and a request to
	 * cancel is to pass through a proxy that reads it.
	 */
	private static final String PARAMETERS = "?prepareThreshold=0&sslmode=disable";

	private final List<AutoCloseable> resources = new ArrayList<>();

	@RegisterExtension
	private final DatabaseUsers users = new DatabaseUsers();

	@AfterEach
	void close() throws Exception {
		for (AutoCloseable resource : this.resources.reversed()) {
			resource.close();
		}
	}

	/**
	 * Some threads are interrupted at random moments. A statement that is canceled is one
	 * of theirs, and each thread gets its own number.
	 */
	@ParameterizedTest
	@CsvSource({ "JDK, SESSION, 1, 0", "EVENT_LOOP, SESSION, 2, 0", "JDK, TRANSACTION, 2, 0",
			"EVENT_LOOP, TRANSACTION, 1, 0", "NETTY, TRANSACTION, 1, 0", "JDK, TRANSACTION, 1, 10",
			"EVENT_LOOP, TRANSACTION, 2, 10" })
	void interruptsCancelNobodyElsesStatement(Carrier carrier, Mode mode, int hops, int delayMillis) throws Exception {
		InetSocketAddress way = way(mode, hops);
		Storm storm = (delayMillis > 0) ? storm(carrier, delaying(way, delayMillis, false), 3 * delayMillis)
				: storm(carrier, way, 5);
		assertThat(storm.foreignCancels).hasValue(0);
		assertThat(storm.canceled).hasPositiveValue();
		assertThat(storm.unanswered.get()).as("connections lost").isLessThan(1 + storm.canceled.get() / 10);
	}

	/**
	 * The control: what no driver can know of, and that the storm would see it. On a busy
	 * machine a single one may meet nobody.
	 */
	@Test
	void hopThatTellsOfACancellationTooSoonLetsItMeetAnother() throws Exception {
		InetSocketAddress way = delaying(way(Mode.TRANSACTION, 1), 10, true);
		int foreignCancels = 0;
		for (int i = 0; i < 5 && foreignCancels == 0; i++) {
			foreignCancels = storm(Carrier.JDK, way, 5).foreignCancels.get();
		}
		assertThat(foreignCancels).isPositive();
	}

	/**
	 * Every second connection, those that are to cancel included, goes to the other one
	 * of two.
	 */
	@ParameterizedTest
	@CsvSource({ "JDK, SESSION, true", "EVENT_LOOP, TRANSACTION, true", "NETTY, TRANSACTION, true",
			"EVENT_LOOP, TRANSACTION, false" })
	void interruptsCancelNobodyElsesStatementBehindABalancer(Carrier carrier, Mode mode, boolean peers)
			throws Exception {
		HaProxy balancer = new HaProxy(List.of(pgBouncers(mode, peers)));
		this.resources.add(balancer);
		Storm storm = storm(carrier, balancer.address(), 5);
		assertThat(storm.foreignCancels).hasValue(0);
		assertThat(storm.canceled).hasPositiveValue();
		assertThat(storm.unanswered.get()).as("connections lost").isLessThan(1 + storm.canceled.get() / 10);
	}

	/**
	 * One that is no peer does not know the statement, and the request is lost: the
	 * thread goes on, and the statement too.
	 */
	@ParameterizedTest
	@CsvSource({ "JDK, true, true", "EVENT_LOOP, false, true", "JDK, false, false", "EVENT_LOOP, true, false" })
	void waitEndsWhenItsRequestReachesAnotherPgBouncer(Carrier carrier, boolean interrupt, boolean peers)
			throws Exception {
		String statement = "select pg_sleep(60) /* balanced */";
		InetSocketAddress[] pgBouncers = pgBouncers(Mode.TRANSACTION, peers);
		CancelDelayProxy balancer = new CancelDelayProxy(pgBouncers[0], pgBouncers[1]);
		this.resources.add(balancer);
		DatabaseUser user = this.users.open(carrier, Database.POSTGRESQL.url(balancer.address()) + PARAMETERS,
				Duration.ofMillis(500));
		try (Connection connection = user.connect()) {
			user.call(() -> {
				try (Deadline.Scope scope = interrupt ? Statements.interrupted()
						: Deadline.after(Duration.ofMillis(100)).enter()) {
					if (peers) {
						Statements.assertCanceled(() -> Statements.execute(connection, statement));
					}
					else {
						Statements.assertLost(Database.POSTGRESQL, () -> Statements.execute(connection, statement));
					}
				}
				return null;
			});
			assertThat(connection.isClosed()).isEqualTo(!peers);
			assertThat(Database.POSTGRESQL.running("%balanced%")).isEqualTo(peers ? 0 : 1);
		}
		finally {
			Database.POSTGRESQL.terminate("%balanced%");
		}
	}

	private InetSocketAddress[] pgBouncers(Mode mode, boolean peers) throws IOException {
		InetSocketAddress server = Database.POSTGRESQL.address();
		String setting = "default_pool_size=4";
		List<PgBouncer> pgBouncers = peers ? PgBouncer.peers(mode, server, setting)
				: List.of(new PgBouncer(mode, server, setting), new PgBouncer(mode, server, setting));
		this.resources.addAll(pgBouncers);
		return pgBouncers.stream().map(PgBouncer::address).toArray(InetSocketAddress[]::new);
	}

	private InetSocketAddress way(Mode mode, int hops) throws IOException {
		InetSocketAddress next = Database.POSTGRESQL.address();
		for (int i = 0; i < hops; i++) {
			next = pgBouncer(mode, next, "default_pool_size=4").address();
		}
		return next;
	}

	private InetSocketAddress delaying(InetSocketAddress next, int millis, boolean hasty) throws IOException {
		CancelDelayProxy proxy = new CancelDelayProxy(next, Duration.ofMillis(millis), hasty);
		this.resources.add(proxy);
		return proxy.address();
	}

	private PgBouncer pgBouncer(Mode mode, InetSocketAddress server, String... settings) throws IOException {
		PgBouncer pgBouncer = new PgBouncer(mode, server, settings);
		this.resources.add(pgBouncer);
		return pgBouncer;
	}

	private PgBouncer pgBouncer(Mode mode, String... settings) throws IOException {
		return pgBouncer(mode, Database.POSTGRESQL.address(), settings);
	}

	private Storm storm(Carrier carrier, InetSocketAddress way, int millis) throws Exception {
		DatabaseUser user = this.users.open(carrier, Database.POSTGRESQL.url(way) + PARAMETERS, GRACE);
		Storm storm = new Storm(user.pool(), millis);
		List<Thread> interruptible = new ArrayList<>();
		List<FutureTask<?>> tasks = new ArrayList<>();
		for (int i = 0; i < 5; i++) {
			boolean innocent = i < 2;
			int number = i;
			FutureTask<?> task = new FutureTask<>(() -> storm.use(number, innocent), null);
			Thread thread = user.threads().newThread(task);
			tasks.add(task);
			if (!innocent) {
				interruptible.add(thread);
			}
			thread.start();
		}
		for (int i = 0; i < INTERRUPTS; i++) {
			LockSupport.parkNanos(ThreadLocalRandom.current().nextInt(6_000_000));
			interruptible.get(ThreadLocalRandom.current().nextInt(interruptible.size())).interrupt();
		}
		storm.ended = true;
		for (FutureTask<?> task : tasks) {
			task.get(60, TimeUnit.SECONDS);
		}
		System.out.println("PgBouncer, " + carrier + ": " + INTERRUPTS + " interrupts, " + storm);
		assertThat(storm.foreignRows).hasValue(0);
		assertThat(storm.failures).isEmpty();
		await()
			.untilAsserted(() -> assertThat(Database.POSTGRESQL.running("%storm%")).as("left in the server").isZero());
		return storm;
	}

	@ParameterizedTest
	@ValueSource(booleans = { true, false })
	void waitForAServerConnectionOfPgBouncerEnds(boolean interrupt) throws Exception {
		PgBouncer pgBouncer = pgBouncer(Mode.TRANSACTION, "default_pool_size=1");
		for (Carrier carrier : new Carrier[] { Carrier.JDK, Carrier.EVENT_LOOP }) {
			DatabaseUser user = this.users.open(carrier, pgBouncer.url() + PARAMETERS, Duration.ofMillis(500));
			try (Connection other = connect(pgBouncer.url() + PARAMETERS); Connection connection = user.connect()) {
				other.setAutoCommit(false);
				Statements.backend(other);
				user.call(() -> {
					try (Deadline.Scope scope = interrupt ? Statements.interrupted()
							: Deadline.after(Duration.ofMillis(100)).enter()) {
						Statements.assertLost(Database.POSTGRESQL, () -> Statements.backend(connection));
					}
					return null;
				});
			}
		}
	}

	@ParameterizedTest
	@EnumSource
	void poolerIsSeen(Mode mode) throws Exception {
		PgBouncer pgBouncer = pgBouncer(mode);
		assertThat(observe(pgBouncer.url()))
			.isEqualTo((mode == Mode.SESSION) ? StatementPooling.UNSEEN : StatementPooling.BROKEN);
		assertThat(observe(pgBouncer.url() + "?prepareThreshold=0"))
			.isEqualTo((mode == Mode.SESSION) ? StatementPooling.UNSEEN : StatementPooling.TRACKED);
	}

	@Test
	void poolerThatKeepsTrackOfStatementsIsSeen() throws Exception {
		PgBouncer.assumeTracksStatements();
		PgBouncer pgBouncer = pgBouncer(Mode.TRANSACTION, "max_prepared_statements=100");
		assertThat(observe(pgBouncer.url())).isEqualTo(StatementPooling.TRACKED);
	}

	/**
	 * A pool of size one has no other connection to compare with.
	 */
	@ParameterizedTest
	@EnumSource
	void poolerIsSeenByASingleConnection(Mode mode) throws Exception {
		PgBouncer pgBouncer = pgBouncer(mode, "server_round_robin=1", "default_pool_size=2");
		try (Connection connection = connect(pgBouncer.url())) {
			assertThat(StatementPooling.of(connection)).isEqualTo(StatementPooling.UNSEEN);
		}
		if (mode == Mode.TRANSACTION) {
			openServerConnections(pgBouncer.url() + PARAMETERS);
			try (Connection connection = connect(pgBouncer.url());
					Connection unprepared = connect(pgBouncer.url() + PARAMETERS)) {
				assertThat(StatementPooling.of(connection)).isEqualTo(StatementPooling.BROKEN);
				assertThat(StatementPooling.of(unprepared)).isEqualTo(StatementPooling.TRACKED);
			}
		}
	}

	private static StatementPooling observe(String url) throws SQLException {
		try (Connection first = connect(url); Connection second = connect(url)) {
			return StatementPooling.between(first, second);
		}
	}

	/**
	 * What works, it does with our sockets and with the JDK's, and what does not, with
	 * neither. Two server connections take turns.
	 */
	@ParameterizedTest
	@EnumSource
	void featuresWorkAsWithoutTheStarter(Feature feature) throws Exception {
		for (Mode mode : Mode.values()) {
			assertThat(works(feature, mode, false)).as("%s, JDK", mode).isEqualTo(feature.worksIn(mode));
			assertThat(works(feature, mode, true)).as("%s, starter", mode).isEqualTo(feature.worksIn(mode));
		}
	}

	@Test
	void preparedStatementsWorkInAPoolerThatKeepsTrackOfThem() throws Exception {
		PgBouncer.assumeTracksStatements();
		for (boolean starter : new boolean[] { false, true }) {
			assertThat(works(Feature.PREPARED_STATEMENT, Mode.TRANSACTION, starter, "max_prepared_statements=100"))
				.isTrue();
		}
	}

	private boolean works(Feature feature, Mode mode, boolean starter, String... settings) throws Exception {
		List<String> all = new ArrayList<>(List.of("server_round_robin=1", "default_pool_size=2"));
		all.addAll(List.of(settings));
		PgBouncer pgBouncer = pgBouncer(mode, all.toArray(String[]::new));
		boolean[] works = new boolean[1];
		String url = pgBouncer.url() + ((feature == Feature.PREPARED_STATEMENT) ? "" : PARAMETERS);
		DatabaseUser user = this.users.open(Carrier.EVENT_LOOP, url, GRACE);
		try (Connection connection = starter ? user.connect() : connect(url)) {
			if (mode == Mode.TRANSACTION) {
				openServerConnections(url);
			}
			user.call(() -> {
				works[0] = feature.works(connection);
				return null;
			});
		}
		return works[0];
	}

	/**
	 * Use two at once. With a threshold for prepared statements, the driver leaves one of
	 * its own in each.
	 */
	private static void openServerConnections(String url) throws SQLException {
		try (Connection first = connect(url); Connection second = connect(url)) {
			first.setAutoCommit(false);
			second.setAutoCommit(false);
			assertThat(Statements.backend(first)).isNotEqualTo(Statements.backend(second));
			first.rollback();
			second.rollback();
		}
	}

	/**
	 * Four clients share two server connections, so that none is served anymore if one is
	 * not given back.
	 */
	@ParameterizedTest
	@EnumSource(names = { "JDK", "EVENT_LOOP" })
	void serverConnectionsAreGivenBackAfterOverlappedCommits(Carrier carrier) throws Exception {
		PgBouncer pgBouncer = pgBouncer(Mode.TRANSACTION, "default_pool_size=2");
		DatabaseUser user = this.users.open(carrier, pgBouncer.url() + PARAMETERS, GRACE).overlapCommits();
		try (Connection admin = TestDatabase.instance().connect()) {
			Statements.execute(admin, "drop table if exists pooled");
			Statements.execute(admin, "create table pooled (thread int, count int)");
		}
		AtomicInteger reads = new AtomicInteger();
		List<FutureTask<?>> tasks = new ArrayList<>();
		for (int i = 0; i < 6; i++) {
			int number = i;
			FutureTask<?> task = new FutureTask<>(() -> {
				for (int count = 0; count < 100; count++) {
					write(user.pool(), number, count);
					assertThat(read(user.pool(), number)).isEqualTo(count);
					reads.incrementAndGet();
				}
				return null;
			});
			user.threads().newThread(task).start();
			tasks.add(task);
		}
		for (FutureTask<?> task : tasks) {
			task.get(60, TimeUnit.SECONDS);
		}
		assertThat(reads).hasValue(600);
		assertThat(user.overlappedCommits()).isBetween(300L, 600L);
		openServerConnections(pgBouncer.url() + PARAMETERS);
	}

	private static void write(HikariDataSource pool, int number, int count) throws SQLException {
		try (Connection connection = pool.getConnection()) {
			connection.setAutoCommit(false);
			Statements.execute(connection, "delete from pooled where thread = " + number);
			Statements.execute(connection, "insert into pooled values (%d, %d)".formatted(number, count));
			connection.commit();
		}
	}

	private static int read(HikariDataSource pool, int number) throws SQLException {
		try (Connection connection = pool.getConnection()) {
			connection.setReadOnly(true);
			connection.setAutoCommit(false);
			int count = number(connection, "select count from pooled where thread = " + number);
			connection.commit();
			return count;
		}
	}

	/**
	 * As a new version of PgBouncer is rolled out.
	 */
	@ParameterizedTest
	@EnumSource(names = { "JDK", "EVENT_LOOP" })
	void poolRecoversWhenPgBouncerRestarts(Carrier carrier) throws Exception {
		PgBouncer pgBouncer = pgBouncer(Mode.SESSION);
		DatabaseUser user = this.users.open(carrier, pgBouncer.url() + PARAMETERS, GRACE);
		user.backends();
		pgBouncer.restart();
		await().atMost(Duration.ofMinutes(1))
			.ignoreExceptions()
			.until(() -> user.backends().size() == user.pool().getMaximumPoolSize());
		assertThat(user.pool().getHikariPoolMXBean().getActiveConnections()).isZero();
	}

	private static Connection connect(String url) throws SQLException {
		return DriverManager.getConnection(url, Database.POSTGRESQL.username(), Database.POSTGRESQL.password());
	}

	private static int number(Connection connection, String query) throws SQLException {
		try (Statement statement = connection.createStatement(); ResultSet result = statement.executeQuery(query)) {
			assertThat(result.next()).isTrue();
			return result.getInt(1);
		}
	}

	/**
	 * What applications do on a connection, and whether it works where each transaction
	 * may get another server connection.
	 */
	enum Feature {

		PREPARED_STATEMENT(false) {

			@Override
			boolean works(Connection connection) {
				try (PreparedStatement statement = connection.prepareStatement("select ?::int")) {
					for (int i = 0; i < 20; i++) {
						statement.setInt(1, i);
						statement.executeQuery().close();
					}
					return true;
				}
				catch (SQLException ex) {
					assertThat(ex.getSQLState()).isIn("26000", "42P05");
					return false;
				}
			}

		},

		SETTING(false) {

			@Override
			boolean works(Connection connection) throws SQLException {
				Statements.execute(connection, "set work_mem = 7777");
				return number(connection, "select setting::int from pg_settings where name = 'work_mem'") == 7777;
			}

		},

		SETTING_OF_A_TRANSACTION(true) {

			@Override
			boolean works(Connection connection) throws SQLException {
				connection.setAutoCommit(false);
				Statements.execute(connection, "set local work_mem = 7777");
				int setting = number(connection, "select setting::int from pg_settings where name = 'work_mem'");
				connection.commit();
				return setting == 7777;
			}

		},

		ADVISORY_LOCK(false) {

			@Override
			boolean works(Connection connection) throws SQLException {
				Statements.execute(connection, "select pg_advisory_lock(4711)");
				boolean unlocked = number(connection, "select pg_advisory_unlock(4711)::int") == 1;
				if (!unlocked) {
					number(connection, "select pg_advisory_unlock(4711)::int");
				}
				return unlocked;
			}

		},

		ADVISORY_LOCK_OF_A_TRANSACTION(true) {

			@Override
			boolean works(Connection connection) throws SQLException {
				connection.setAutoCommit(false);
				Statements.execute(connection, "select pg_advisory_xact_lock(4712)");
				int locks = number(connection,
						"select count(*) from pg_locks where pid = pg_backend_pid() and objid = 4712");
				connection.commit();
				return locks == 1;
			}

		},

		TEMPORARY_TABLE(false) {

			@Override
			boolean works(Connection connection) throws SQLException {
				Statements.execute(connection, "create temporary table temporary_of_session (id int)");
				try {
					return number(connection, "select count(*) from temporary_of_session") == 0;
				}
				catch (SQLException ex) {
					return false;
				}
			}

		},

		CURSOR(true) {

			@Override
			boolean works(Connection connection) throws SQLException {
				connection.setAutoCommit(false);
				int rows = 0;
				try (Statement statement = connection.createStatement()) {
					statement.setFetchSize(10);
					try (ResultSet result = statement.executeQuery("select generate_series(1, 100)")) {
						while (result.next()) {
							rows++;
						}
					}
				}
				connection.commit();
				return rows == 100;
			}

		},

		NOTIFICATIONS(false) {

			@Override
			boolean works(Connection connection) throws SQLException {
				Statements.execute(connection, "listen pooled_news");
				PGConnection listener = connection.unwrap(PGConnection.class);
				try (Connection other = TestDatabase.instance().connect()) {
					Statements.execute(other, "notify pooled_news");
				}
				Statements.execute(connection, "select 'the answer comes after the notification'");
				return listener.getNotifications().length == 1;
			}

		};

		private final boolean transactionMode;

		Feature(boolean transactionMode) {
			this.transactionMode = transactionMode;
		}

		boolean worksIn(Mode mode) {
			return mode == Mode.SESSION || this.transactionMode;
		}

		abstract boolean works(Connection connection) throws SQLException;

	}

	/**
	 * Statements of threads of which some are interrupted.
	 */
	private static final class Storm {

		private final HikariDataSource pool;

		private final int millis;

		private final AtomicInteger statements = new AtomicInteger();

		private final AtomicInteger canceled = new AtomicInteger();

		private final AtomicInteger foreignCancels = new AtomicInteger();

		private final AtomicInteger foreignRows = new AtomicInteger();

		private final AtomicInteger unanswered = new AtomicInteger();

		private final Set<String> failures = new ConcurrentSkipListSet<>();

		private volatile boolean ended;

		Storm(HikariDataSource pool, int millis) {
			this.pool = pool;
			this.millis = millis;
		}

		void use(int number, boolean innocent) {
			while (!this.ended) {
				try (Connection connection = this.pool.getConnection()) {
					connection.setAutoCommit(ThreadLocalRandom.current().nextBoolean());
					for (int i = 0; i < 4; i++) {
						query(connection, number);
					}
					if (!connection.getAutoCommit()) {
						connection.commit();
					}
				}
				catch (SQLException ex) {
					failed(ex, !innocent && Thread.currentThread().isInterrupted());
				}
				Thread.interrupted();
			}
		}

		private void failed(SQLException ex, boolean interrupted) {
			if ("57014".equals(ex.getSQLState())) {
				(interrupted ? this.canceled : this.foreignCancels).incrementAndGet();
			}
			else if (interrupted && isLost(ex)) {
				this.unanswered.incrementAndGet();
			}
			else if (!interrupted || !String.valueOf(ex.getMessage()).contains("connection acquisition")) {
				this.failures.add(ex.getSQLState() + " " + ex.getMessage());
			}
		}

		/**
		 * Return whether nothing has been answered in time, or the statement has but not
		 * the request, without which there is no next one; or the request has met the SET
		 * that PgBouncer sends before the statement of a client whose parameters differ
		 * from those of the server connection, upon which it ends the client's.
		 */
		private static boolean isLost(SQLException ex) {
			return "08006".equals(ex.getSQLState()) || "08003".equals(ex.getSQLState())
					|| String.valueOf(ex.getMessage()).contains("invalid server parameter");
		}

		private void query(Connection connection, int number) throws SQLException {
			String work = ThreadLocalRandom.current().nextBoolean() ? "0"
					: "pg_sleep(%d / 1000.0)".formatted(this.millis);
			try (PreparedStatement statement = connection.prepareStatement("select ?::int, " + work + " /* storm */")) {
				statement.setInt(1, number);
				try (ResultSet result = statement.executeQuery()) {
					result.next();
					if (result.getInt(1) != number) {
						this.foreignRows.incrementAndGet();
					}
					this.statements.incrementAndGet();
				}
			}
		}

		@Override
		public String toString() {
			return this.statements + " statements, " + this.canceled + " canceled, " + this.foreignCancels
					+ " canceled for another thread, " + this.foreignRows + " foreign rows, " + this.unanswered
					+ " connections lost";
		}

	}

}
