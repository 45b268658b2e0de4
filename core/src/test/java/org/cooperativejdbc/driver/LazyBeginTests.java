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
import java.io.InputStream;
import java.io.StringReader;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;

import com.zaxxer.hikari.HikariConfig;
import org.cooperativejdbc.ConcurrencyModel;
import org.cooperativejdbc.Cooperative;
import org.cooperativejdbc.CooperativeOptions;
import org.cooperativejdbc.Deadline;
import org.cooperativejdbc.ReadOnlyBegin;
import org.cooperativejdbc.ReadOnlyCommit;
import org.cooperativejdbc.socket.DriverSocket;
import org.cooperativejdbc.test.Carrier;
import org.cooperativejdbc.test.PoolerProxy;
import org.cooperativejdbc.test.TestDatabase;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
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
import org.postgresql.largeobject.LargeObjectManager;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Plain reads of a read-only transaction run on their own until something begins it, and
 * everything else is as ever, with and without TLS. Tests for {@link ReadingConnection}.
 */
@ParameterizedClass
@MethodSource("org.cooperativejdbc.test.TestDatabase#withAndWithoutTls")
@Timeout(60)
class LazyBeginTests {

	private static final Duration GRACE = Duration.ofMinutes(5);

	private static final String PLAIN = "select value from lazy_item where id = 1";

	@RegisterExtension
	private final DatabaseUsers users = new DatabaseUsers();

	@Parameter
	@SuppressWarnings("NullAway.Init")
	private TestDatabase database;

	@BeforeParameterizedClassInvocation
	static void createTables(TestDatabase database) throws SQLException {
		try (Connection connection = database.connect()) {
			Statements.execute(connection, """
					do $$ begin create role lazy_user; exception when duplicate_object then null; end $$;
					drop table if exists lazy_item cascade;
					create table lazy_item (id int primary key, value int);
					insert into lazy_item values (1, 1), (2, 2);
					create view lazy_slow as select pg_sleep(60)::text as slept;
					drop table if exists lazy_tenant_item;
					create table lazy_tenant_item (tenant text, value int);
					insert into lazy_tenant_item values ('1', 1), ('2', 2);
					alter table lazy_tenant_item enable row level security;
					create policy own on lazy_tenant_item using (tenant = current_setting('app.tenant', true));
					grant select on lazy_tenant_item to lazy_user;
					""");
		}
	}

	@ParameterizedTest
	@EnumSource
	void plainReadsAreOneRoundTripEach(Carrier carrier) throws Exception {
		List<String> messages = new CopyOnWriteArrayList<>();
		try (PoolerProxy proxy = new PoolerProxy(this.database, false, (message) -> {
			messages.add(new String(message, StandardCharsets.ISO_8859_1));
			return message;
		})) {
			DatabaseUser user = lazy(carrier, proxy.url() + "?sslmode=disable");
			user.call(() -> {
				try (Connection connection = user.connect()) {
					Statements.beginReadOnly(connection);
					messages.clear();
					for (int i = 0; i < 3; i++) {
						assertThat(Statements.number(connection, PLAIN)).isEqualTo(1);
						assertThat(Statements.number(connection, "select 2")).isEqualTo(2);
						assertThat(connection.getAutoCommit()).isFalse();
						connection.commit();
					}
					Statements.number(connection, PLAIN);
					connection.rollback();
					Statements.number(connection, PLAIN);
					connection.setAutoCommit(true);
					connection.setReadOnly(false);
				}
				return null;
			});
			assertThat(messages).isNotEmpty()
				.noneMatch((message) -> message.matches("(?s).*(BEGIN|COMMIT|ROLLBACK).*"));
			assertThat(messages).filteredOn((message) -> message.charAt(0) == 'S').hasSize(8);
			assertThat(user.elidedTransactions()).isEqualTo(5);
		}
	}

	@Test
	void firstTransactionOfAConnectionBeginsUnlessItsIsolationIsSet() throws Exception {
		DatabaseUser user = lazy(Carrier.PLATFORM);
		for (boolean set : new boolean[] { false, true }) {
			try (Connection connection = user.connect()) {
				connection.setReadOnly(true);
				connection.setAutoCommit(false);
				if (set) {
					connection.setTransactionIsolation(Connection.TRANSACTION_READ_COMMITTED);
				}
				Statements.number(connection, PLAIN);
				assertState(connection, set ? TransactionState.IDLE : TransactionState.OPEN);
				connection.commit();
				Statements.number(connection, PLAIN);
				assertState(connection, TransactionState.IDLE);
				connection.commit();
			}
		}
		assertThat(user.elidedTransactions()).isEqualTo(3);
	}

