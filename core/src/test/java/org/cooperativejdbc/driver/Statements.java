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
import java.sql.Statement;

import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.cooperativejdbc.Deadline;
import org.cooperativejdbc.test.Database;
import org.postgresql.core.TransactionState;
import org.postgresql.jdbc.PgConnection;

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

	/**
	 * Begin transactions that only read, in a session whose isolation is known.
	 */
	static void beginReadOnly(Connection connection) throws SQLException {
		connection.setReadOnly(true);
		connection.setAutoCommit(false);
		readAndCommit(connection);
	}

	static void readAndCommit(Connection connection) throws SQLException {
		number(connection, "select 1");
		connection.commit();
	}

	static int number(Connection connection, String sql) throws SQLException {
		try (PreparedStatement statement = connection.prepareStatement(sql);
				ResultSet result = statement.executeQuery()) {
			assertThat(result.next()).isTrue();
			return result.getInt(1);
		}
	}

	static TransactionState state(Connection connection) throws SQLException {
		return connection.unwrap(PgConnection.class).getTransactionState();
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
