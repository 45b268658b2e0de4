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
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;

import org.cooperativejdbc.ReadOnlyBegin;
import org.cooperativejdbc.ReadOnlyCommit;
import org.cooperativejdbc.test.Carrier;
import org.cooperativejdbc.test.PoolerProxy;
import org.cooperativejdbc.test.ReplicatedServers;
import org.cooperativejdbc.test.TestDatabase;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.postgresql.core.TransactionState;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * A server that dies with a COMMIT under way that nobody waits for, and its replica that
 * takes over.
 */
@Timeout(180)
class ReadOnlyFailoverTests {

	private static final String READ = "select id from item where id = 1";

	@RegisterExtension
	private final DatabaseUsers users = new DatabaseUsers();

	@SuppressWarnings("NullAway.Init")
	private ReplicatedServers servers;

	@BeforeEach
	void startServers() throws Exception {
		this.servers = new ReplicatedServers();
		this.servers.primary().execute("insert into item values (1)");
		this.servers.standby().await("select count(*) from item", 1);
	}

	@AfterEach
	void stopServers() throws IOException {
		this.servers.close();
	}

	@ParameterizedTest
	@EnumSource(names = { "JDK", "EVENT_LOOP" })
	void serverDiesWithACommitUnderWay(Carrier carrier) throws Exception {
		CountDownLatch died = new CountDownLatch(1);
		TestDatabase primary = new TestDatabase(this.servers.primary().url(), "postgres", "postgres");
		try (PoolerProxy proxy = new PoolerProxy(primary, false, (message) -> hold(message, died))) {
			String url = this.servers.url(proxy.address(), "targetServerType=primary&sslmode=disable");
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
					this.servers.primary().kill();
					died.countDown();
					assertThatExceptionOfType(SQLException.class).isThrownBy(() -> Statements.number(connection, READ))
						.satisfies((ex) -> assertThat(ex.getSQLState()).as("%s", ex).matches("08...|57P01"));
				}
				this.servers.promote();
				for (int i = 0; i < 10; i++) {
					try (Connection connection = user.pool().getConnection()) {
						connection.setReadOnly(true);
						connection.setAutoCommit(false);
						assertThat(Statements.number(connection, READ)).isEqualTo(1);
						connection.commit();
						connection.setReadOnly(false);
						Statements.execute(connection, "update item set id = id");
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

	/**
	 * The replica refuses to write. When it has taken over it does not, which each of its
	 * connections says along with its next answer.
	 */
	@ParameterizedTest
	@EnumSource(names = "JDK")
	void transactionsAreLazyAsLongAsTheServerIsAReplica(Carrier carrier) throws Exception {
		DatabaseUser user = this.users.open(carrier, this.servers.standby().url(), Duration.ofSeconds(5))
			.readOnly(ReadOnlyCommit.STANDARD, ReadOnlyBegin.LAZY_WHERE_ENFORCED);
		user.call(() -> {
			try (Connection connection = user.connect()) {
				connection.setReadOnly(true);
				connection.setAutoCommit(false);
				connection.setTransactionIsolation(Connection.TRANSACTION_READ_COMMITTED);
				for (int i = 0; i < 5; i++) {
					assertThat(Statements.number(connection, READ)).isEqualTo(1);
					assertThat(Statements.state(connection)).isEqualTo(TransactionState.IDLE);
					connection.commit();
				}
				assertThat(user.elidedTransactions()).isEqualTo(5);
				this.servers.promote();
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
