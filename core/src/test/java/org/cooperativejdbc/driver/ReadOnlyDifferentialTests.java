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

import java.io.StringReader;
import java.io.StringWriter;
import java.sql.CallableStatement;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.SQLWarning;
import java.sql.Savepoint;
import java.sql.Statement;
import java.sql.Types;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.stream.Stream;

import org.cooperativejdbc.ReadOnlyBegin;
import org.cooperativejdbc.ReadOnlyCommit;
import org.cooperativejdbc.test.Carrier;
import org.cooperativejdbc.test.TestDatabase;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.postgresql.PGConnection;
import org.postgresql.jdbc.AutoSave;
import org.postgresql.jdbc.PgConnection;
import org.postgresql.largeobject.LargeObject;
import org.postgresql.largeobject.LargeObjectManager;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Random sequences of JDBC calls have the same results, errors and states however
 * read-only transactions begin and end, with and without TLS.
 * {@code -Dreads.sequences=10000} has more of them, {@code -Dreads.seed} repeats a run.
 * <p>
 * What lazy transactions change is left out: each error is followed by a rollback, and
 * there is neither SET TRANSACTION behind a plain read nor, where the server does not
 * refuse it, a view that writes.
 */
@ParameterizedClass
@MethodSource("org.cooperativejdbc.test.TestDatabase#withAndWithoutTls")
class ReadOnlyDifferentialTests {

	private static final int SEQUENCES = Integer.getInteger("reads.sequences", 400);

	private static final long SEED = Long.getLong("reads.seed", System.nanoTime());

	private static final int CALLS = 25;

	private static final List<String> SCHEMAS = List.of("reads_one", "reads_two");

	@RegisterExtension
	private final DatabaseUsers users = new DatabaseUsers();

	@Parameter
	@SuppressWarnings("NullAway.Init")
	private TestDatabase database;

	@BeforeAll
	static void announce() {
		System.out.println("Random sequences of JDBC calls: -Dreads.sequences=" + SEQUENCES + " -Dreads.seed=" + SEED);
	}

	@BeforeParameterizedClassInvocation
	static void createSchemas(TestDatabase database) throws SQLException {
		try (Connection connection = database.connect()) {
			Statements.execute(connection,
					"do $$ begin create role reads_user; exception when duplicate_object then null; end $$");
			for (String schema : SCHEMAS) {
				Statements.execute(connection,
						"drop schema if exists %1$s cascade; create schema %1$s; set search_path to %1$s"
							.formatted(schema));
				Statements.execute(connection, """
						create table item (id int primary key, value int not null);
						insert into item select i, i from generate_series(1, 10) i;
						create sequence numbers;
						create view writing as select nextval('numbers') as number;
						create function writes() returns int language sql
							as 'insert into item values ((select max(id) + 1 from item), 0) returning id';
						create table tenant_item (tenant text, value int);
						insert into tenant_item values ('1', 1), ('2', 2);
						alter table tenant_item enable row level security;
						create policy own on tenant_item using (tenant = current_setting('app.tenant', true));
						grant usage on schema %1$s to reads_user;
						grant select on tenant_item to reads_user;
						""".formatted(schema));
			}
		}
	}

	static Stream<Arguments> policies() {
		return Arrays.stream(Policy.values())
			.flatMap((policy) -> Arrays.stream(Carrier.values()).map((carrier) -> Arguments.of(policy, carrier)));
	}

	@ParameterizedTest
	@MethodSource("policies")
	void sequencesAreTheSameOnOneConnection(Policy policy, Carrier carrier) throws Exception {
		run(policy, carrier, false);
	}

	@ParameterizedTest
	@MethodSource("policies")
	void sequencesAreTheSameThroughAPool(Policy policy, Carrier carrier) throws Exception {
		run(policy, carrier, true);
	}

