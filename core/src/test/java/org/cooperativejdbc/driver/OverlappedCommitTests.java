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

import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;

import org.cooperativejdbc.Deadline;
import org.cooperativejdbc.socket.DriverSocket;
import org.cooperativejdbc.test.Carrier;
import org.cooperativejdbc.test.PoolerProxy;
import org.cooperativejdbc.test.TestDatabase;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.postgresql.PGConnection;
import org.postgresql.core.TransactionState;
import org.postgresql.jdbc.AutoSave;
import org.postgresql.jdbc.PgConnection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * The COMMIT of a transaction that has only read is not waited for, and everything else
 * is as ever, with and without TLS. Tests for {@link ReadingConnection}.
 */
@ParameterizedClass
@MethodSource("org.cooperativejdbc.test.TestDatabase#withAndWithoutTls")
@Timeout(60)
class OverlappedCommitTests {

	private static final Duration GRACE = Duration.ofMillis(300);

	private static final Duration LONG_GRACE = Duration.ofMinutes(5);

	@RegisterExtension
	private final DatabaseUsers users = new DatabaseUsers();

	@Parameter
	@SuppressWarnings("NullAway.Init")
	private TestDatabase database;

	@ParameterizedTest
	@EnumSource
	void threadGoesOnBeforeTheServerHasTheCommit(Carrier carrier) throws Exception {
		try (HeldCommits commits = new HeldCommits()) {
			DatabaseUser user = user(carrier, commits, LONG_GRACE);
			user.call(() -> {
				try (Connection connection = user.connect()) {
					Statements.beginReadOnly(connection);
					commits.hold();
					assertThat(Statements.number(connection, "select 2")).isEqualTo(2);
					connection.commit();
					assertIdle(connection);
					connection.setReadOnly(false);
					connection.setAutoCommit(true);
					commits.release();
					assertThat(Statements.number(connection, "select 3")).isEqualTo(3);
				}
				return null;
			});
			assertThat(user.overlappedCommits()).isEqualTo(1);
		}
	}

	/**
	 * What may fail to commit, or may have written, or is not known to have only read.
	 */
	@ParameterizedTest
	@ValueSource(strings = { "set transaction isolation level serializable", "set local statement_timeout = 0",
			"savepoint one", "select 1; select 2", "with one as (select 1) select * from one",
			"/* select */ values (1)", "-- select\n explain select 1", "do 'begin perform 1; end'",
			"set transaction read write", "select set_config('application_name', 'other', true)",
			"declare c cursor for select 1" })
	void commitOfWhatHasNotOnlyReadIsWaitedFor(String statement) throws Exception {
		DatabaseUser user = user(Carrier.PLATFORM);
		try (Connection connection = user.connect()) {
			Statements.beginReadOnly(connection);
			Statements.execute(connection, statement);
			connection.commit();
			assertThat(user.overlappedCommits()).isZero();
			readAndCommit(connection, 2);
			assertThat(user.overlappedCommits()).isPositive();
		}
	}

	@ParameterizedTest
	@ValueSource(strings = { "select 1", "SHOW work_mem", "/* a /* comment */ */ -- and another\n select 1" })
	void commitOfWhatHasOnlyReadIsNotWaitedFor(String statement) throws Exception {
		DatabaseUser user = user(Carrier.PLATFORM);
		try (Connection connection = user.connect()) {
			Statements.beginReadOnly(connection);
			Statements.execute(connection, statement);
			connection.commit();
			assertThat(user.overlappedCommits()).isEqualTo(1);
		}
	}

	@Test
	void commitOfTransactionsThatMayWriteIsWaitedFor() throws Exception {
		DatabaseUser user = user(Carrier.PLATFORM);
		try (Connection connection = user.connect()) {
			Statements.beginReadOnly(connection);
			connection.setReadOnly(false);
			readAndCommit(connection, 2);
			connection.setReadOnly(true);
			Statements.execute(connection, "set session characteristics as transaction isolation level serializable");
			connection.commit();
			readAndCommit(connection, 3);
			connection.setTransactionIsolation(Connection.TRANSACTION_SERIALIZABLE);
			readAndCommit(connection, 3);
			connection.unwrap(PgConnection.class).setAutosave(AutoSave.ALWAYS);
			connection.setTransactionIsolation(Connection.TRANSACTION_READ_COMMITTED);
			readAndCommit(connection, 3);
			assertThat(user.overlappedCommits()).isZero();
			connection.unwrap(PgConnection.class).setAutosave(AutoSave.NEVER);
			readAndCommit(connection, 2);
			connection.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
			readAndCommit(connection, 2);
			assertThat(user.overlappedCommits()).isEqualTo(4);
		}
	}

