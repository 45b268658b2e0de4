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
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.FutureTask;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

import org.cooperativejdbc.Deadline;
import org.cooperativejdbc.socket.DriverSocket;
import org.cooperativejdbc.test.Carrier;
import org.cooperativejdbc.test.Database;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.postgresql.PGConnection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * What deadlines and interrupts do to what is waited for, with a server that answers.
 */
class GivingUpTests {

	private static final int ROUNDS = Integer.getInteger("deadlines", 15);

	private static final Duration GRACE = Duration.ofMillis(300);

	private static final Duration LONG_GRACE = Duration.ofMinutes(5);

	@RegisterExtension
	private final DatabaseUsers users = new DatabaseUsers();

	@ParameterizedTest
	@MethodSource("org.cooperativejdbc.driver.DatabaseUsers#all")
	void statementIsCanceledAtTheDeadlineAndItsConnectionSurvives(Database database, Carrier carrier) throws Exception {
		DatabaseUser user = this.users.open(database, carrier, LONG_GRACE);
		user.call(() -> {
			try (Connection connection = user.connect()) {
				int backend = database.session(connection);
				connection.setAutoCommit(false);
				try (Deadline.Scope scope = Deadline.after(Duration.ofMillis(100)).enter()) {
					Statements.assertCanceled(database, () -> database.sleep(connection, 60));
					connection.rollback();
					assertThat(connection.isValid(0)).isTrue();
					Statements.assertCanceled(database, () -> database.sleep(connection, 60));
					connection.rollback();
				}
				assertThat(database.session(connection)).isEqualTo(backend);
				assertThat(Thread.currentThread().isInterrupted()).isFalse();
			}
			return null;
		});
	}

	@ParameterizedTest
	@MethodSource("org.cooperativejdbc.driver.DatabaseUsers#all")
	void deadlineThatIsNotReachedChangesNothing(Database database, Carrier carrier) throws Exception {
		DatabaseUser user = this.users.open(database, carrier, GRACE);
		user.call(() -> {
			try (Connection connection = user.connect();
					Deadline.Scope scope = Deadline.after(Duration.ofMinutes(1)).enter()) {
				database.sleep(connection, 0.2);
				connection.setNetworkTimeout(Runnable::run, 100);
				assertThatExceptionOfType(SQLException.class).isThrownBy(() -> database.sleep(connection, 60))
					.havingRootCause()
					.withMessage("Read timed out");
			}
			return null;
		});
	}

	@ParameterizedTest
	@CsvSource({ "PLATFORM, false", "JDK, false", "JDK, true", "EVENT_LOOP, false", "EVENT_LOOP, true", "NETTY, false",
			"NETTY, true" })
	void waitForNotificationsEndsAtOnce(Carrier carrier, boolean interrupt) throws Exception {
		DatabaseUser user = this.users.open(carrier, LONG_GRACE);
		user.call(() -> {
			try (Connection connection = user.connect();
					Deadline.Scope scope = interrupt ? Statements.interrupted()
							: Deadline.after(Duration.ofMillis(50)).enter()) {
				assertThatExceptionOfType(SQLException.class)
					.isThrownBy(() -> connection.unwrap(PGConnection.class).getNotifications(0))
					.satisfies((ex) -> assertThat(ex.getSQLState()).startsWith("08"));
				assertThat(Thread.interrupted()).isEqualTo(interrupt);
			}
			return null;
		});
	}

	/**
	 * Deadlines at random moments of short and long statements. Each thread has a number
	 * of its own that the server sends back.
	 */
	@ParameterizedTest
	@MethodSource("org.cooperativejdbc.driver.DatabaseUsers#all")
	void deadlinesAtRandomMomentsMeetNoOtherStatement(Database database, Carrier carrier) throws Exception {
		DatabaseUser user = this.users.open(database, carrier, Duration.ofSeconds(10));
		Set<Integer> backends = user.backends();
		AtomicInteger canceled = new AtomicInteger();
		List<FutureTask<@Nullable Void>> tasks = new ArrayList<>();
		for (int i = 0; i < 6; i++) {
			int number = i;
			FutureTask<@Nullable Void> task = new FutureTask<>(() -> {
				for (int round = 0; round < ROUNDS; round++) {
					canceled.addAndGet(round(database, user, number));
				}
				return null;
			});
			user.threads().newThread(task).start();
			tasks.add(task);
		}
		for (FutureTask<?> task : tasks) {
			task.get(120, TimeUnit.SECONDS);
		}
		assertThat(canceled).hasPositiveValue();
		assertThat(user.backends()).isEqualTo(backends);
	}

	private static int round(Database database, DatabaseUser user, int number) throws SQLException {
		int canceled = 0;
		try (Connection connection = user.pool().getConnection()) {
			connection.setAutoCommit(false);
			long micros = ThreadLocalRandom.current().nextInt(6000);
			try (Deadline.Scope scope = Deadline.after(Duration.ofNanos(micros * 1000)).enter()) {
				query(database, connection, number);
				query(database, connection, number);
			}
			catch (SQLException ex) {
				assertThat(ex.getSQLState()).isEqualTo(database.canceled());
				canceled++;
			}
			connection.rollback();
			query(database, connection, number);
			connection.commit();
		}
		return canceled;
	}

	private static void query(Database database, Connection connection, int number) throws SQLException {
		String work = ThreadLocalRandom.current().nextBoolean() ? "0" : database.work();
		try (PreparedStatement statement = connection.prepareStatement("select ?, " + work)) {
			statement.setInt(1, number);
			try (ResultSet result = statement.executeQuery()) {
				result.next();
				assertThat(result.getInt(1)).isEqualTo(number);
			}
		}
	}

	@ParameterizedTest
	@MethodSource("org.cooperativejdbc.driver.DatabaseUsers#interruptible")
	void interruptThatWasAnsweredIsForgottenWithTheConnection(Database database, Carrier carrier) throws Exception {
		DatabaseUser user = this.users.open(database, carrier, LONG_GRACE);
		user.call(() -> {
			try (Connection one = user.connect(); Connection other = user.connect()) {
				Thread.currentThread().interrupt();
				Statements.assertCanceled(database, () -> database.sleep(one, 60));
				database.sleep(one, 0.02);
				Statements.assertCanceled(database, () -> database.sleep(other, 60));
				database.sleep(other, 0.02);
				Thread.interrupted();
				DriverSocket.forgetAnsweredInterrupt();
				Thread.currentThread().interrupt();
				Statements.assertCanceled(database, () -> database.sleep(other, 60));
				assertThat(Thread.interrupted()).isTrue();
			}
			return null;
		});
	}

}