	private void run(Policy policy, Carrier carrier, boolean pooled) throws Exception {
		int sequences = Math.max(5, SEQUENCES / 2 / Carrier.values().length / Policy.values().length);
		int offset = (carrier.ordinal() * 2 + (pooled ? 1 : 0)) * sequences;
		DatabaseUser standard = user(policy, carrier, SCHEMAS.get(0));
		DatabaseUser tested = user(policy, carrier, SCHEMAS.get(1)).readOnly(policy.commit, policy.begin);
		for (int first = 0; first < sequences; first += 100) {
			int from = first + offset;
			int to = Math.min(first + 100, sequences) + offset;
			standard.call(() -> {
				run(policy, new Source(standard, pooled), new Source(tested, pooled), from, to);
				return null;
			});
		}
		assertThat(standard.overlappedCommits() + standard.elidedTransactions()).isZero();
		if (policy.commit == ReadOnlyCommit.OVERLAPPED) {
			assertThat(tested.overlappedCommits()).isPositive();
		}
		if (policy.isLazy()) {
			assertThat(tested.elidedTransactions()).isPositive();
		}
	}

	private DatabaseUser user(Policy policy, Carrier carrier, String schema) throws Exception {
		String url = this.database.url();
		return this.users.open(carrier, url + (url.contains("?") ? "&" : "?") + "prepareThreshold=2&currentSchema="
				+ schema + policy.parameters, Duration.ofMinutes(5));
	}

	private static void run(Policy policy, Source standard, Source tested, int from, int to) throws Exception {
		try (standard; tested) {
			for (int i = from; i < to; i++) {
				long seed = new SplittableRandom(SEED + i).nextLong();
				List<Call> calls = calls(policy, new Random(seed));
				List<String> expected = transcript(policy, standard, SCHEMAS.get(0), calls, seed);
				List<String> actual = transcript(policy, tested, SCHEMAS.get(1), calls, seed);
				assertThat(policy.isLazy() ? asIfBegun(actual, expected) : actual)
					.as("sequence %d of -Dreads.seed=%d with %s", i, SEED, policy)
					.isEqualTo(expected);
			}
		}
	}

	/**
	 * What has not begun is idle where it would be open otherwise.
	 */
	private static List<String> asIfBegun(List<String> actual, List<String> expected) {
		List<String> begun = new ArrayList<>();
		for (int i = 0; i < actual.size(); i++) {
			boolean open = i < expected.size() && expected.get(i).endsWith(" OPEN]");
			begun.add(open ? actual.get(i).replaceAll(" IDLE]$", " OPEN]") : actual.get(i));
		}
		return begun;
	}

	/**
	 * In three of four sequences, transactions mostly only read, and are short.
	 */
	private static List<Call> calls(Policy policy, Random random) {
		List<Call> calls = new ArrayList<>();
		boolean reading = random.nextInt(4) > 0;
		if (reading) {
			calls.addAll(List.of(Call.READ_ONLY, Call.NO_AUTO_COMMIT, Call.READ, Call.COMMIT));
		}
		Call[] all = Arrays.stream(Call.values()).filter(policy::allows).toArray(Call[]::new);
		Call[] reads = Arrays.stream(all)
			.filter((call) -> call.compareTo(Call.NO_AUTO_COMMIT) < 0)
			.toArray(Call[]::new);
		while (calls.size() < CALLS) {
			int kind = reading ? random.nextInt(16) : 0;
			calls.add((kind == 0) ? all[random.nextInt(all.length)] : (kind > 5) ? reads[random.nextInt(reads.length)]
					: (kind > 2) ? Call.READ_THEN_COMMIT : Call.COMMIT);
		}
		return calls;
	}

	private static List<String> transcript(Policy policy, Source source, String schema, List<Call> calls, long seed)
			throws Exception {
		List<String> transcript = new ArrayList<>();
		Random random = new Random(seed);
		try (Session session = new Session(source.connection(), policy.isLazy())) {
			for (Call call : calls) {
				transcript.add(call + ": " + session.call(call, random, schema));
			}
			session.reset();
		}
		finally {
			source.returned();
		}
		return transcript;
	}

