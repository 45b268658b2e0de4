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

package org.cooperativejdbc.libraries;

import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;

import io.r2dbc.postgresql.PostgresqlConnectionFactory;
import io.r2dbc.spi.ConnectionFactories;
import io.r2dbc.spi.ConnectionFactory;
import oracle.jdbc.OracleDriver;
import org.cooperativejdbc.test.TestDatabase;
import org.h2.tools.Server;
import org.junit.jupiter.api.io.TempDir;
import org.sqlite.SQLiteDataSource;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * How drivers without a hook wait for their databases.
 */
class DatabaseTests {

	@TempDir
	private Path directory;

	@LibraryTest(value = "H2 in the application: a lock that another session has", library = org.h2.Driver.class)
	void h2Lock(Trial trial) throws Exception {
		for (String url : h2()) {
			trial.run(() -> new H2LockWait(url));
		}
	}

	@LibraryTest(value = "H2 in the application: a query", library = org.h2.Driver.class)
	void h2Query(Trial trial) throws Exception {
		for (String url : h2()) {
			trial.run(() -> new H2QueryWait(url));
		}
	}

	@LibraryTest(value = "H2 over TCP", library = org.h2.Driver.class)
	void h2OverTcp(Trial trial) throws Exception {
		Server server = Server.createTcpServer("-tcpPort", "0", "-ifNotExists", "-baseDir", this.directory.toString())
			.start();
		try {
			trial.run(() -> new H2LockWait("jdbc:h2:tcp://localhost:" + server.getPort() + "/mem:tcp"));
		}
		finally {
			server.stop();
		}
	}

	private String[] h2() {
		return new String[] { "jdbc:h2:mem:libraries", "jdbc:h2:file:" + this.directory.resolve("h2") };
	}

	@LibraryTest(value = "SQLite: a lock that another connection has", library = SQLiteDataSource.class)
	void sqlite(Trial trial) throws Exception {
		trial.run(() -> new SqliteWait("jdbc:sqlite:" + this.directory.resolve("sqlite.db")));
	}

	@LibraryTest(value = "Oracle: the login", library = OracleDriver.class)
	void oracle(Trial trial) throws Exception {
		trial.run(OracleWait::new);
	}

	@LibraryTest(value = "R2DBC of PostgreSQL: `block`", library = PostgresqlConnectionFactory.class)
	void r2dbc(Trial trial) throws Exception {
		trial.run(R2dbcWait::new);
	}

	private static boolean execute(Connection connection, String sql) throws SQLException {
		try (Statement statement = connection.createStatement()) {
			return statement.execute(sql);
		}
	}

	private static boolean isTrue(Connection connection, String query) throws SQLException {
		try (Statement statement = connection.createStatement(); ResultSet result = statement.executeQuery(query)) {
			result.next();
			return result.getBoolean(1);
		}
	}

	private static final class H2LockWait implements Wait {

		private final Connection locking;

		private final Connection waiting;

		private H2LockWait(String url) throws SQLException {
			this.locking = DriverManager.getConnection(url);
			this.waiting = DriverManager.getConnection(url + ";LOCK_TIMEOUT=60000");
			execute(this.locking, "create table if not exists counter (id int primary key, value_ int)");
			execute(this.locking, "merge into counter values (1, 0)");
			this.locking.setAutoCommit(false);
			execute(this.locking, "update counter set value_ = 1");
		}

		@Override
		public Object call() throws SQLException {
			return execute(this.waiting, "update counter set value_ = 2");
		}

		@Override
		public void awaitBegun() throws SQLException {
			while (!isTrue(this.locking,
					"select count(*) > 0 from information_schema.sessions where blocker_id is not null")) {
				Thread.onSpinWait();
			}
		}

		@Override
		public void end() throws SQLException {
			this.locking.commit();
		}

		@Override
		public void close() throws SQLException {
			this.waiting.close();
			this.locking.close();
		}

	}

	/**
	 * A query that computes until it is canceled.
	 */
	private static final class H2QueryWait implements Wait {

		private final Connection connection;

		private final Statement statement;

		private H2QueryWait(String url) throws SQLException {
			this.connection = DriverManager.getConnection(url);
			this.statement = this.connection.createStatement();
		}

		@Override
		public Object call() {
			try {
				return this.statement.execute("select sum(mod(x, 7)) from system_range(1, 1000000000000)");
			}
			catch (SQLException ex) {
				return ex;
			}
		}

		@Override
		public void end() throws SQLException {
			this.statement.cancel();
		}

		@Override
		public void close() throws SQLException {
			this.connection.close();
		}

	}

	private static final class SqliteWait implements Wait {

		private final Connection locking;

		private final Connection waiting;

		private SqliteWait(String url) throws SQLException {
			this.locking = DriverManager.getConnection(url);
			this.waiting = DriverManager.getConnection(url + "?busy_timeout=60000");
			execute(this.locking, "create table if not exists counter (value_ int)");
			execute(this.locking, "begin immediate");
		}

		@Override
		public Object call() throws SQLException {
			return execute(this.waiting, "insert into counter values (1)");
		}

		@Override
		public void end() throws SQLException {
			execute(this.locking, "commit");
		}

		@Override
		public void close() throws SQLException {
			this.waiting.close();
			this.locking.close();
		}

	}

	/**
	 * A listener that does not answer.
	 */
	private static final class OracleWait implements Wait {

		private final SilentServer server = new SilentServer();

		private OracleWait() throws IOException {
		}

		@Override
		public Object call() {
			try {
				return DriverManager.getConnection("jdbc:oracle:thin:@//localhost:" + this.server.port() + "/service",
						"user", "password");
			}
			catch (SQLException ex) {
				return ex;
			}
		}

		@Override
		public void awaitBegun() throws InterruptedException {
			this.server.awaitRequest();
		}

		@Override
		public void end() throws IOException {
			this.server.close();
		}

	}

	private static final class R2dbcWait implements Wait {

		private static final int LOCK = 15;

		private final TestDatabase database = TestDatabase.instance();

		private final Connection locking = this.database.connect();

		private final io.r2dbc.spi.Connection waiting;

		private R2dbcWait() throws SQLException {
			execute(this.locking, "select pg_advisory_lock(" + LOCK + ")");
			String url = this.database.url().replace("jdbc:postgresql://", "").replaceFirst("\\?.*", "");
			ConnectionFactory factory = ConnectionFactories
				.get("r2dbc:postgresql://" + this.database.username() + ":" + this.database.password() + "@" + url);
			this.waiting = Mono.from(factory.create()).block();
		}

		@Override
		public Object call() {
			return Flux.from(this.waiting.createStatement("select pg_advisory_lock(" + LOCK + ")").execute())
				.flatMap((result) -> result.map((row, metadata) -> true))
				.blockLast();
		}

		@Override
		public void awaitBegun() throws SQLException {
			while (!isTrue(this.locking, "select count(*) > 0 from pg_locks where locktype = 'advisory' and objid = "
					+ LOCK + " and not granted")) {
				Thread.onSpinWait();
			}
		}

		@Override
		public void end() throws SQLException {
			execute(this.locking, "select pg_advisory_unlock(" + LOCK + ")");
		}

		@Override
		public void close() throws SQLException {
			Mono.from(this.waiting.close()).block();
			this.locking.close();
		}

	}

}
