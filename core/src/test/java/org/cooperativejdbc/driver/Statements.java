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
import java.sql.SQLException;
import java.sql.Statement;

import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.cooperativejdbc.Deadline;
import org.cooperativejdbc.test.Database;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Statements of the tests, and what they expect of them.
 */
final class Statements {

	private Statements() {
	}

	static void execute(Connection connection, String sql) throws SQLException {
		try (Statement statement = connection.createStatement()) {
			statement.execute(sql);
		}
	}

	static int backend(Connection connection) throws SQLException {
		return Database.POSTGRESQL.session(connection);
	}

	static void sleep(Connection connection, double seconds) throws SQLException {
		Database.POSTGRESQL.sleep(connection, seconds);
	}

	static void assertCanceled(ThrowingCallable statement) {
		assertCanceled(Database.POSTGRESQL, statement);
	}

	static void assertCanceled(Database database, ThrowingCallable statement) {
		assertThatExceptionOfType(SQLException.class).isThrownBy(statement)
			.satisfies((ex) -> assertThat(ex.getSQLState()).as("%s", ex).isEqualTo(database.canceled()));
	}

	static void assertLost(Database database, ThrowingCallable statement) {
		assertThatExceptionOfType(SQLException.class).isThrownBy(statement)
			.satisfies((ex) -> assertThat(ex.getSQLState()).as("%s", ex).isEqualTo(database.failed()));
	}

	static Deadline.Scope interrupted() {
		Thread.currentThread().interrupt();
		return () -> {
		};
	}

}