	@Test
	void failedTransactionIsRolledBackByItsCommit() throws Exception {
		DatabaseUser user = user(Carrier.PLATFORM);
		try (Connection connection = user.connect()) {
			Statements.beginReadOnly(connection);
			assertThatExceptionOfType(SQLException.class)
				.isThrownBy(() -> Statements.execute(connection, "select 1 / 0"));
			assertThatExceptionOfType(SQLException.class).isThrownBy(() -> Statements.execute(connection, "select 1"))
				.satisfies((ex) -> assertThat(ex.getSQLState()).isEqualTo("25P02"));
			connection.rollback();
			readAndCommit(connection, 1);
			assertThat(user.overlappedCommits()).isEqualTo(1);
		}
	}

	/**
	 * Whatever a thread that has another connection does then: it ends, and meets neither
	 * the COMMIT nor what comes after it.
	 */
	@ParameterizedTest
	@EnumSource
	void answerThatNeverComesIsGivenUpWithItsConnection(Carrier carrier) throws Exception {
		for (Next next : Next.values()) {
			try (HeldCommits commits = new HeldCommits()) {
				DatabaseUser user = user(carrier, commits, GRACE);
				user.call(() -> {
					try (Connection connection = user.connect()) {
						Statements.beginReadOnly(connection);
						commits.hold();
						readAndCommit(connection, 1);
						assertThat(user.overlappedCommits()).isEqualTo(1);
						try (Deadline.Scope scope = Deadline.after(Duration.ofMillis(50)).enter()) {
							next.assertFails(connection);
						}
						assertThat(connection.isClosed()).as(next.toString()).isTrue();
					}
					return null;
				});
				assertThat(commits.cancels()).as(next.toString()).isZero();
				commits.release();
			}
		}
	}

	@ParameterizedTest
	@EnumSource(names = { "JDK", "EVENT_LOOP" })
	void connectionWhoseCommitIsNotAnsweredIsNotValidAndCloses(Carrier carrier) throws Exception {
		try (HeldCommits commits = new HeldCommits()) {
			DatabaseUser user = user(carrier, commits, LONG_GRACE);
			user.call(() -> {
				try (Connection connection = user.connect(); Connection other = user.connect()) {
					Statements.beginReadOnly(connection);
					Statements.beginReadOnly(other);
					commits.hold();
					readAndCommit(connection, 1);
					readAndCommit(other, 1);
					assertThat(connection.isValid(1)).isFalse();
					other.close();
					assertThat(other.isClosed()).isTrue();
				}
				return null;
			});
			commits.release();
		}
	}

	@ParameterizedTest
	@EnumSource
	void backendThatEndsAfterTheCommitIsNoticedByTheNextStatement(Carrier carrier) throws Exception {
		DatabaseUser user = user(carrier);
		user.call(() -> {
			try (Connection admin = this.database.connect()) {
				Connection connection = user.pool().getConnection();
				Statements.beginReadOnly(connection);
				int backend = Statements.backend(connection);
				connection.commit();
				Statements.execute(admin, "select pg_terminate_backend(" + backend + ", 5000)");
				assertThatExceptionOfType(SQLException.class)
					.isThrownBy(() -> Statements.execute(connection, "select 1"))
					.satisfies((ex) -> assertThat(ex.getSQLState()).containsAnyOf("57P01", "08006"));
				connection.close();
				try (Connection next = user.pool().getConnection()) {
					assertThat(Statements.backend(next)).isNotEqualTo(backend);
				}
			}
			return null;
		});
	}

