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

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

import org.cooperativejdbc.Deadline;
import org.cooperativejdbc.test.AtOnce;
import org.cooperativejdbc.test.Carrier;
import org.cooperativejdbc.test.Database;
import org.cooperativejdbc.test.SilenceProxy;
import org.cooperativejdbc.test.SilenceProxy.Silence;
import org.cooperativejdbc.test.TestDatabase;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

/**
 * What deadlines and interrupts do to what is waited for, with a server that is silent.
 */
class SilentServerWaitTests {

	private static final Duration GRACE = Duration.ofMillis(500);

	/**
	 * What nobody who gives up waits for, however busy the machine is.
	 */
	private static final Duration LIMIT = Duration.ofSeconds(20);

	@RegisterExtension
	private final DatabaseUsers users = new DatabaseUsers();

	@ParameterizedTest
	@EnumSource
	void statementOfASilentServerEndsWithinTheGracePeriod(Database database) {
		AtOnce.run(Reason.all(), (reason) -> {
			SilenceProxy proxy = this.users.proxy(database);
			DatabaseUser user = this.users.open(database, reason.carrier, proxy.url(), GRACE);
			user.call(() -> {
				Connection connection = user.connect();
				proxy.silence(Silence.ALL);
				long start = System.nanoTime();
				try (Deadline.Scope scope = reason.enter()) {
					Statements.assertLost(database, () -> database.sleep(connection, 60));
				}
				assertThat(System.nanoTime() - start).isBetween(GRACE.toNanos(), LIMIT.toNanos());
				assertThat(Thread.interrupted()).isEqualTo(reason.interrupt);
				assertThat(connection.isClosed()).isTrue();
				return null;
			});
			await().untilAsserted(() -> assertThat(proxy.connects()).isBetween(1, 6));
		});
	}

	@ParameterizedTest
	@EnumSource
	void loginToASilentServerEndsWithinTheGracePeriod(Database database) {
		AtOnce.run(List.of(Carrier.values()), (carrier) -> {
			SilenceProxy proxy = this.users.proxy(database);
			proxy.silence(Silence.ALL);
			DatabaseUser user = this.users.open(database, carrier, proxy.url(), GRACE);
			user.call(() -> {
				try (Deadline.Scope scope = Deadline.after(Duration.ofMillis(50)).enter()) {
					assertThatExceptionOfType(SQLException.class).isThrownBy(user::connect)
						.satisfies((ex) -> assertThat(ex.getSQLState()).startsWith("08"));
				}
				return null;
			});
		});
	}

	/**
	 * The driver waits for the answer to its request for TLS during
	 * {@code sslResponseTimeout}. Then it tries the next server where TLS is required.
	 * Where it is not, it tries the same one again without TLS, and nothing but the
	 * deadline ends that.
	 */
	@ParameterizedTest
	@CsvSource({ "PLATFORM, require, 1", "PLATFORM, prefer, 2", "JDK, require, 1", "JDK, prefer, 2",
			"EVENT_LOOP, require, 1", "EVENT_LOOP, prefer, 2", "NETTY, require, 1", "NETTY, prefer, 2" })
	void loginToASilentServerIsFollowedByTheNextServer(Carrier carrier, String sslMode, int connects) throws Exception {
		SilenceProxy proxy = this.users.proxy();
		proxy.silence(Silence.ALL);
		String url = TestDatabase.encrypted()
			.url()
			.replace("//", "//127.0.0.1:" + proxy.address().getPort() + ",")
			.replace("=require", "=" + sslMode + "&sslResponseTimeout=100");
		DatabaseUser user = this.users.open(carrier, url, GRACE);
		user.call(() -> {
			try (Deadline.Scope scope = Deadline.after(Duration.ofSeconds((connects > 1) ? 1 : 60)).enter()) {
				user.connect().close();
			}
			return null;
		});
		assertThat(proxy.connects()).isEqualTo(connects);
	}

	/**
	 * Only so many at once that what they send fits into the memory of a small machine.
	 */
	@ParameterizedTest
	@MethodSource("writes")
	void writeToASilentServerEndsWithinTheGracePeriod(Database database, boolean interrupt) {
		byte[] large = new byte[40_000_000];
		AtOnce.run(Reason.all(interrupt), (reason) -> {
			SilenceProxy proxy = this.users.proxy(database);
			DatabaseUser user = this.users.open(database, reason.carrier, proxy.url(), GRACE);
			user.call(() -> {
				Connection connection = user.connect();
				proxy.silence(Silence.ALL);
				try (Deadline.Scope scope = reason.enter();
						PreparedStatement statement = connection.prepareStatement("select length(?)")) {
					statement.setBytes(1, large);
					Statements.assertLost(database, statement::executeQuery);
				}
				assertThat(Thread.interrupted()).isEqualTo(interrupt);
				return null;
			});
		});
	}