	/**
	 * How read-only transactions begin and end.
	 */
	enum Policy {

		OVERLAPPED(ReadOnlyCommit.OVERLAPPED, ReadOnlyBegin.STANDARD, ""),

		LAZY(ReadOnlyCommit.STANDARD, ReadOnlyBegin.LAZY, ""),

		LAZY_AND_OVERLAPPED(ReadOnlyCommit.OVERLAPPED, ReadOnlyBegin.LAZY, ""),

		LAZY_WHERE_ENFORCED(ReadOnlyCommit.STANDARD, ReadOnlyBegin.LAZY_WHERE_ENFORCED,
				"&options=-c%20default_transaction_read_only=on");

		private final ReadOnlyCommit commit;

		private final ReadOnlyBegin begin;

		private final String parameters;

		Policy(ReadOnlyCommit commit, ReadOnlyBegin begin, String parameters) {
			this.commit = commit;
			this.begin = begin;
			this.parameters = parameters;
		}

		boolean isLazy() {
			return this.begin != ReadOnlyBegin.STANDARD;
		}

		boolean allows(Call call) {
			return !isLazy() || (call != Call.SET_TRANSACTION
					&& (call != Call.NEXT_NUMBER || this.begin == ReadOnlyBegin.LAZY_WHERE_ENFORCED));
		}

	}

	/**
	 * A call, the first of which are mostly used in read-only transactions.
	 */
	private enum Call {

		READ((session, random) -> session.query("select id, value from item order by id limit " + random.nextInt(4))),

		READ_PREPARED((session, random) -> session.prepared(random.nextInt(12))),

		COMMIT((session, random) -> {
			session.connection.commit();
			return "";
		}),

		READ_THEN_COMMIT((session, random) -> {
			String read = session.query("select count(*) from item");
			session.connection.commit();
			return read;
		}),

		COMMIT_AGAIN((session, random) -> {
			session.connection.commit();
			session.connection.commit();
			return "";
		}),

		ROLLBACK((session, random) -> {
			session.connection.rollback();
			return "";
		}),

		TENANT((session,
				random) -> session.query("select set_config('app.tenant', '" + (1 + random.nextInt(2))
						+ "', true), set_config('role', 'reads_user', true)")),

		TENANT_READ((session, random) -> session.query("select value from tenant_item order by value")),

		TENANT_SETTING((session, random) -> session
			.query("select current_setting('app.tenant', true), current_user = 'reads_user'")),

		APPLICATION_SETTING((session,
				random) -> session.query("select set_config('application_name', 'a" + random.nextInt(3) + "', "
						+ random.nextBoolean() + ")") + session.connection.getClientInfo("ApplicationName")),

		CLIENT_INFO((session, random) -> {
			session.connection.setClientInfo("ApplicationName", "a" + random.nextInt(3));
			return session.connection.getClientInfo("ApplicationName")
					+ session.query("select current_setting('application_name')");
		}),

		NOW((session, random) -> {
			String same = session.query("select now()::text = '" + session.now + "'");
			session.now = session.query("select now()::text").replaceAll("[\\[\\]]", "");
			return same;
		}),

		ADVISORY_LOCK(
				(session, random) -> session.query("select pg_advisory_xact_lock_shared(" + random.nextInt(3) + ")")),

		PLAIN((session,
				random) -> session.query(List
					.of("select coalesce(max(value), 0) from item where id < 5",
							"select i.id, (select count(*) from item o where o.id < i.id) from item i order by i.id",
							"select cast(id as varchar(5)), id::text from item order by 1",
							"select value from item where id in (1, 2)", "select upper('a') /* c */ -- d")
					.get(random.nextInt(5)))),

