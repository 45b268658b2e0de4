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

import org.jspecify.annotations.Nullable;

/**
 * How many connections a PostgreSQL server has for an application, all of its instances
 * together.
 *
 * @param maximum how many connections it accepts, {@code max_connections}
 * @param reserved how many of them it keeps for superusers and privileged roles
 * @param others how many of them other roles and databases use now
 * @param role how many the limit of the role leaves, or {@code null} if it has none
 * @param database how many the limit of the database leaves, or {@code null} if it has
 * none
 * @since 0.1.0
 */
public record ServerCapacity(int maximum, int reserved, int others, @Nullable Integer role,
		@Nullable Integer database) {

	/**
	 * Other instances of the application use the same role and the same database, and are
	 * not counted as others. Workers of the server have places of their own; which ones
	 * they are is known to privileged roles only.
	 */
	private static final String QUERY = """
			select current_setting('max_connections')::int,
				current_setting('superuser_reserved_connections')::int
					+ coalesce(nullif(current_setting('reserved_connections', true), '')::int, 0),
				count(*),
				(select rolconnlimit from pg_roles
					where rolname = session_user and rolconnlimit >= 0 and not rolsuper)
					- count(*) filter (where usename = session_user),
				(select datconnlimit from pg_database, pg_roles
					where datname = current_database() and datconnlimit >= 0
					and rolname = session_user and not rolsuper)
					- count(*) filter (where datname = current_database())
			from pg_stat_activity
			where datname is not null and usename is not null
				and coalesce(backend_type, 'client backend') = 'client backend'
				and (datname <> current_database() or usename <> session_user)""";

	/**
	 * Ask a server.
	 * @param connection a connection to it
	 * @return its capacity
	 * @throws SQLException if it does not answer
	 */
	public static ServerCapacity of(Connection connection) throws SQLException {
		try (Statement statement = connection.createStatement(); ResultSet result = statement.executeQuery(QUERY)) {
			result.next();
			return new ServerCapacity(result.getInt(1), result.getInt(2), result.getInt(3), limit(result, 4),
					limit(result, 5));
		}
	}

	private static @Nullable Integer limit(ResultSet result, int column) throws SQLException {
		int limit = result.getInt(column);
		return result.wasNull() ? null : limit;
	}

	/**
	 * Return how many connections all instances of the application may have together.
	 * @return what is left, zero if nothing is
	 */
	public int available() {
		int available = left();
		available = (this.role != null) ? Math.min(available, this.role) : available;
		available = (this.database != null) ? Math.min(available, this.database) : available;
		return Math.max(0, available);
	}

	ServerCapacity withoutOthers() {
		return new ServerCapacity(this.maximum, this.reserved, 0, this.role, this.database);
	}

	private int left() {
		return this.maximum - this.reserved - this.others;
	}

	/**
	 * Return how the number came about.
	 * @return a calculation
	 */
	public String calculation() {
		StringBuilder calculation = new StringBuilder("max_connections %d - %d reserved - %d of others = %d"
			.formatted(this.maximum, this.reserved, this.others, left()));
		if (this.role != null && this.role < left()) {
			calculation.append(", the role may have ").append(this.role);
		}
		if (this.database != null && this.database < left()) {
			calculation.append(", the database may have ").append(this.database);
		}
		return calculation.toString();
	}

}