	static Stream<Arguments> writes() {
		return Arrays.stream(Database.values())
			.flatMap((database) -> Stream.of(Arguments.of(database, false), Arguments.of(database, true)));
	}

	@ParameterizedTest
	@EnumSource
	void housekeepingOfASilentServerEndsWithinTheGracePeriodAndIsNotCanceled(Database database) {
		AtOnce.run(List.of(Carrier.values()), (carrier) -> {
			SilenceProxy proxy = this.users.proxy(database);
			DatabaseUser user = this.users.open(database, carrier, proxy.url(), GRACE);
			user.call(() -> {
				Connection connection = user.connect();
				proxy.silence(Silence.ALL);
				try (Deadline.Scope scope = Deadline.after(Duration.ZERO).enter()) {
					Statements.assertLost(database,
							() -> connection.setTransactionIsolation(Connection.TRANSACTION_SERIALIZABLE));
				}
				return null;
			});
			assertThat(proxy.connects()).isZero();
		});
	}

	/**
	 * It is not canceled, and waited for until the server has not answered anybody else
	 * either.
	 */
	@Test
	void commitOfASilentServerEndsWhenNobodyIsAnswered() {
		AtOnce.run(Reason.all(), (reason) -> {
			SilenceProxy proxy = this.users.proxy(Database.POSTGRESQL);
			DatabaseUser user = this.users.open(Database.POSTGRESQL, reason.carrier, proxy.url(), GRACE);
			user.call(() -> {
				Connection connection = user.connect();
				connection.setAutoCommit(false);
				Statements.execute(connection, "create temporary table uncertain (id int)");
				proxy.silence(Silence.ALL);
				long start = System.nanoTime();
				try (Deadline.Scope scope = reason.enter()) {
					Statements.assertLost(Database.POSTGRESQL, connection::commit);
				}
				assertThat(System.nanoTime() - start).isBetween(GRACE.toNanos(), LIMIT.toNanos());
				assertThat(Thread.interrupted()).isEqualTo(reason.interrupt);
				assertThat(connection.isClosed()).isTrue();
				return null;
			});
			assertThat(proxy.connects()).isOne();
		});
	}

	/**
	 * The answer is there, but a request to cancel is still under way.
	 */
	@ParameterizedTest
	@EnumSource
	void cancelRequestThatHangsDelaysTheAnswerByTheGracePeriodAtMost(Database database) {
		AtOnce.run(List.of(Carrier.values()), (carrier) -> {
			SilenceProxy proxy = this.users.proxy(database);
			DatabaseUser user = this.users.open(database, carrier, proxy.url(), GRACE);
			user.call(() -> {
				Connection connection = user.connect();
				proxy.silence(Silence.CONNECTS);
				assertThatExceptionOfType(SQLException.class).as("a late request might meet the next statement")
					.isThrownBy(() -> {
						try (Deadline.Scope scope = Deadline.after(Duration.ofMillis(50)).enter()) {
							database.sleep(connection, 0.25);
						}
						database.session(connection);
					})
					.satisfies((ex) -> assertThat(ex.getSQLState()).startsWith("08"));
				return null;
			});
			await().untilAsserted(() -> assertThat(proxy.connects()).isOne());
		});
	}

	/**
	 * Whoever gives up a statement, and why.
	 */
	private record Reason(Carrier carrier, boolean interrupt) {

		/**
		 * Return each kind of thread with each reason that reaches it.
		 */
		static List<Reason> all() {
			List<Reason> reasons = new ArrayList<>();
			for (Carrier carrier : Carrier.values()) {
				reasons.add(new Reason(carrier, false));
				if (carrier != Carrier.PLATFORM) {
					reasons.add(new Reason(carrier, true));
				}
			}
			return reasons;
		}

		static List<Reason> all(boolean interrupt) {
			return all().stream().filter((reason) -> reason.interrupt == interrupt).toList();
		}

		Deadline.Scope enter() {
			return this.interrupt ? Statements.interrupted() : Deadline.after(Duration.ofMillis(50)).enter();
		}

	}

}