		LOCKS((session, random) -> session
			.query("select count(*) from pg_locks where pid = pg_backend_pid() and locktype = 'advisory'")),

		NOTIFY((session, random) -> session.query("select pg_notify('reads_" + session.schema + "', 'n')")),

		NOTIFICATIONS((session, random) -> "" + session.pg().getNotifications().length),

		CURSOR((session, random) -> session.openCursor()),

		CURSOR_NEXT((session, random) -> session.cursorNext()),

		DIVISION_BY_ZERO((session, random) -> session.query("select 1 / (id - id) from item")),

		NEXT_NUMBER((session, random) -> session.query("select number from writing")),

		FUNCTION_THAT_WRITES((session, random) -> session.query("select writes() > 0")),

		CALLABLE((session, random) -> {
			try (CallableStatement statement = session.connection.prepareCall("{? = call abs(?)}")) {
				statement.registerOutParameter(1, Types.INTEGER);
				statement.setInt(2, -random.nextInt(5));
				statement.execute();
				return "" + statement.getInt(1);
			}
		}),

		SHOW((session, random) -> session.query("show transaction_read_only")),

		ISOLATION((session, random) -> "" + session.connection.getTransactionIsolation()),

		VALID((session, random) -> "" + session.connection.isValid(5)),

		SNAPSHOT_AND_XID((session, random) -> session.query("select pg_current_xact_id_if_assigned() is null")),

		COUNT_THEN_CLOSE_STATEMENT_AFTER_COMMIT((session, random) -> {
			try (Statement statement = session.connection.createStatement();
					ResultSet result = statement.executeQuery("select id from item order by id limit 3")) {
				session.connection.commit();
				return session.rows(result);
			}
		}),

		AUTO_COMMIT_ON_AND_OFF((session, random) -> {
			session.connection.setAutoCommit(true);
			session.connection.setAutoCommit(false);
			return "";
		}),

		NO_AUTO_COMMIT((session, random) -> {
			session.connection.setAutoCommit(false);
			return "";
		}),

		AUTO_COMMIT((session, random) -> {
			session.connection.setAutoCommit(true);
			return "";
		}),

		READ_ONLY((session, random) -> {
			session.connection.setReadOnly(true);
			return "";
		}),

		READ_WRITE((session, random) -> {
			session.connection.setReadOnly(false);
			return "";
		}),

		SET_ISOLATION((session, random) -> {
			session.connection.setTransactionIsolation(1 << random.nextInt(4));
			return "";
		}),

		SET_ISOLATION_BY_TEXT((session,
				random) -> session.update("set default_transaction_isolation = '"
						+ (random.nextBoolean() ? "serializable" : "read committed") + "'")),

		SET_TRANSACTION((session, random) -> session.update("set transaction read write")),

		SET_LOCAL((session, random) -> session.update("set local work_mem = '2MB'")),

		STRINGS((session,
				random) -> session.query("select set_config('standard_conforming_strings', '"
						+ (random.nextBoolean() ? "on" : "off") + "', " + random.nextBoolean() + ")")),

		BACKSLASH((session, random) -> session.query("select 'a\\\\b'")),

		TIME_ZONE((session,
				random) -> session
					.query("select set_config('TimeZone', '" + (random.nextBoolean() ? "UTC" : "Asia/Tokyo") + "', "
							+ random.nextBoolean() + ")")
						+ session.query("select '2026-01-01 00:00:00+00'::timestamptz")),

		INSERT((session, random) -> session.update("insert into item values (" + random.nextInt(20) + ", 1)")),

		UPDATE((session, random) -> session
			.update("update item set value = value + 1 where id = " + random.nextInt(12))),

		DELETE((session, random) -> session.update("delete from item where id > 12")),

