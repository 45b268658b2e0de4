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

package org.cooperativejdbc.pool;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;

/**
 * How many connections a PostgreSQL server has for an application.
 *
 * @param maximum how many connections it accepts, from {@code max_connections} or the
 * lower limit of the role or the database
 * @param reserved how many of them it keeps for superusers and privileged roles
 * @param others how many of them other roles and databases use now
 * @since 0.1.0
 */
public record ServerCapacity(int maximum, int reserved, int others) {

	/**
	 * Other instances of the application use the same role and the same database, and are
	 * not counted as others. Workers of the server have no role.
	 */
	private static final String QUERY = """
			select least(current_setting('max_connections')::int,
					(select nullif(rolconnlimit, -1) from pg_roles where rolname = session_user),
					(select nullif(datconnlimit, -1) from pg_database where datname = current_database())),
				current_setting('superuser_reserved_connections')::int
					+ coalesce(nullif(current_setting('reserved_connections', true), '')::int, 0),
				(select count(*) from pg_stat_activity where datname is not null and usename is not null
					and (datname <> current_database() or usename <> session_user))""";

	/**
	 * Ask a server.
	 * @param connection a connection to it
	 * @return its capacity
	 * @throws SQLException if it does not answer
	 */
	public static ServerCapacity of(Connection connection) throws SQLException {
		try (Statement statement = connection.createStatement(); ResultSet result = statement.executeQuery(QUERY)) {
			result.next();
			return new ServerCapacity(result.getInt(1), result.getInt(2), result.getInt(3));
		}
	}

	/**
	 * Return how many connections the server accepts from applications.
	 * @return the maximum without those that are reserved
	 */
	public int usable() {
		return Math.max(0, this.maximum - this.reserved);
	}

}
