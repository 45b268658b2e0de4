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
import java.time.Duration;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;

import org.cooperativejdbc.Deadline;
import org.cooperativejdbc.test.Carrier;
import org.cooperativejdbc.test.Database;
import org.cooperativejdbc.test.MariadbServer;
import org.cooperativejdbc.test.TcpProxy;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * What is canceled in MariaDB, and what must not be.
 */
class MariadbCancelTests {

	private static final Duration GRACE = Duration.ofMillis(500);

	private static final Duration LONG_GRACE = Duration.ofMinutes(5);

	@RegisterExtension
	private final DatabaseUsers users = new DatabaseUsers();

	@ParameterizedTest
	@EnumSource
	void statementIsCanceledThroughTls(Carrier carrier) throws Exception {
		String url = Database.MARIADB.url().replace("127.0.0.1", "localhost") + "?sslMode=verify-full&serverSslCert="
				+ MariadbServer.instance().certificate();
		DatabaseUser user = this.users.open(Database.MARIADB, carrier, url, LONG_GRACE);
		user.call(() -> {
			try (Connection connection = user.pool().getConnection()) {
				int session = Database.MARIADB.session(connection);
				try (Deadline.Scope scope = Deadline.after(Duration.ofMillis(100)).enter()) {
					Statements.assertCanceled(Database.MARIADB, () -> Database.MARIADB.sleep(connection, 60));
				}
				assertThat(Database.MARIADB.session(connection)).isEqualTo(session);
			}
			return null;
		});
	}

	/**
	 * A URL with several hosts has the driver connect anew when one fails, perhaps in the
	 * middle of a statement.
	 */
	@ParameterizedTest
	@ValueSource(strings = { "sequential", "loadbalance", "failover", "replication", "load-balance-read" })
	void statementIsCanceledOnOneOfSeveralHosts(String mode) throws Exception {
		String host = "127.0.0.1:" + Database.MARIADB.address().getPort();
		String url = "jdbc:mariadb:" + mode + "://" + host + "," + host.replace("127.0.0.1", "localhost") + "/test";
		DatabaseUser user = this.users.open(Database.MARIADB, Carrier.EVENT_LOOP, url, LONG_GRACE);
		user.call(() -> {
			for (boolean readOnly : new boolean[] { false, true }) {
				try (Connection connection = user.pool().getConnection()) {
					connection.setReadOnly(readOnly);
					int session = Database.MARIADB.session(connection);
					try (Deadline.Scope scope = Deadline.after(Duration.ofMillis(100)).enter()) {
						Statements.assertCanceled(Database.MARIADB, () -> Database.MARIADB.sleep(connection, 60));
					}
					assertThat(Database.MARIADB.session(connection)).isEqualTo(session);
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
	@EnumSource
	void statementBehindARelayIsLeftAndItsConnectionClosed(Carrier carrier) throws Exception {
		try (Relay relay = new Relay()) {
			DatabaseUser user = this.users.open(Database.MARIADB, carrier, Database.MARIADB.url(relay.address()),
					GRACE);
			user.call(() -> {
				Connection connection = user.connect();
				try (Deadline.Scope scope = Deadline.after(Duration.ofMillis(50)).enter()) {
					Statements.assertLost(Database.MARIADB, () -> Database.MARIADB.sleep(connection, 5));
				}
				assertThat(connection.isClosed()).isTrue();
				return null;
			});
		}
	}

	static Stream<Arguments> commits() {
		return Stream.of(Commit.values())
			.flatMap((commit) -> Stream.of(Carrier.values()).map((carrier) -> Arguments.of(commit, carrier)));
	}

	/**
	 * A read lock on all tables keeps every COMMIT waiting.
	 */
	@ParameterizedTest
	@MethodSource("commits")
	void commitIsNeverCanceled(Commit commit, Carrier carrier) throws Exception {
		DatabaseUser user = this.users.open(Database.MARIADB, carrier, GRACE);
		try (Connection connection = user.pool().getConnection(); Connection admin = Database.MARIADB.connect()) {
			Statements.execute(admin, "create table if not exists committed (name text)");
			connection.setAutoCommit(false);
			Statements.execute(connection, "insert into committed values ('x')");
			Statements.execute(admin, "flush tables with read lock");
			FutureTask<?> committing = new FutureTask<>(() -> {
				try (Deadline.Scope scope = Deadline.after(Duration.ofMillis(50)).enter()) {
					commit.commit(connection);
				}
				return null;
			});
			user.threads().newThread(committing).start();
			assertThatExceptionOfType(TimeoutException.class)
				.isThrownBy(() -> committing.get(GRACE.toMillis() * 3, TimeUnit.MILLISECONDS));
			Statements.execute(admin, "unlock tables");
			committing.get(30, TimeUnit.SECONDS);
			connection.rollback();
			connection.setAutoCommit(true);
			assertThat(connection.isValid(5)).isTrue();
		}
	}

	/**
	 * The number of a statement is not used again, so nothing else is met.
	 */
	@Test
	void lateRequestMeetsNoOtherStatement() throws Exception {
		DatabaseUser user = this.users.open(Database.MARIADB, Carrier.JDK, LONG_GRACE);
		user.call(() -> {
			try (Connection connection = user.pool().getConnection()) {
				for (int i = 0; i < 100; i++) {
					try (Deadline.Scope scope = Deadline.after(Duration.ZERO).enter()) {
						Database.MARIADB.session(connection);
					}
					catch (SQLException ex) {
						assertThat(ex.getSQLState()).isEqualTo(Database.MARIADB.canceled());
					}
					assertThat(Database.MARIADB.session(connection)).isPositive();
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

		};

		abstract void commit(Connection connection) throws SQLException;

	}

	/**
	 * Connects anew for each connection, as a balancer does.
	 */
	private static final class Relay extends TcpProxy {

		Relay() throws IOException {
			super(Thread.ofPlatform().daemon().name("relay-", 0).factory());
		}

		@Override
		protected void serve(Socket client) throws IOException {
			relay(client, connect(Database.MARIADB.address()));
		}

	}

}