		BATCH((session, random) -> {
			try (Statement statement = session.connection.createStatement()) {
				statement.addBatch("update item set value = 7 where id = " + random.nextInt(12));
				statement.addBatch(
						(random.nextInt(3) == 0) ? "set session work_mem = '3MB'" : "delete from item where id = 19");
				statement.addBatch("insert into item values (" + (13 + random.nextInt(9)) + ", 2)");
				return Arrays.toString(statement.executeBatch());
			}
		}),

		PREPARED_BATCH((session, random) -> {
			try (PreparedStatement statement = session.connection
				.prepareStatement("update item set value = ? where id = ?")) {
				for (int i = 0; i < 3; i++) {
					statement.setInt(1, random.nextInt(10));
					statement.setInt(2, random.nextInt(10));
					statement.addBatch();
				}
				return Arrays.toString(statement.executeBatch());
			}
		}),

		GENERATED_KEYS((session, random) -> {
			try (Statement statement = session.connection.createStatement()) {
				statement.executeUpdate("insert into item values (" + random.nextInt(25) + ", 3)",
						Statement.RETURN_GENERATED_KEYS);
				return session.rows(statement.getGeneratedKeys());
			}
		}),

		UPDATABLE_ROW((session, random) -> {
			try (Statement statement = session.connection.createStatement(ResultSet.TYPE_SCROLL_INSENSITIVE,
					ResultSet.CONCUR_UPDATABLE);
					ResultSet result = statement.executeQuery("select id, value from item where id = 1")) {
				if (result.next()) {
					result.updateInt(2, random.nextInt(9));
					result.updateRow();
				}
				return "updated";
			}
		}),

		TEMPORARY_TABLE((session,
				random) -> session.update("create temporary table if not exists scratch (id int primary key "
						+ "deferrable initially deferred) on commit "
						+ (random.nextBoolean() ? "drop" : "delete rows"))),

		TEMPORARY_INSERT((session, random) -> session.update("insert into scratch values (" + random.nextInt(2) + ")")),

		TEMPORARY_COUNT((session, random) -> session.query("select count(*) from scratch")),

		SAVEPOINT((session, random) -> {
			session.savepoint = session.connection.setSavepoint();
			return "";
		}),

		ROLLBACK_TO_SAVEPOINT((session, random) -> {
			session.connection.rollback(session.savepoint());
			return "";
		}),

		RELEASE_SAVEPOINT((session, random) -> {
			session.connection.releaseSavepoint(session.savepoint());
			return "";
		}),

		COMPOSITE((session, random) -> session.update("select 1; select 2")),

		TEXT((session, random) -> session
			.update(List.of("begin", "begin read only", "commit", "rollback", "end").get(random.nextInt(5)))),

		LISTEN((session, random) -> session.update("listen reads_" + session.schema)),

		COPY_OUT((session, random) -> {
			StringWriter writer = new StringWriter();
			session.pg().getCopyAPI().copyOut("copy (select 1) to stdout", writer);
			return writer.toString();
		}),

		COPY_IN((session,
				random) -> "" + session.pg()
					.getCopyAPI()
					.copyIn("copy item from stdin", new StringReader((30 + random.nextInt(5)) + "\t1\n"))),

		LARGE_OBJECT((session, random) -> session.largeObject()),

		LARGE_OBJECT_READ((session, random) -> session.readLargeObject()),

		DESCRIBE((session, random) -> {
			try (PreparedStatement statement = session.connection
				.prepareStatement("select id from item where id = ?")) {
				return statement.getMetaData().getColumnName(1) + statement.getParameterMetaData().getParameterCount();
			}
		}),

		META_DATA((session, random) -> {
			try (ResultSet tables = session.connection.getMetaData().getTables(null, session.schema, "%", null);
					PreparedStatement statement = session.connection.prepareStatement("select id from item")) {
				ResultSetMetaData columns = statement.getMetaData();
				return session.rows(tables).length() + " " + columns.getColumnName(1);
			}
		}),

		DDL((session,
				random) -> session.update(random.nextBoolean() ? "alter table item add column if not exists more int"
						: "alter table item drop column if exists more")),

