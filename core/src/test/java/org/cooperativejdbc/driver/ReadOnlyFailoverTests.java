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
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Stream;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import org.cooperativejdbc.ReadOnlyBegin;
import org.cooperativejdbc.ReadOnlyCommit;
import org.cooperativejdbc.test.Carrier;
import org.cooperativejdbc.test.PoolerProxy;
import org.cooperativejdbc.test.TestDatabase;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.postgresql.core.TransactionState;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

/**
 * A server that dies with a COMMIT under way that nobody waits for, and its replica that
 * takes over.
 */
@Timeout(60)
class ReadOnlyFailoverTests {

	private static final String READ = "select value from failover_item where id = 1";

	@RegisterExtension
	private final DatabaseUsers users = new DatabaseUsers();

	@TempDir
	private Path directory;

	private EmbeddedPostgres primary;

	private EmbeddedPostgres replica;

	@BeforeEach
	void startServers() throws Exception {
		Path data = this.directory.resolve("primary");
		try (EmbeddedPostgres server = start(data); Connection connection = connect(server)) {
			Statements.execute(connection, "create table failover_item (id int primary key, value int)");
			Statements.execute(connection, "insert into failover_item values (1, 1)");
		}
		Path copy = this.directory.resolve("replica");
		copy(data, copy);
		this.primary = start(data);
		Files.createFile(copy.resolve("standby.signal"));
		Files.writeString(copy.resolve("postgresql.auto.conf"),
				"primary_conninfo = 'host=127.0.0.1 port=%d user=postgres'\n".formatted(this.primary.getPort()));
		this.replica = start(copy);
	}

	private static EmbeddedPostgres start(Path data) throws IOException {
		return EmbeddedPostgres.builder()
			.setDataDirectory(data)
			.setCleanDataDirectory(false)
			.setLocaleConfig("locale", "C")
			.start();
	}

	private static void copy(Path from, Path to) throws IOException {
		try (Stream<Path> files = Files.walk(from)) {
			for (Path file : (Iterable<Path>) files::iterator) {
				if (!file.getFileName().toString().startsWith("epg-lock")) {
					Files.copy(file, to.resolve(from.relativize(file)), StandardCopyOption.COPY_ATTRIBUTES);
				}
			}
		}
	}

	private static Connection connect(EmbeddedPostgres server) throws SQLException {
		return DriverManager.getConnection(server.getJdbcUrl("postgres", "postgres"));
	}

	@AfterEach
	void stopServers() throws IOException {
		for (EmbeddedPostgres server : List.of(this.primary, this.replica)) {
			server.close();
		}
	}

	@ParameterizedTest
	@EnumSource(names = { "JDK", "EVENT_LOOP" })
	void serverDiesWithACommitUnderWay(Carrier carrier) throws Exception {
		CountDownLatch died = new CountDownLatch(1);
		try (PoolerProxy proxy = new PoolerProxy(
				new TestDatabase(this.primary.getJdbcUrl("postgres", "postgres"), "postgres", "postgres"), false,
				(message) -> hold(message, died))) {
			String url = "jdbc:postgresql://127.0.0.1:%d,127.0.0.1:%d/postgres?targetServerType=primary&sslmode=disable"
				.formatted(proxy.address().getPort(), this.replica.getPort());
			DatabaseUser user = this.users.open(carrier, url, Duration.ofSeconds(5))
				.readOnly(ReadOnlyCommit.OVERLAPPED, ReadOnlyBegin.STANDARD);
			user.call(() -> {
				try (Connection connection = user.pool().getConnection()) {
					connection.setReadOnly(true);
					connection.setAutoCommit(false);
					connection.setTransactionIsolation(Connection.TRANSACTION_READ_COMMITTED);
					assertThat(Statements.number(connection, READ)).isEqualTo(1);
					connection.commit();
					assertThat(user.overlappedCommits()).isEqualTo(1);
					kill(this.primary);
					died.countDown();
					assertThatExceptionOfType(SQLException.class).isThrownBy(() -> Statements.number(connection, READ))
						.satisfies((ex) -> assertThat(ex.getSQLState()).as("%s", ex).matches("08...|57P01"));
				}
				try (Connection admin = connect(this.replica)) {
					Statements.execute(admin, "select pg_promote()");
				}
				for (int i = 0; i < 10; i++) {
					try (Connection connection = user.pool().getConnection()) {
						connection.setReadOnly(true);
						connection.setAutoCommit(false);
						assertThat(Statements.number(connection, READ)).isEqualTo(1);
						connection.commit();
						connection.setReadOnly(false);
						Statements.execute(connection, "update failover_item set value = value");
						connection.commit();
					}
				}
				return null;
			});
			assertThat(user.overlappedCommits()).isGreaterThan(5);
		}
	}

	private static byte[] hold(byte[] message, CountDownLatch latch) {
		String text = new String(message, StandardCharsets.US_ASCII);
		if (text.contains("COMMIT") && !text.contains("COMMITTED")) {
			try {
				latch.await();
			}
			catch (InterruptedException ex) {
				Thread.currentThread().interrupt();
			}
		}
		return message;
	}

	private void kill(EmbeddedPostgres server) throws IOException {
		String pid = Files.readAllLines(this.directory.resolve("primary/postmaster.pid")).get(0);
		ProcessHandle process = ProcessHandle.of(Long.parseLong(pid.trim())).orElseThrow();
		process.destroyForcibly();
		process.onExit().join();
		await().until(() -> !accepts(server));
	}

	private static boolean accepts(EmbeddedPostgres server) {
		try {
			connect(server).close();
			return true;
		}
		catch (SQLException ex) {
			return false;
		}
	}

	/**
	 * The replica refuses to write. When it has taken over it does not, which each of its
	 * connections says along with its next answer.
	 */
	@ParameterizedTest
	@EnumSource(names = "JDK")
	void transactionsAreLazyAsLongAsTheServerIsAReplica(Carrier carrier) throws Exception {
		DatabaseUser user = this.users
			.open(carrier, this.replica.getJdbcUrl("postgres", "postgres"), Duration.ofSeconds(5))
			.readOnly(ReadOnlyCommit.STANDARD, ReadOnlyBegin.LAZY_WHERE_ENFORCED);
		user.call(() -> {
			try (Connection connection = user.connect(); Connection admin = connect(this.replica)) {
				connection.setReadOnly(true);
				connection.setAutoCommit(false);
				connection.setTransactionIsolation(Connection.TRANSACTION_READ_COMMITTED);
				for (int i = 0; i < 5; i++) {
					assertThat(Statements.number(connection, READ)).isEqualTo(1);
					assertThat(Statements.state(connection)).isEqualTo(TransactionState.IDLE);
					connection.commit();
				}
				assertThat(user.elidedTransactions()).isEqualTo(5);
				Statements.execute(admin, "select pg_promote()");
				assertThat(Statements.number(connection, READ)).isEqualTo(1);
				connection.commit();
				assertThat(Statements.number(connection, READ)).isEqualTo(1);
				assertThat(Statements.state(connection)).isEqualTo(TransactionState.OPEN);
				connection.commit();
			}
			return null;
		});
	}

}
