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
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

import org.cooperativejdbc.ReadOnlyBegin;
import org.cooperativejdbc.ReadOnlyCommit;
import org.cooperativejdbc.test.Carrier;
import org.cooperativejdbc.test.Database;
import org.cooperativejdbc.test.PgBouncer;
import org.cooperativejdbc.test.TestDatabase;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Read-only transactions through PgBouncer in transaction mode, where six connections
 * share two of the server.
 */
@Timeout(60)
class ReadOnlyPgBouncerTests {

	private static final int CONNECTIONS = 6;

	@RegisterExtension
	private final DatabaseUsers users = new DatabaseUsers();

	private static PgBouncer pgBouncer;

	@BeforeAll
	static void startPgBouncer() throws IOException {
		pgBouncer = new PgBouncer(PgBouncer.Mode.TRANSACTION, Database.POSTGRESQL.address(), "default_pool_size=2");
	}

	@AfterAll
	static void stopPgBouncer() throws IOException {
		if (pgBouncer != null) {
			pgBouncer.close();
		}
	}

	static Stream<Arguments> policies() {
		return Stream.of(Carrier.JDK, Carrier.EVENT_LOOP)
			.flatMap((carrier) -> Stream.of(Arguments.of(carrier, ReadOnlyCommit.OVERLAPPED, ReadOnlyBegin.STANDARD),
					Arguments.of(carrier, ReadOnlyCommit.STANDARD, ReadOnlyBegin.LAZY),
					Arguments.of(carrier, ReadOnlyCommit.OVERLAPPED, ReadOnlyBegin.LAZY)));
	}

	@ParameterizedTest
	@MethodSource("policies")
	void connectionsGetTheirOwnAnswers(Carrier carrier, ReadOnlyCommit commit, ReadOnlyBegin begin) throws Exception {
		try (Connection admin = TestDatabase.instance().connect()) {
			Statements.execute(admin, "create table if not exists bouncer_item (number int)");
			Statements.execute(admin, "truncate bouncer_item");
		}
		DatabaseUser user = this.users.open(carrier, pgBouncer.url() + "?prepareThreshold=0", Duration.ofSeconds(5))
			.readOnly(commit, begin);
		List<FutureTask<?>> tasks = new ArrayList<>();
		for (int thread = 0; thread < CONNECTIONS; thread++) {
			int number = thread;
			FutureTask<?> task = new FutureTask<>(() -> {
				try (Connection connection = user.connect()) {
					connection.setReadOnly(true);
					connection.setAutoCommit(false);
					for (int i = 0; i < 100; i++) {
						transaction(connection, number, i);
					}
				}
				return null;
			});
			tasks.add(task);
			user.threads().newThread(task).start();
		}
		for (FutureTask<?> task : tasks) {
			task.get(50, TimeUnit.SECONDS);
		}
		if (commit == ReadOnlyCommit.OVERLAPPED) {
			assertThat(user.overlappedCommits()).isGreaterThan(CONNECTIONS * 20);
		}
		if (begin == ReadOnlyBegin.LAZY) {
			assertThat(user.elidedTransactions()).isGreaterThan(CONNECTIONS * 20);
		}
	}

	/**
	 * One that is plain, one that has a setting of its own, or one that writes.
	 */
	private static void transaction(Connection connection, int number, int i) throws SQLException {
		assertThat(Statements.number(connection, "select " + number)).isEqualTo(number);
		if (i % 3 == 1) {
			Statements.number(connection, "select set_config('app.number', '" + number + "', true)::int");
			assertThat(Statements.number(connection, "select current_setting('app.number')::int")).isEqualTo(number);
		}
		else if (i % 3 == 2) {
			connection.commit();
			connection.setReadOnly(false);
			Statements.execute(connection, "insert into bouncer_item values (" + number + ")");
			connection.commit();
			connection.setReadOnly(true);
			assertThat(Statements.number(connection, "select count(*) from bouncer_item where number = " + number))
				.isEqualTo(i / 3 + 1);
		}
		connection.commit();
	}

}
