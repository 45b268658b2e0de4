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

package org.cooperativejdbc.test;

import java.net.InetSocketAddress;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;

import com.zaxxer.hikari.HikariDataSource;
import org.cooperativejdbc.driver.DriverSupport;
import org.cooperativejdbc.driver.Installation;
import org.cooperativejdbc.driver.MariadbSupport;
import org.cooperativejdbc.driver.MysqlSupport;
import org.cooperativejdbc.driver.PostgresqlSupport;
import org.cooperativejdbc.pool.ConnectionSources;

/**
 * The servers that the tests of all drivers are run against, and how what they need is
 * said there.
 */
public enum Database {

	POSTGRESQL(new PostgresqlSupport(), "57014", "08006", "select pg_backend_pid()",
			"select pid from pg_stat_activity where state = 'active' and pid <> pg_backend_pid() and query like ?",
			"select pg_terminate_backend(%d)") {

		@Override
		public InetSocketAddress address() {
			return TestDatabase.instance().address();
		}

		@Override
		public String url(InetSocketAddress address) {
			return TestDatabase.instance().urlAt(address);
		}

		@Override
		public String url() {
			return TestDatabase.instance().url();
		}

		@Override
		public String username() {
			return TestDatabase.instance().username();
		}

		@Override
		public String password() {
			return TestDatabase.instance().password();
		}

		@Override
		public String sleep(String seconds) {
			return "pg_sleep(" + seconds + ")";
		}

	},

	MARIADB(new MariadbSupport(), "70100", "08000", "select connection_id()",
			"select id from information_schema.processlist where command in ('Query', 'Execute')"
					+ " and id <> connection_id() and info like ?",
			"kill %d") {

		@Override
		public InetSocketAddress address() {
			return MariadbServer.instance().address();
		}

		@Override
		public String url(InetSocketAddress address) {
			return MariadbServer.url(address);
		}

		@Override
		public String url() {
			return url(address());
		}

		@Override
		public String username() {
			return MariadbServer.USER;
		}

		@Override
		public String password() {
			return MariadbServer.PASSWORD;
		}

		@Override
		public String sleep(String seconds) {
			return "sleep(" + seconds + ")";
		}

	},

	/**
	 * The driver of MySQL, on the server of MariaDB unless there is another one.
	 */
	MYSQL(new MysqlSupport(), "70100", "08S01", "select connection_id()",
			"select id from information_schema.processlist where command in ('Query', 'Execute')"
					+ " and id <> connection_id() and info like ?",
			"kill %d") {

		@Override
		public InetSocketAddress address() {
			return MysqlServer.address();
		}

		@Override
		public String url(InetSocketAddress address) {
			return MariadbServer.url(address).replace("mariadb:", "mysql:");
		}

		@Override
		public String url() {
			return url(address());
		}

		@Override
		public String username() {
			return MariadbServer.USER;
		}

		@Override
		public String password() {
			return MariadbServer.PASSWORD;
		}

		@Override
		public String sleep(String seconds) {
			return "sleep(" + seconds + ")";
		}

	};

	private final DriverSupport support;

	private final String canceled;

	private final String failed;

	private final String session;

	private final String sessions;

	private final String terminate;

	Database(DriverSupport support, String canceled, String failed, String session, String sessions, String terminate) {
		this.support = support;
		this.canceled = canceled;
		this.failed = failed;
		this.session = session;
		this.sessions = sessions;
		this.terminate = terminate;
	}

	/**
	 * Return where the server listens.
	 */
	public abstract InetSocketAddress address();

	/**
	 * Return the URL of the database behind a proxy.
	 */
	public abstract String url(InetSocketAddress address);

	public abstract String url();

	public abstract String username();

	public abstract String password();

	/**
	 * Return the call of the function that sleeps.
	 */
	public abstract String sleep(String seconds);

	public DriverSupport support() {
		return this.support;
	}

	/**
	 * Return the SQL state of a statement that was canceled.
	 */
	public String canceled() {
		return this.canceled;
	}

	/**
	 * Return the SQL state of a connection that was lost.
	 */
	public String failed() {
		return this.failed;
	}

	/**
	 * Return an expression that takes as long as a request to cancel needs to meet it.
	 * MariaDB has one mutex for all that sleep, and two that are killed at once wait for
	 * each other for two seconds.
	 */
	public String work() {
		return (this == POSTGRESQL) ? "pg_sleep(0.005)" : "(select count(*) from seq_1_to_300000 where seq % 7 = 3)";
	}

	/**
	 * Return the number of the session in the server.
	 */
	public int session(Connection connection) throws SQLException {
		try (Statement statement = connection.createStatement();
				ResultSet result = statement.executeQuery(this.session)) {
			result.next();
			return result.getInt(1);
		}
	}

	/**
	 * Sleep in the server. That of MariaDB takes it for done when it is canceled at the
	 * last row, so there is one to come.
	 */
	public void sleep(Connection connection, double seconds) throws SQLException {
		String number = (seconds % 1 == 0) ? Integer.toString((int) seconds) : Double.toString(seconds);
		try (Statement statement = connection.createStatement()) {
			statement.execute(
					"select " + sleep(number) + ((this == POSTGRESQL) ? "" : " from seq_1_to_2 where seq % 2 = 1"));
		}
	}

	/**
	 * Return the number of sessions that execute such a statement now.
	 */
	public int running(String statementPattern) throws SQLException {
		try (Connection connection = connect()) {
			return running(connection, statementPattern);
		}
	}

	/**
	 * End the sessions that execute such a statement.
	 */
	public void terminate(String statementPattern) throws SQLException {
		try (Connection connection = connect();
				PreparedStatement find = connection.prepareStatement(this.sessions);
				Statement terminate = connection.createStatement()) {
			find.setString(1, statementPattern);
			try (ResultSet found = find.executeQuery()) {
				while (found.next()) {
					terminate.execute(this.terminate.formatted(found.getInt(1)));
				}
			}
		}
	}

	int running(Connection connection, String statementPattern) throws SQLException {
		try (PreparedStatement statement = connection.prepareStatement(this.sessions)) {
			statement.setString(1, statementPattern);
			try (ResultSet result = statement.executeQuery()) {
				int count = 0;
				while (result.next()) {
					count++;
				}
				return count;
			}
		}
	}

	/**
	 * Return a connection on a plain socket of the JDK.
	 */
	public Connection connect() throws SQLException {
		return DriverManager.getConnection(url(), username(), password());
	}

	/**
	 * Configure a pool that has not started as the starter does.
	 */
	public void configure(HikariDataSource pool, String url, String key, Duration grace) {
		pool.setJdbcUrl(url);
		pool.setUsername(username());
		pool.setPassword(password());
		Installation.Installed installed = (Installation.Installed) this.support
			.install(ConnectionSources.of("pool", pool), key, grace);
		installed.properties().forEach(pool.getDataSourceProperties()::setProperty);
		if (installed.driverClassName() != null) {
			pool.setDriverClassName(installed.driverClassName());
		}
	}

}
