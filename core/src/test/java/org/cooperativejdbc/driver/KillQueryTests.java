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
import java.net.Socket;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

import com.mysql.cj.jdbc.JdbcStatement;
import org.cooperativejdbc.Deadline;
import org.cooperativejdbc.test.Carrier;
import org.cooperativejdbc.test.Database;
import org.cooperativejdbc.test.MariadbServer;
import org.cooperativejdbc.test.TcpProxy;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * What is canceled by {@link KillQuery}, and what must not be.
 */
class KillQueryTests {

	private static final Duration GRACE = Duration.ofMillis(500);

	private static final Duration LONG_GRACE = Duration.ofMinutes(5);

	@RegisterExtension
	private final DatabaseUsers users = new DatabaseUsers();

	static Stream<Arguments> all() {
		return DatabaseUsers.all().filter((arguments) -> arguments.get()[0] != Database.POSTGRESQL);
	}

	@ParameterizedTest
	@MethodSource("all")
	void statementIsCanceledThroughTls(Database database, Carrier carrier) throws Exception {
		MariadbServer server = MariadbServer.instance();
		String options = (database == Database.MARIADB) ? "?sslMode=verify-full&serverSslCert=" + server.certificate()
				: "?sslMode=VERIFY_IDENTITY&trustCertificateKeyStorePassword=changeit&trustCertificateKeyStoreType=PKCS12"
						+ "&trustCertificateKeyStoreUrl=file:" + server.trustStore();
		String url = database.url().replace("127.0.0.1", "localhost") + options;
		DatabaseUser user = this.users.open(database, carrier, url, LONG_GRACE);
		user.call(() -> {
			try (Connection connection = user.pool().getConnection()) {
				int session = database.session(connection);
				try (Deadline.Scope scope = Deadline.after(Duration.ofMillis(100)).enter()) {
					Statements.assertCanceled(database, () -> database.sleep(connection, 60));
				}
				assertThat(database.session(connection)).isEqualTo(session);
			}
			return null;
		});
	}

	/**
	 * A URL with several hosts has the driver connect anew when one fails, perhaps in the
	 * middle of a statement.
	 */
	@ParameterizedTest
	@CsvSource({ "MARIADB, sequential:", "MARIADB, loadbalance:", "MARIADB, failover:", "MARIADB, replication:",
			"MARIADB, load-balance-read:", "MYSQL, loadbalance:", "MYSQL, ''" })
	void statementIsCanceledOnOneOfSeveralHosts(Database database, String mode) throws Exception {
		String host = "127.0.0.1:" + database.address().getPort();
		String url = database.url().replaceFirst("//.*", mode + "//") + host + ","
				+ host.replace("127.0.0.1", "localhost") + "/test";
		DatabaseUser user = this.users.open(database, Carrier.EVENT_LOOP, url, LONG_GRACE);
		user.call(() -> {
			for (boolean readOnly : new boolean[] { false, true }) {
				try (Connection connection = user.pool().getConnection()) {
					connection.setReadOnly(readOnly);
					int session = database.session(connection);
					try (Deadline.Scope scope = Deadline.after(Duration.ofMillis(100)).enter()) {
						Statements.assertCanceled(database, () -> database.sleep(connection, 60));
					}
					assertThat(database.session(connection)).isEqualTo(session);
					connection.setReadOnly(false);
				}
			}
			return null;
		});
	}

	/**
	 * A second connection through it may end in another server, where the number is
	 * somebody else's.
	 */
	@ParameterizedTest
	@MethodSource("all")
	void statementBehindARelayIsLeftAndItsConnectionClosed(Database database, Carrier carrier) throws Exception {
		try (Relay relay = new Relay(database)) {
			DatabaseUser user = this.users.open(database, carrier, database.url(relay.address()), GRACE);
			user.call(() -> {
				Connection connection = user.connect();
				try (Deadline.Scope scope = Deadline.after(Duration.ofMillis(50)).enter()) {
					Statements.assertLost(database, () -> database.sleep(connection, 30));
				}
				assertThat(connection.isValid(1)).isFalse();
				return null;
			});
			assertThat(database.running("%sleep(30)%")).as("the statement that was left").isOne();
			database.terminate("%sleep(30)%");
			await().until(() -> database.running("%sleep(30)%") == 0);
		}
	}

