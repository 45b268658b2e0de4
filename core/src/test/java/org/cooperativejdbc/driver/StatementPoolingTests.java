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
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.function.UnaryOperator;

import org.cooperativejdbc.test.PoolerProxy;
import org.cooperativejdbc.test.TestDatabase;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link StatementPooling}.
 */
class StatementPoolingTests {

	/**
	 * Give statements a name of the pooler's own, as PgBouncer does with
	 * {@code max_prepared_statements}.
	 */
	private static final UnaryOperator<byte[]> TRACK = (message) -> {
		String text = new String(message, StandardCharsets.ISO_8859_1);
		return text.replaceAll("(?s)^(P....|B.....|D....S|C....S)S_", "$1P_").getBytes(StandardCharsets.ISO_8859_1);
	};

	private final TestDatabase database = TestDatabase.instance();

	@ParameterizedTest
	@ValueSource(booleans = { true, false })
	void noPooler(boolean autoCommit) throws SQLException {
		assertThat(observe(this.database.url(), autoCommit)).isEqualTo(StatementPooling.NONE);
	}

	@ParameterizedTest
	@ValueSource(booleans = { true, false })
	void poolerInSessionMode(boolean autoCommit) throws SQLException, IOException {
		try (PoolerProxy pooler = new PoolerProxy(this.database, false, UnaryOperator.identity())) {
			assertThat(observe(pooler.url(), autoCommit)).isEqualTo(StatementPooling.UNSEEN);
		}
	}

	@ParameterizedTest
	@ValueSource(booleans = { true, false })
	void poolerInTransactionMode(boolean autoCommit) throws SQLException, IOException {
		try (PoolerProxy pooler = new PoolerProxy(this.database, true, UnaryOperator.identity())) {
			assertThat(observe(pooler.url(), autoCommit)).isEqualTo(StatementPooling.BROKEN);
			assertThat(observe(pooler.url() + "?prepareThreshold=0", autoCommit)).isEqualTo(StatementPooling.TRACKED);
		}
	}

	@ParameterizedTest
	@ValueSource(booleans = { true, false })
	void poolerInTransactionModeThatTracksStatements(boolean autoCommit) throws SQLException, IOException {
		try (PoolerProxy pooler = new PoolerProxy(this.database, true, TRACK)) {
			assertThat(observe(pooler.url(), autoCommit)).isEqualTo(StatementPooling.TRACKED);
		}
	}

	private StatementPooling observe(String url, boolean autoCommit) throws SQLException {
		try (Connection first = connect(url, autoCommit); Connection second = connect(url, autoCommit)) {
			StatementPooling pooling = StatementPooling.between(first, second);
			assertThat(first.getAutoCommit()).isEqualTo(autoCommit);
			first.setAutoCommit(true);
			assertThat(statementsOfTheDriver(first)).isZero();
			return pooling;
		}
	}

	private Connection connect(String url, boolean autoCommit) throws SQLException {
		Connection connection = DriverManager.getConnection(url, this.database.username(), this.database.password());
		connection.setAutoCommit(autoCommit);
		return connection;
	}

	private static int statementsOfTheDriver(Connection connection) throws SQLException {
		try (Statement statement = connection.createStatement();
				ResultSet result = statement
					.executeQuery("select count(*) from pg_prepared_statements where name like 'S%'")) {
			result.next();
			return result.getInt(1);
		}
	}

}