	/**
	 * An interrupt, or a deadline that has passed, cancels the next statement of the
	 * connection, and neither the COMMIT nor what comes after.
	 */
	@ParameterizedTest
	@EnumSource
	void statementAfterTheCommitIsCanceledAndItsConnectionSurvives(Carrier carrier) throws Exception {
		DatabaseUser user = user(carrier, this.database.url(), LONG_GRACE);
		user.call(() -> {
			try (Connection connection = user.connect()) {
				Statements.beginReadOnly(connection);
				int backend = Statements.backend(connection);
				for (int i = 0; i < 20; i++) {
					boolean interrupt = i % 2 == 0 && carrier != Carrier.PLATFORM;
					readAndCommit(connection, 1);
					try (Deadline.Scope scope = interrupt ? Statements.interrupted()
							: Deadline.after(Duration.ofMillis(i % 4)).enter()) {
						Statements.assertCanceled(() -> Statements.sleep(connection, 60));
					}
					Thread.interrupted();
					DriverSocket.forgetAnsweredInterrupt();
					connection.rollback();
					readAndCommit(connection, 1);
					assertThat(Statements.backend(connection)).isEqualTo(backend);
					connection.commit();
				}
			}
			return null;
		});
		assertThat(user.overlappedCommits()).isGreaterThan(20);
	}

	/**
	 * Two threads on one connection, which the driver allows: one commits at the very
	 * moment at which the other one sends a statement.
	 */
	@ParameterizedTest
	@EnumSource
	void threadsThatShareAConnectionGetTheirOwnAnswers(Carrier carrier) throws Exception {
		DatabaseUser user = user(carrier);
		try (Connection connection = user.connect()) {
			Statements.beginReadOnly(connection);
			FutureTask<?>[] tasks = new FutureTask<?>[2];
			for (int thread = 0; thread < 2; thread++) {
				int number = thread + 1;
				tasks[thread] = new FutureTask<>(() -> {
					for (int i = 0; i < 500; i++) {
						assertThat(Statements.number(connection, "select " + number)).isEqualTo(number);
						connection.commit();
					}
					return number;
				});
				user.threads().newThread(tasks[thread]).start();
			}
			for (FutureTask<?> task : tasks) {
				task.get(30, TimeUnit.SECONDS);
			}
		}
		assertThat(user.overlappedCommits()).isPositive();
	}

	@ParameterizedTest
	@EnumSource
	void connectionsThatShareABackendOfAPoolerGetTheirOwnAnswers(Carrier carrier) throws Exception {
		try (PoolerProxy pooler = new PoolerProxy(this.database, true, (message) -> message)) {
			DatabaseUser user = user(carrier, pooler.url() + "?prepareThreshold=0&sslmode=disable", LONG_GRACE);
			try (Connection one = user.connect(); Connection other = user.connect()) {
				FutureTask<?>[] tasks = new FutureTask<?>[2];
				for (int thread = 0; thread < 2; thread++) {
					Connection connection = (thread == 0) ? one : other;
					int number = thread;
					tasks[thread] = new FutureTask<>(() -> {
						Statements.beginReadOnly(connection);
						for (int i = 0; i < 200; i++) {
							assertThat(Statements.number(connection, "select " + number)).isEqualTo(number);
							connection.commit();
						}
						return number;
					});
					user.threads().newThread(tasks[thread]).start();
				}
				for (FutureTask<?> task : tasks) {
					task.get(30, TimeUnit.SECONDS);
				}
			}
			assertThat(user.overlappedCommits()).isEqualTo(400);
		}
	}

	/**
	 * The server sends notifications between transactions, so along with the answer of a
	 * COMMIT.
	 */
	@ParameterizedTest
	@EnumSource
	void notificationsCome(Carrier carrier) throws Exception {
		DatabaseUser user = user(carrier);
		user.call(() -> {
			try (Connection connection = user.connect(); Connection admin = this.database.connect()) {
				Statements.execute(connection, "listen overlapped");
				Statements.beginReadOnly(connection);
				Statements.number(connection, "select 1");
				Statements.execute(admin, "notify overlapped");
				connection.commit();
				assertThat(connection.unwrap(PGConnection.class).getNotifications(5000)).hasSize(1);
			}
			return null;
		});
		assertThat(user.overlappedCommits()).isEqualTo(1);
	}

	@Test
	void statementThatIsOnlyDescribedGetsItsOwnAnswer() throws Exception {
		DatabaseUser user = user(Carrier.PLATFORM);
		try (Connection connection = user.connect()) {
			Statements.beginReadOnly(connection);
			for (int i = 0; i < 3; i++) {
				readAndCommit(connection, 1);
				try (PreparedStatement statement = connection.prepareStatement("select ?::int as one")) {
					assertThat(statement.getMetaData().getColumnName(1)).isEqualTo("one");
					connection.commit();
					readAndCommit(connection, 1);
					assertThat(statement.getParameterMetaData().getParameterCount()).isEqualTo(1);
				}
				assertThat(Statements.number(connection, "select " + i)).isEqualTo(i);
				connection.commit();
			}
			assertThat(user.overlappedCommits()).isEqualTo(9);
		}
	}