	/**
	 * A read lock on all tables keeps every COMMIT waiting. In TLS nobody sees its text.
	 */
	@ParameterizedTest
	@MethodSource("all")
	void commitIsNeverCanceled(Database database, Carrier carrier) throws Exception {
		String plain = (database == Database.MYSQL) ? "?sslMode=DISABLED" : "";
		DatabaseUser user = this.users.open(database, carrier, database.url() + plain, GRACE);
		Map<Commit, Connection> connections = new EnumMap<>(Commit.class);
		Map<Commit, FutureTask<?>> committing = new EnumMap<>(Commit.class);
		try (Connection admin = database.connect()) {
			Statements.execute(admin, "create table if not exists committed (name text)");
			for (Commit commit : Commit.values()) {
				Connection connection = user.pool().getConnection();
				connections.put(commit, connection);
				connection.setAutoCommit(false);
				Statements.execute(connection, "insert into committed values ('x')");
			}
			Statements.execute(admin, "flush tables with read lock");
			connections.forEach((commit, connection) -> committing.put(commit, new FutureTask<>(() -> {
				try (Deadline.Scope scope = Deadline.after(Duration.ofMillis(50)).enter()) {
					commit.commit(connection);
				}
				return null;
			})));
			committing.values().forEach((each) -> user.threads().newThread(each).start());
			await().during(GRACE.multipliedBy(3).dividedBy(2))
				.untilAsserted(() -> assertThat(committing.values()).noneMatch(FutureTask::isDone));
			Statements.execute(admin, "unlock tables");
			for (FutureTask<?> each : committing.values()) {
				each.get(30, TimeUnit.SECONDS);
			}
			assertThat(connections.values()).allSatisfy((connection) -> assertThat(connection.isValid(5)).isTrue());
		}
		finally {
			for (Connection connection : connections.values()) {
				connection.close();
			}
		}
	}

	/**
	 * The number of a statement is not used again, so nothing else is met.
	 */
	@ParameterizedTest
	@EnumSource(names = "POSTGRESQL", mode = EnumSource.Mode.EXCLUDE)
	void lateRequestMeetsNoOtherStatement(Database database) throws Exception {
		DatabaseUser user = this.users.open(database, Carrier.JDK, LONG_GRACE);
		user.call(() -> {
			try (Connection connection = user.pool().getConnection()) {
				for (int i = 0; i < 100; i++) {
					try (Deadline.Scope scope = Deadline.after(Duration.ZERO).enter()) {
						database.session(connection);
					}
					catch (SQLException ex) {
						assertThat(ex.getSQLState()).isEqualTo(database.canceled());
					}
					assertThat(database.session(connection)).isPositive();
				}
			}
			return null;
		});
	}

	/**
	 * Ways to commit.
	 */
	enum Commit {

		METHOD {

			@Override
			void commit(Connection connection) throws SQLException {
				connection.commit();
			}

		},

		AUTO_COMMIT {

			@Override
			void commit(Connection connection) throws SQLException {
				connection.setAutoCommit(true);
			}

		},

		TEXT {

			@Override
			void commit(Connection connection) throws SQLException {
				Statements.execute(connection, "/* done */ Commit");
			}

		},

		/**
		 * As tracing does.
		 */
		TEXT_WITH_ATTRIBUTE {

			@Override
			void commit(Connection connection) throws SQLException {
				try (Statement statement = connection.createStatement()) {
					if (statement.isWrapperFor(JdbcStatement.class)) {
						statement.unwrap(JdbcStatement.class)
							.setAttribute("traceparent", "00-0af7651916cd43dd8448eb-01");
					}
					statement.execute("commit");
				}
			}

		};

		abstract void commit(Connection connection) throws SQLException;

	}

	/**
	 * Connects anew for each connection, as a balancer does.
	 */
	private static final class Relay extends TcpProxy {

		private final Database database;

		Relay(Database database) throws IOException {
			super(Thread.ofPlatform().daemon().name("relay-", 0).factory());
			this.database = database;
		}

		@Override
		protected void serve(Socket client) throws IOException {
			relay(client, connect(this.database.address()));
		}

	}

}