		WARNING((session, random) -> session.update("do 'begin raise warning ''w''; end'")),

		WARNINGS((session, random) -> {
			SQLWarning warning = session.connection.getWarnings();
			session.connection.clearWarnings();
			return String.valueOf(warning);
		}),

		SCHEMA_AND_TIMEOUT((session, random) -> {
			session.connection.setNetworkTimeout(null, 60_000 + random.nextInt(2));
			return session.connection.getSchema() + session.connection.getNetworkTimeout();
		}),

		HOLDABILITY((session, random) -> {
			session.connection.setHoldability(1 + random.nextInt(2));
			return "" + session.connection.getHoldability();
		}),

		ABANDONED_PARAMETER((session, random) -> {
			try (PreparedStatement statement = session.connection.prepareStatement("select ?::int, ?::int")) {
				statement.setInt(1, 1);
				return "" + statement.execute();
			}
		}),

		DISCARD((session, random) -> session.update("discard all")),

		AUTOSAVE((session, random) -> {
			session.connection.unwrap(PgConnection.class).setAutosave(AutoSave.values()[random.nextInt(3)]);
			return "";
		});

		private final Action action;

		Call(Action action) {
			this.action = action;
		}

	}

	@FunctionalInterface
	private interface Action {

		String call(Session session, Random random) throws Exception;

	}

	/**
	 * Connections of a user, one for all sequences or one of a pool for each.
	 */
	private static final class Source implements AutoCloseable {

		private final DatabaseUser user;

		private final boolean pooled;

		private @Nullable Connection connection;

		Source(DatabaseUser user, boolean pooled) {
			this.user = user;
			this.pooled = pooled;
		}

		Connection connection() throws SQLException {
			Connection connection = this.connection;
			if (connection == null) {
				connection = this.pooled ? this.user.pool().getConnection() : this.user.connect();
				this.connection = connection;
			}
			return connection;
		}

		void returned() throws SQLException {
			if (this.pooled) {
				close();
			}
		}

		@Override
		public void close() throws SQLException {
			if (this.connection != null) {
				this.connection.close();
				this.connection = null;
			}
		}

	}

	private static final class Session implements AutoCloseable {

		private final Connection connection;

		private final boolean rollbackOnError;

		private final PreparedStatement prepared;

		private String schema = "";

		private String now = "";

		private @Nullable Savepoint savepoint;

		private @Nullable ResultSet cursor;

		private long largeObject;

		Session(Connection connection, boolean rollbackOnError) throws SQLException {
			this.connection = connection;
			this.rollbackOnError = rollbackOnError;
			this.prepared = connection.prepareStatement("select value from item where id = ?");
		}

		String call(Call call, Random random, String schema) throws SQLException {
			this.schema = schema;
			String outcome;
			try {
				outcome = call.action.call(this, random);
			}
			catch (SQLException ex) {
				outcome = ex.getSQLState() + " " + ex.getMessage() + chain(ex);
				if (this.rollbackOnError && !this.connection.getAutoCommit()) {
					this.connection.rollback();
				}
			}
			catch (Exception ex) {
				outcome = ex.toString();
			}
			return outcome.replace(schema, "schema")
				.replaceAll("\\b([CS])_\\d+", "$1_n")
				.replaceAll("(?<=JDBC_SAVEPOINT_)\\d+", "n") + state();
		}

		private static String chain(SQLException ex) {
			return (ex.getNextException() != null) ? " then " + ex.getNextException().getMessage() : "";
		}

		private String state() throws SQLException {
			return " [" + this.connection.getAutoCommit() + " " + this.connection.isReadOnly() + " "
					+ this.connection.unwrap(PgConnection.class).getTransactionState() + "]";
		}

		String query(String sql) throws SQLException {
			try (Statement statement = this.connection.createStatement();
					ResultSet result = statement.executeQuery(sql)) {
				return rows(result);
			}
		}

