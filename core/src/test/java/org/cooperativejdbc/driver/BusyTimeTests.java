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
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

import org.cooperativejdbc.socket.DriverSocket;
import org.cooperativejdbc.test.ActiveBackends;
import org.cooperativejdbc.test.Carrier;
import org.cooperativejdbc.test.Database;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for the time in which a socket tells that it was waited for.
 */
class BusyTimeTests {

	private static final Duration LONG_GRACE = Duration.ofMinutes(5);

	private static final AtomicInteger sleeps = new AtomicInteger(7000);

	@RegisterExtension
	private final DatabaseUsers users = new DatabaseUsers();

	@ParameterizedTest
	@MethodSource("org.cooperativejdbc.driver.DatabaseUsers#all")
	void busyTimeIsWhatWasWaitedFor(Database database, Carrier carrier) throws Exception {
		DatabaseUser user = this.users.open(database, carrier, LONG_GRACE);
		user.call(() -> {
			try (Connection connection = user.pool().getConnection()) {
				DriverSocket socket = Objects.requireNonNull(database.support().socket(connection));
				long before = socket.busyNanos();
				long start = System.nanoTime();
				database.sleep(connection, 0.2);
				long elapsed = System.nanoTime() - start;
				assertThat(socket.busyNanos() - before).isBetween(TimeUnit.MILLISECONDS.toNanos(100), elapsed);
				assertThat(socket.lastActivity() - start).isBetween(TimeUnit.MILLISECONDS.toNanos(100), elapsed);
			}
			return null;
		});
	}

	@ParameterizedTest
	@EnumSource
	void busyTimeGrowsWhileAWaitGoesOn(Carrier carrier) throws Exception {
		DatabaseUser user = this.users.open(carrier, LONG_GRACE);
		try (Connection connection = user.connect()) {
			DriverSocket socket = socket(connection);
			int backend = Statements.backend(connection);
			int seconds = sleeps.incrementAndGet();
			FutureTask<?> task = new FutureTask<>(() -> {
				Statements.assertCanceled(() -> Statements.sleep(connection, seconds));
				return null;
			});
			user.threads().newThread(task).start();
			while (ActiveBackends.count("%pg_sleep(" + seconds + ")%") == 0) {
				assertThat(task.isDone()).isFalse();
			}
			long before = socket.busyNanos();
			while (socket.busyNanos() - before < TimeUnit.MILLISECONDS.toNanos(50)) {
				assertThat(task.isDone()).isFalse();
			}
			try (Connection other = Database.POSTGRESQL.connect()) {
				Statements.execute(other, "select pg_cancel_backend(" + backend + ")");
			}
			task.get(30, TimeUnit.SECONDS);
		}
	}

	private static DriverSocket socket(Connection connection) {
		return Objects.requireNonNull(PostgresqlDriver.socket(connection));
	}

}
