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
import java.util.Set;

import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;

/**
 * What a connection pooler between driver and server, such as PgBouncer, does to
 * statements that the driver has prepared in the server.
 *
 * @since 0.1.0
 */
public enum StatementPooling {

	/**
	 * A connection keeps its backend, so its statements stay where they were prepared.
	 */
	NONE,

	/**
	 * There is a pooler, and no two connections were seen in the same backend, nor one in
	 * two of them: each may keep its own, as in session mode.
	 */
	UNSEEN,

	/**
	 * A connection gets a backend for each transaction, and the pooler prepares
	 * statements again where they are missing, under names of its own; or the driver
	 * prepares none.
	 */
	TRACKED,

	/**
	 * A connection gets a backend for each transaction, where the statements of another
	 * one have the same names.
	 */
	BROKEN;

	private static final int ATTEMPTS = 5;

	private static final String PROBE = "select 1 where ? = 1 /* Cooperative JDBC */";

	private static final String NAME = """
			select name from pg_prepared_statements
			where statement like 'select 1 where $1 = 1%Cooperative JDBC%' order by prepare_time desc""";

	private static final Set<String> NAME_CLASHES = Set.of("42P05", "26000");

	/**
	 * Observe a pooler. It has no backend of its own to name, so the process that it
	 * tells the driver is another one than the server says. When two open connections say
	 * that they run in the same backend, it is theirs for a transaction only.
	 * @param first a connection that is not in a transaction
	 * @param second another one
	 * @return what was observed
	 * @throws SQLException if the server does not answer
	 */
	public static StatementPooling between(Connection first, Connection second) throws SQLException {
		boolean autoCommit = first.getAutoCommit();
		first.setAutoCommit(true);
		second.setAutoCommit(true);
		try (Statement one = first.createStatement(); Statement other = second.createStatement()) {
			return observe(one, other);
		}
		finally {
			first.setAutoCommit(autoCommit);
			second.setAutoCommit(autoCommit);
		}
	}

	/**
	 * Observe a pooler where there is only one connection. Its backends tell less than
	 * those of two: a pooler may give it the same one for each transaction as long as
	 * nobody else has it.
	 * @param connection a connection that is not in a transaction
	 * @return what was observed
	 * @throws SQLException if the server does not answer
	 */
	public static StatementPooling of(Connection connection) throws SQLException {
		boolean autoCommit = connection.getAutoCommit();
		connection.setAutoCommit(true);
		try (Statement statement = connection.createStatement()) {
			return observe(statement, null);
		}
		finally {
			connection.setAutoCommit(autoCommit);
		}
	}

	/**
	 * Return whether a statement has failed because another one has its name, or because
	 * the backend does not know it.
	 * @param failure the failure of the statement
	 * @return whether a pooler is {@link #BROKEN}
	 */
	public static boolean isNameClash(SQLException failure) {
		return NAME_CLASHES.contains(String.valueOf(failure.getSQLState()));
	}

	private static StatementPooling observe(Statement statement, @Nullable Statement other) throws SQLException {
		int process = statement.getConnection().unwrap(PGConnection.class).getBackendPID();
		int backend = backend(statement);
		if (backend <= 0 || backend == process) {
			return NONE;
		}
		for (int i = 0; i < ATTEMPTS; i++) {
			boolean shared = (other != null) ? backend(statement) == backend(other) : backend(statement) != backend;
			if (shared) {
				return passesNames(statement) ? BROKEN : TRACKED;
			}
		}
		return UNSEEN;
	}

	private static int backend(Statement statement) throws SQLException {
		String backend = query(statement, "select pg_backend_pid()");
		return (backend != null) ? Integer.parseInt(backend) : 0;
	}

	private static @Nullable String query(Statement statement, String query) throws SQLException {
		try (ResultSet result = statement.executeQuery(query)) {
			return result.next() ? result.getString(1) : null;
		}
	}

	/**
	 * In one transaction, and so in one backend, look up the name of a statement that the
	 * driver has just prepared, and remove it if it is the driver's own. The transaction
	 * is not the driver's, which would prepare its commit too.
	 */
	private static boolean passesNames(Statement statement) throws SQLException {
		Connection connection = statement.getConnection();
		PGConnection driver = connection.unwrap(PGConnection.class);
		int threshold = driver.getPrepareThreshold();
		if (threshold == 0) {
			return false;
		}
		driver.setPrepareThreshold(1);
		statement.execute("begin");
		try (PreparedStatement probe = connection.prepareStatement(PROBE)) {
			probe.setInt(1, 1);
			probe.execute();
			String name = query(statement, NAME);
			if (name == null || !name.startsWith("S_")) {
				return false;
			}
			statement.execute("deallocate \"" + name + "\"");
			return true;
		}
		catch (SQLException ex) {
			if (isNameClash(ex)) {
				return true;
			}
			throw ex;
		}
		finally {
			statement.execute("rollback");
			driver.setPrepareThreshold(threshold);
		}
	}

}