	@Test
	void connectionIsThatOfTheDriver() throws Exception {
		DatabaseUser user = user(Carrier.PLATFORM);
		try (Connection connection = user.connect(); Connection pooled = user.pool().getConnection()) {
			assertThat(connection).isInstanceOf(PgConnection.class);
			assertThat(pooled.unwrap(PGConnection.class)).isInstanceOf(ReadingConnection.class);
			assertThat(PostgresqlDriver.socket(connection)).isNotNull();
		}
		assertThat(ReadingConnector.unavailableReason()).isNull();
	}

	@Test
	void attemptToConnectFailsAsThatOfTheDriver() throws Exception {
		String url = this.database.url().replaceFirst("/postgres", "/nowhere");
		DatabaseUser user = user(Carrier.PLATFORM, url, GRACE);
		DatabaseUser standard = this.users.open(Carrier.PLATFORM, url, GRACE);
		assertThat(failure(user)).isEqualTo(failure(standard)).startsWith("3D000");
	}

	private static String failure(DatabaseUser user) {
		try {
			user.connect().close();
			return "";
		}
		catch (SQLException ex) {
			return ex.getSQLState() + ex.getMessage() + ex.getClass();
		}
	}

	private DatabaseUser user(Carrier carrier) throws Exception {
		return user(carrier, this.database.url(), LONG_GRACE);
	}

	private DatabaseUser user(Carrier carrier, HeldCommits commits, Duration grace) throws Exception {
		return user(carrier, commits.url() + "?sslmode=disable", grace);
	}

	private DatabaseUser user(Carrier carrier, String url, Duration grace) throws Exception {
		return this.users.open(carrier, url, grace).overlapCommits();
	}

	private static void readAndCommit(Connection connection, int times) throws SQLException {
		for (int i = 0; i < times; i++) {
			Statements.readAndCommit(connection);
			assertIdle(connection);
		}
	}

	private static void assertIdle(Connection connection) throws SQLException {
		assertThat(Statements.state(connection)).isEqualTo(TransactionState.IDLE);
	}

	/**
	 * What is done to a connection after the COMMIT.
	 */
	private enum Next {

		STATEMENT {

			@Override
			void run(Connection connection) throws SQLException {
				Statements.number(connection, "select 1");
			}

		},

		BATCH {

			@Override
			void run(Connection connection) throws SQLException {
				try (Statement statement = connection.createStatement()) {
					statement.addBatch("select 1");
					statement.addBatch("select 2");
					statement.executeBatch();
				}
			}

		},

		NOTIFICATIONS {

			@Override
			void run(Connection connection) throws SQLException {
				connection.unwrap(PGConnection.class).getNotifications();
			}

		},

		COPY {

			@Override
			void run(Connection connection) throws SQLException {
				connection.unwrap(PGConnection.class).getCopyAPI().copyOut("copy (select 1) to stdout");
			}

		};

		abstract void run(Connection connection) throws SQLException;

		void assertFails(Connection connection) {
			assertThatExceptionOfType(SQLException.class).isThrownBy(() -> run(connection))
				.satisfies((ex) -> assertThat(ex.getSQLState()).as("%s", ex).isEqualTo("08006"));
		}

	}

	/**
	 * A proxy that can hold back each COMMIT on its way to the server.
	 */
	private static final class HeldCommits implements AutoCloseable {

		private volatile CountDownLatch released = new CountDownLatch(0);

		private final PoolerProxy proxy;

		HeldCommits() throws Exception {
			this.proxy = new PoolerProxy(TestDatabase.instance(), false, this::pass);
		}

		private byte[] pass(byte[] message) {
			if (new String(message, StandardCharsets.US_ASCII).contains("COMMIT")) {
				try {
					this.released.await();
				}
				catch (InterruptedException ex) {
					Thread.currentThread().interrupt();
				}
			}
			return message;
		}

		String url() {
			return this.proxy.url();
		}

		int cancels() {
			return this.proxy.cancels();
		}

		void hold() {
			this.released = new CountDownLatch(1);
		}

		void release() {
			this.released.countDown();
		}

		@Override
		public void close() throws Exception {
			release();
			this.proxy.close();
		}

	}

}
