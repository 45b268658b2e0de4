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

package org.cooperativejdbc.quarkus;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

import com.zaxxer.hikari.HikariDataSource;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import org.cooperativejdbc.Cooperative;
import org.cooperativejdbc.pool.CooperativeDataSource;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * A Quarkus application with a pool of its own.
 */
@QuarkusTest
@QuarkusTestResource(DatabaseResource.class)
@SuppressWarnings("NullAway.Init") // Injected
class QuarkusTests {

	@Inject
	Cooperative cooperative;

	@Inject
	HikariDataSource pool;

	@ConfigProperty(name = "pool.url")
	String url;

	@Test
	void statementsOverlap() throws Exception {
		assertThat(this.pool).isInstanceOf(CooperativeDataSource.class);
		assertThat(this.cooperative.description().dataSources()).isNotEmpty()
			.allSatisfy((name, description) -> assertThat(description.toString()).contains("socket factory installed"));
		CyclicBarrier allHaveConnections = new CyclicBarrier(10);
		List<Future<?>> running = new ArrayList<>();
		for (int i = 0; i < 10; i++) {
			running.add(this.cooperative.call(() -> {
				try (Connection connection = this.pool.getConnection();
						Statement statement = connection.createStatement()) {
					allHaveConnections.await(20, TimeUnit.SECONDS);
					return statement.execute("select pg_sleep(1.85)");
				}
			}));
		}
		awaitActive("pg_sleep(1.85)", 10);
		for (Future<?> future : running) {
			future.get(20, TimeUnit.SECONDS);
		}
	}

	@Test
	void interruptCancelsTheStatementAndKeepsTheConnection() throws Exception {
		CompletableFuture<Integer> session = new CompletableFuture<>();
		CompletableFuture<Integer> kept = new CompletableFuture<>();
		CompletableFuture<Object> future = this.cooperative.call(() -> {
			try (Connection connection = this.pool.getConnection()) {
				session.complete(query(connection, "select pg_backend_pid()"));
				assertThatExceptionOfType(SQLException.class)
					.isThrownBy(() -> query(connection, "select 1 from pg_sleep(81)"))
					.satisfies((ex) -> assertThat(ex.getSQLState()).isEqualTo("57014"));
				kept.complete(query(connection, "select pg_backend_pid()"));
			}
			return true;
		});
		awaitActive("pg_sleep(81)", 1);
		future.cancel(true);
		assertThat(kept.get(20, TimeUnit.SECONDS)).isEqualTo(session.join());
	}

	@Test
	void deadlineCancelsTheStatementAndKeepsTheConnection() throws Exception {
		try (Connection connection = this.pool.getConnection()) {
			int session = query(connection, "select pg_backend_pid()");
			assertThatExceptionOfType(SQLException.class)
				.isThrownBy(() -> Cooperative.within(Duration.ofMillis(200),
						() -> query(connection, "select 1 from pg_sleep(82)")))
				.satisfies((ex) -> assertThat(ex.getSQLState()).isEqualTo("57014"));
			assertThat(query(connection, "select pg_backend_pid()")).isEqualTo(session);
		}
	}

	@Test
	void pageShowsWhatIsRunHere() throws IOException {
		String source = Files.readString(
				Path.of("src", "main", "java", "org", "cooperativejdbc", "quarkus", "CooperativeProducer.java"));
		String producer = source.substring(source.indexOf("class CooperativeProducer"));
		assertThat(Files.readString(Path.of("..", "..", "..", "..", "docs", "other-frameworks.md")))
			.contains("```java\n" + producer.replace("\t", "    ") + "```");
	}

	/**
	 * The servers of the tests belong to the class loader that has started it.
	 */
	private void awaitActive(String statement, int count) throws SQLException {
		try (Connection connection = DriverManager.getConnection(this.url, "postgres", "postgres")) {
			while (query(connection, "select count(*) from pg_stat_activity where state = 'active' and query like '%"
					+ statement + "' and pid <> pg_backend_pid()") < count) {
				Thread.yield();
			}
		}
	}

	private static int query(Connection connection, String sql) throws SQLException {
		try (Statement statement = connection.createStatement(); ResultSet result = statement.executeQuery(sql)) {
			result.next();
			return result.getInt(1);
		}
	}

}