		String rows(ResultSet result) throws SQLException {
			StringBuilder rows = new StringBuilder();
			while (result.next()) {
				List<String> row = new ArrayList<>();
				for (int i = 1; i <= result.getMetaData().getColumnCount(); i++) {
					row.add(String.valueOf(result.getObject(i)));
				}
				rows.append(row);
			}
			return rows.toString();
		}

		String update(String sql) throws SQLException {
			try (Statement statement = this.connection.createStatement()) {
				StringBuilder outcome = new StringBuilder();
				boolean rows = statement.execute(sql);
				do {
					outcome.append(rows ? rows(statement.getResultSet()) : "" + statement.getUpdateCount()).append(' ');
					rows = statement.getMoreResults();
				}
				while (rows || statement.getUpdateCount() != -1);
				return outcome + String.valueOf(statement.getWarnings());
			}
		}

		String prepared(int id) throws SQLException {
			this.prepared.setInt(1, id);
			try (ResultSet result = this.prepared.executeQuery()) {
				return rows(result);
			}
		}

		String openCursor() throws SQLException {
			Statement statement = this.connection.createStatement();
			statement.setFetchSize(2);
			this.cursor = statement.executeQuery("select i from generate_series(1, 9) i");
			return cursorNext();
		}

		String cursorNext() throws SQLException {
			ResultSet cursor = this.cursor;
			return (cursor != null && cursor.next()) ? cursor.getString(1) : "end";
		}

		Savepoint savepoint() throws SQLException {
			if (this.savepoint == null) {
				throw new SQLException("no savepoint");
			}
			return this.savepoint;
		}

		PGConnection pg() throws SQLException {
			return this.connection.unwrap(PGConnection.class);
		}

		String largeObject() throws SQLException {
			LargeObjectManager manager = pg().getLargeObjectAPI();
			this.largeObject = manager.createLO();
			try (LargeObject object = manager.open(this.largeObject, LargeObjectManager.WRITE)) {
				object.write(new byte[] { 1, 2, 3 });
			}
			return "written";
		}

		String readLargeObject() throws SQLException {
			if (this.largeObject == 0) {
				return "none";
			}
			try (LargeObject object = pg().getLargeObjectAPI().open(this.largeObject, LargeObjectManager.READ)) {
				return Arrays.toString(object.read(5));
			}
			catch (SQLException ex) {
				throw new SQLException(String.valueOf(ex.getMessage()).replace("" + this.largeObject, "oid"),
						ex.getSQLState());
			}
		}

		/**
		 * Leave nothing to the next sequence.
		 */
		void reset() throws SQLException {
			if (!this.connection.getAutoCommit()) {
				this.connection.rollback();
			}
			this.connection.setAutoCommit(true);
			Statements.execute(this.connection, "rollback");
			this.connection.unwrap(PgConnection.class).setAutosave(AutoSave.NEVER);
			this.connection.setReadOnly(false);
			this.connection.setHoldability(ResultSet.CLOSE_CURSORS_AT_COMMIT);
			pg().getNotifications();
			Statements.execute(this.connection, "discard all");
			Statements.execute(this.connection, "set default_transaction_read_only to off");
			Statements.execute(this.connection, "set search_path to " + this.schema);
			Statements.execute(this.connection, "alter table item drop column if exists more");
			Statements.execute(this.connection, "delete from item");
			Statements.execute(this.connection, "insert into item select i, i from generate_series(1, 10) i");
			Statements.execute(this.connection, "select setval('numbers', 1)");
			Statements.execute(this.connection, "reset default_transaction_read_only");
			pg().getNotifications();
			this.connection.clearWarnings();
		}

		@Override
		public void close() throws SQLException {
			this.prepared.close();
			if (this.cursor != null) {
				this.cursor.getStatement().close();
			}
		}

	}

}