	@ParameterizedTest
	@ValueSource(strings = { "select now()", "select value from lazy_item for update",
			"with a as (select 1) select * from a", "select set_config('app.tenant', '1', true)",
			"select pg_advisory_xact_lock(1)", "set local work_mem = '2MB'", "show work_mem", "select 1; select 2",
			"create temporary table lazy_scratch (id int) on commit drop", "declare c cursor for select 1",
			"select txid_current_if_assigned()" })
	void whateverIsNotPlainBeginsATransaction(String statement) throws Exception {
		DatabaseUser user = lazy(Carrier.PLATFORM);
		try (Connection connection = user.connect()) {
			Statements.beginReadOnly(connection);
			Statements.number(connection, PLAIN);
			assertState(connection, TransactionState.IDLE);
			try {
				Statements.execute(connection, statement);
				assertState(connection, TransactionState.OPEN);
				Statements.number(connection, PLAIN);
				assertState(connection, TransactionState.OPEN);
			}
			catch (SQLException ex) {
				assertThat(ex.getSQLState()).isEqualTo("25006");
				assertState(connection, TransactionState.FAILED);
			}
			connection.rollback();
			assertThat(user.elidedTransactions()).isZero();
			Statements.number(connection, PLAIN);
			connection.commit();
		}
	}

	@Test
	void whatIsNoStatementBeginsATransaction() throws Exception {
		DatabaseUser user = lazy(Carrier.PLATFORM);
		try (Connection connection = user.connect()) {
			PGConnection driver = connection.unwrap(PGConnection.class);
			connection.setAutoCommit(false);
			long object = driver.getLargeObjectAPI().createLO(LargeObjectManager.READWRITE);
			connection.commit();
			Statements.beginReadOnly(connection);
			Statements.number(connection, PLAIN);
			driver.getLargeObjectAPI().open(object, LargeObjectManager.READ).close();
			assertState(connection, TransactionState.OPEN);
			connection.commit();
			Statements.number(connection, PLAIN);
			assertThatExceptionOfType(SQLException.class)
				.isThrownBy(() -> driver.getLargeObjectAPI().createLO(LargeObjectManager.READWRITE))
				.satisfies((ex) -> assertThat(ex.getSQLState()).isEqualTo("25006"));
			connection.rollback();
			Statements.number(connection, PLAIN);
			assertThatExceptionOfType(SQLException.class)
				.isThrownBy(() -> driver.getCopyAPI().copyIn("copy lazy_item from stdin", new StringReader("9\t9\n")))
				.satisfies((ex) -> assertThat(ex.getSQLState()).isEqualTo("25006"));
			connection.rollback();
			Statements.number(connection, PLAIN);
			driver.getCopyAPI().copyOut("copy (select 1) to stdout", new StringWriter());
			assertState(connection, TransactionState.OPEN);
			connection.commit();
			Statements.number(connection, PLAIN);
			try (Statement statement = connection.createStatement()) {
				statement.addBatch("set local work_mem = '2MB'");
				statement.addBatch("set local work_mem = '3MB'");
				statement.executeBatch();
			}
			assertState(connection, TransactionState.OPEN);
			connection.commit();
			assertThat(user.elidedTransactions()).isZero();
		}
	}

	@Test
	void rowsAreFetchedFromACursorInATransaction() throws Exception {
		DatabaseUser user = lazy(Carrier.PLATFORM);
		try (Connection connection = user.connect()) {
			Statements.beginReadOnly(connection);
			Statements.number(connection, PLAIN);
			try (Statement statement = connection.createStatement()) {
				statement.setFetchSize(1);
				try (ResultSet result = statement.executeQuery("select id from lazy_item order by id")) {
					assertState(connection, TransactionState.OPEN);
					assertThat(result.next()).isTrue();
					Statements.number(connection, PLAIN);
					assertThat(result.next()).isTrue();
					assertThat(result.next()).isFalse();
				}
			}
			connection.commit();
			assertState(connection, TransactionState.IDLE);
		}
	}

	@Test
	void savepointIsInATransaction() throws Exception {
		DatabaseUser user = lazy(Carrier.PLATFORM);
		try (Connection connection = user.connect()) {
			Statements.beginReadOnly(connection);
			Statements.number(connection, PLAIN);
			Savepoint savepoint = connection.setSavepoint();
			assertThatExceptionOfType(SQLException.class)
				.isThrownBy(() -> Statements.number(connection, "select 1 / 0"));
			connection.rollback(savepoint);
			assertThat(Statements.number(connection, PLAIN)).isEqualTo(1);
			connection.commit();
		}
	}

