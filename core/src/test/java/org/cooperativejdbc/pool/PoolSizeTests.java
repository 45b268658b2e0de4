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

import org.cooperativejdbc.test.TestDatabase;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link PoolSize} and {@link ServerCapacity}.
 */
class PoolSizeTests {

	@ParameterizedTest
	@CsvSource({ "100, 3, 12, 1, 1, 32", "100, 3, 12, 4, 1, 21", "100, 3, 12, 4, 2, 10", "100, 3, 12, 200, 1, 1",
			"20, 3, 40, 1, 1, 1" })
	void shareOfTheServer(int maximum, int reserved, int others, int instances, int pools, int expected) {
		PoolSize size = PoolSize.of(new ServerCapacity(maximum, reserved, others, null, null), instances, pools);
		assertThat(size.connections()).isEqualTo(expected);
		assertThat(size.reason()).startsWith("max_connections %d - %d reserved".formatted(maximum, reserved));
	}

	@Test
	void capacityIsThatOfTheServer() throws SQLException {
		try (Connection connection = TestDatabase.instance().connect();
				Statement statement = connection.createStatement()) {
			ServerCapacity capacity = ServerCapacity.of(connection);
			assertThat(capacity.maximum()).isEqualTo(setting(statement, "max_connections"));
			assertThat(capacity.reserved()).isEqualTo(
					setting(statement, "superuser_reserved_connections") + setting(statement, "reserved_connections"));
		}
	}

	@Test
	void limitsOfTheRoleAndTheDatabaseCountAndOtherRolesAreOthers() throws SQLException {
		TestDatabase database = TestDatabase.instance();
		try (Connection administrator = database.connect(); Statement statement = administrator.createStatement()) {
			statement.execute("create role sized login connection limit 7");
			String name = administrator.getCatalog();
			try {
				statement.execute("set session authorization sized");
				ServerCapacity capacity = ServerCapacity.of(administrator);
				assertThat(capacity.role()).isEqualTo(7);
				assertThat(capacity.database()).isNull();
				assertThat(capacity.others()).isPositive();
				assertThat(capacity.available()).isEqualTo(7);
				statement.execute("reset session authorization");
				statement.execute("alter database " + name + " connection limit 300");
				assertThat(ServerCapacity.of(administrator).database()).as("of a superuser").isNull();
				statement.execute("set session authorization sized");
				Integer left = ServerCapacity.of(administrator).database();
				assertThat(left).isNotNull().isBetween(1, 299);
			}
			finally {
				statement.execute("reset session authorization");
				statement.execute("alter database " + name + " connection limit -1");
				statement.execute("drop role sized");
			}
		}
	}

	private static int setting(Statement statement, String name) throws SQLException {
		try (ResultSet result = statement.executeQuery("show " + name)) {
			result.next();
			return result.getInt(1);
		}
	}

}