	@Test
	void settingsOfATransactionHoldForAllThatFollows() throws Exception {
		DatabaseUser user = lazy(Carrier.PLATFORM);
		try (Connection connection = user.connect()) {
			Statements.beginReadOnly(connection);
			for (int tenant = 1; tenant <= 2; tenant++) {
				Statements.number(connection, PLAIN);
				Statements.execute(connection,
						"select set_config('role', 'lazy_user', true), set_config('app.tenant', '" + tenant
								+ "', true)");
				assertThat(Statements.number(connection, "select value from lazy_tenant_item")).isEqualTo(tenant);
				assertThat(Statements.number(connection, "select count(*) from lazy_tenant_item")).isEqualTo(1);
				connection.commit();
				assertThat(Statements.number(connection, "select count(*) from lazy_tenant_item")).isEqualTo(2);
				connection.commit();
			}
			assertThat(user.elidedTransactions()).isEqualTo(2);
		}
	}

	@Test
	void transactionsOfOtherKindsBeginWithTheirFirstStatement() throws Exception {
		DatabaseUser user = lazy(Carrier.PLATFORM);
		try (Connection connection = user.connect()) {
			Statements.beginReadOnly(connection);
			assertBegins(connection, () -> connection.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ));
			assertBegins(connection, () -> connection.setTransactionIsolation(Connection.TRANSACTION_SERIALIZABLE));
			assertBegins(connection, () -> Statements.execute(connection,
					"set session characteristics as transaction isolation level repeatable read"));
			assertBegins(connection, () -> Statements.execute(connection,
					"select set_config('default_transaction_isolation', 'serializable', false)"));
			connection.setTransactionIsolation(Connection.TRANSACTION_READ_UNCOMMITTED);
			assertBegins(connection, () -> connection.unwrap(PgConnection.class).setAutosave(AutoSave.ALWAYS));
			connection.unwrap(PgConnection.class).setAutosave(AutoSave.NEVER);
			assertBegins(connection, () -> connection.setReadOnly(false));
			connection.setReadOnly(true);
			Statements.number(connection, PLAIN);
			assertState(connection, TransactionState.IDLE);
			connection.commit();
			assertThat(user.elidedTransactions()).isEqualTo(1);
		}
	}

	private static void assertBegins(Connection connection, Change change) throws SQLException {
		change.make();
		connection.commit();
		for (int i = 0; i < 2; i++) {
			Statements.number(connection, PLAIN);
			assertState(connection, TransactionState.OPEN);
			connection.commit();
		}
	}

	@Test
	void transactionThatHasNotBegunIsOneToItsUser() throws Exception {
		DatabaseUser user = lazy(Carrier.PLATFORM);
		try (Connection connection = user.connect()) {
			Statements.beginReadOnly(connection);
			Statements.number(connection, PLAIN);
			assertThatExceptionOfType(SQLException.class).isThrownBy(() -> connection.setReadOnly(false))
				.satisfies((ex) -> assertThat(ex.getSQLState()).isEqualTo("25001"));
			assertThatExceptionOfType(SQLException.class)
				.isThrownBy(() -> connection.setTransactionIsolation(Connection.TRANSACTION_SERIALIZABLE))
				.satisfies((ex) -> assertThat(ex.getSQLState()).isEqualTo("25001"));
			assertThat(connection.isReadOnly()).isTrue();
			assertThat(connection.isValid(5)).isTrue();
			connection.commit();
			connection.setReadOnly(false);
			connection.setTransactionIsolation(Connection.TRANSACTION_SERIALIZABLE);
		}
	}

	@Test
	void statementAfterAnErrorWorksUnlessSomethingHasBegun() throws Exception {
		DatabaseUser user = lazy(Carrier.PLATFORM);
		try (Connection connection = user.connect()) {
			Statements.beginReadOnly(connection);
			assertThatExceptionOfType(SQLException.class)
				.isThrownBy(() -> Statements.number(connection, "select 1 / 0"));
			assertThat(Statements.number(connection, PLAIN)).isEqualTo(1);
			Statements.execute(connection, "show work_mem");
			assertThatExceptionOfType(SQLException.class)
				.isThrownBy(() -> Statements.number(connection, "select 1 / 0"));
			assertThatExceptionOfType(SQLException.class).isThrownBy(() -> Statements.number(connection, PLAIN))
				.satisfies((ex) -> assertThat(ex.getSQLState()).isEqualTo("25P02"));
			connection.rollback();
			assertThat(Statements.number(connection, PLAIN)).isEqualTo(1);
		}
	}

	@Test
	void threadChoosesForItself() throws Exception {
		DatabaseUser user = lazy(Carrier.PLATFORM);
		DatabaseUser enforced = user(Carrier.PLATFORM).readOnly(ReadOnlyCommit.STANDARD,
				ReadOnlyBegin.LAZY_WHERE_ENFORCED);
		try (Connection connection = user.connect(); Connection other = enforced.connect()) {
			Statements.beginReadOnly(connection);
			try (ReadOnlyBegin.Scope scope = ReadOnlyBegin.STANDARD.enter();
					ReadOnlyBegin.Scope weaker = ReadOnlyBegin.LAZY.enter()) {
				Statements.number(connection, PLAIN);
				assertState(connection, TransactionState.OPEN);
				connection.commit();
			}
			Statements.number(connection, PLAIN);
			assertState(connection, TransactionState.IDLE);
			connection.commit();
			assertThat(ReadOnlyBegin.current()).isNull();
			Statements.beginReadOnly(other);
			try (ReadOnlyBegin.Scope scope = ReadOnlyBegin.LAZY.enter()) {
				Statements.number(other, PLAIN);
				other.commit();
				Statements.number(other, PLAIN);
				assertState(other, TransactionState.IDLE);
				other.commit();
			}
			Statements.number(other, PLAIN);
			assertState(other, TransactionState.OPEN);
			other.commit();
		}
	}

	@Test
	void whereTheServerRefusesToWriteIsKnown() throws Exception {
		DatabaseUser user = user(Carrier.PLATFORM).readOnly(ReadOnlyCommit.OVERLAPPED,
				ReadOnlyBegin.LAZY_WHERE_ENFORCED);
		try (Connection connection = user.connect()) {
			Statements.beginReadOnly(connection);
			Statements.number(connection, PLAIN);
			assertState(connection, TransactionState.OPEN);
			Statements.execute(connection, "select set_config('default_transaction_read_only', 'on', true)");
			connection.commit();
			Statements.number(connection, PLAIN);
			assertState(connection, TransactionState.OPEN);
			connection.commit();
			Statements.execute(connection, "set default_transaction_read_only to on");
			connection.commit();
			Statements.readAndCommit(connection);
			Statements.number(connection, PLAIN);
			assertState(connection, TransactionState.IDLE);
			connection.commit();
			Statements.execute(connection, "set default_transaction_read_only to off");
			connection.commit();
			Statements.readAndCommit(connection);
			Statements.number(connection, PLAIN);
			assertState(connection, TransactionState.OPEN);
			connection.commit();
		}
		try (PoolerProxy pooler = new PoolerProxy(this.database, false, (message) -> message)) {
			DatabaseUser pooled = this.users
				.open(Carrier.PLATFORM, pooler.url() + "?sslmode=disable&options=-c%20default_transaction_read_only=on",
						GRACE)
				.readOnly(ReadOnlyCommit.STANDARD, ReadOnlyBegin.LAZY_WHERE_ENFORCED);
			try (Connection connection = pooled.connect()) {
				Statements.beginReadOnly(connection);
				Statements.readAndCommit(connection);
				assertThat(pooled.elidedTransactions()).isZero();
			}
		}
	}

	/**
	 * A deadline that has passed, or an interrupt, cancels a plain read that runs on its
	 * own, behind a COMMIT that nobody has waited for as well.
	 */
	@ParameterizedTest
	@EnumSource
	void plainReadIsCanceledAndItsConnectionSurvives(Carrier carrier) throws Exception {
		DatabaseUser user = user(carrier).readOnly(ReadOnlyCommit.OVERLAPPED, ReadOnlyBegin.LAZY);
		user.call(() -> {
			try (Connection connection = user.connect()) {
				Statements.beginReadOnly(connection);
				int backend = Statements.backend(connection);
				connection.commit();
				for (int i = 0; i < 12; i++) {
					boolean interrupt = i % 2 == 0 && carrier != Carrier.PLATFORM;
					if (i % 3 == 0) {
						Statements.execute(connection, "select now()");
						connection.commit();
					}
					try (Deadline.Scope scope = interrupt ? Statements.interrupted()
							: Deadline.after(Duration.ofMillis(i % 4)).enter()) {
						Statements.assertCanceled(() -> Statements.execute(connection, "select * from lazy_slow"));
					}
					Thread.interrupted();
					DriverSocket.forgetAnsweredInterrupt();
					assertState(connection, TransactionState.IDLE);
					connection.rollback();
					assertThat(Statements.number(connection, PLAIN)).isEqualTo(1);
					connection.commit();
				}
				assertThat(Statements.backend(connection)).isEqualTo(backend);
			}
			return null;
		});
		assertThat(user.elidedTransactions()).isGreaterThan(12);
	}

	@ParameterizedTest
	@EnumSource
	void connectionsThatShareABackendOfAPoolerGetTheirOwnAnswers(Carrier carrier) throws Exception {
		try (PoolerProxy pooler = new PoolerProxy(this.database, true, (message) -> message)) {
			DatabaseUser user = this.users.open(carrier, pooler.url() + "?prepareThreshold=0&sslmode=disable", GRACE)
				.readOnly(ReadOnlyCommit.OVERLAPPED, ReadOnlyBegin.LAZY);
			try (Connection one = user.connect(); Connection other = user.connect()) {
				FutureTask<?>[] tasks = new FutureTask<?>[2];
				for (int thread = 0; thread < 2; thread++) {
					Connection connection = (thread == 0) ? one : other;
					int number = thread;
					tasks[thread] = new FutureTask<>(() -> {
						Statements.beginReadOnly(connection);
						for (int i = 0; i < 200; i++) {
							assertThat(Statements.number(connection, "select " + number)).isEqualTo(number);
							if (i % 5 == 0) {
								assertThat(
										Statements.number(connection, "select " + number + " where now() is not null"))
									.isEqualTo(number);
							}
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
			assertThat(user.elidedTransactions()).isEqualTo(320);
			assertThat(user.overlappedCommits()).isEqualTo(80);
		}
	}

	@Test
	void statementThatCannotBeBoundLeavesTheConnectionInStep() throws Exception {
		DatabaseUser user = user(Carrier.PLATFORM).readOnly(ReadOnlyCommit.OVERLAPPED, ReadOnlyBegin.LAZY);
		for (String sql : List.of("select octet_length(?)", "select octet_length(?) where now() is not null")) {
			try (Connection connection = user.connect()) {
				Statements.beginReadOnly(connection);
				for (int i = 0; i < 4; i++) {
					Statements.execute(connection, "select now()");
					connection.commit();
					try (PreparedStatement statement = connection.prepareStatement(sql)) {
						statement.setBinaryStream(1, new FailingStream(), 10);
						assertThatExceptionOfType(SQLException.class).isThrownBy(statement::executeQuery);
					}
					connection.rollback();
					for (int number = 0; number < 5; number++) {
						assertThat(Statements.number(connection, "select " + number)).isEqualTo(number);
					}
					connection.commit();
				}
			}
		}
	}

	@Test
	void programWithoutSpringHasThem() throws Exception {
		HikariConfig config = new HikariConfig();
		config.setJdbcUrl(this.database.url());
		config.setUsername(this.database.username());
		config.setPassword(this.database.password());
		CooperativeOptions options = CooperativeOptions.defaults().withReadOnlyBegin(ReadOnlyBegin.LAZY);
		try (Cooperative cooperative = Cooperative.start(options)) {
			try (Connection connection = cooperative.pool(config).getConnection()) {
				Statements.beginReadOnly(connection);
				Statements.number(connection, PLAIN);
				assertState(connection, TransactionState.IDLE);
			}
			assertThat(cooperative.description().dataSources().values()).singleElement()
				.asString()
				.endsWith("read-only transactions begun lazily");
			assertThat(cooperative.description().findings()).isEmpty();
		}
		try (Cooperative cooperative = Cooperative.start(options.withModel(ConcurrencyModel.PLATFORM))) {
			assertThat(cooperative.description().findings()).singleElement()
				.satisfies((finding) -> assertThat(finding.id()).isEqualTo("read-only"));
		}
	}

	private DatabaseUser user(Carrier carrier) throws Exception {
		return this.users.open(carrier, this.database.url(), GRACE);
	}

	private DatabaseUser lazy(Carrier carrier) throws Exception {
		return lazy(carrier, this.database.url());
	}

	private DatabaseUser lazy(Carrier carrier, String url) throws Exception {
		return this.users.open(carrier, url, GRACE).readOnly(ReadOnlyCommit.STANDARD, ReadOnlyBegin.LAZY);
	}

	private static void assertState(Connection connection, TransactionState state) throws SQLException {
		assertThat(Statements.state(connection)).isEqualTo(state);
	}

	/**
	 * Changes a connection.
	 */
	@FunctionalInterface
	private interface Change {

		void make() throws SQLException;

	}

	/**
	 * A stream that fails when it is read.
	 */
	private static final class FailingStream extends InputStream {

		@Override
		public int read() throws IOException {
			throw new IOException("broken");
		}

	}

}
