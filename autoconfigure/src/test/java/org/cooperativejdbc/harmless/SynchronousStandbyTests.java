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

package org.cooperativejdbc.harmless;

import java.io.IOException;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

import com.zaxxer.hikari.HikariDataSource;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import org.cooperativejdbc.Deadline;
import org.cooperativejdbc.test.EmbeddedServers;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Import;
import org.springframework.core.task.AsyncTaskExecutor;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.SingleConnectionDataSource;
import org.springframework.transaction.annotation.Transactional;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * A COMMIT that waits for a synchronous standby. The server has committed by then, and
 * says so to whoever cancels it.
 */
@Timeout(60)
class SynchronousStandbyTests {

	private static final Duration TIMEOUT = Duration.ofSeconds(1);

	private static EmbeddedPostgres server;

	private static JdbcTemplate admin;

	@BeforeAll
	static void startServer() throws IOException {
		server = EmbeddedServers.builder().setServerConfig("synchronous_commit", "on").start();
		SingleConnectionDataSource connection = new SingleConnectionDataSource(
				server.getJdbcUrl("postgres", "postgres"), true);
		admin = new JdbcTemplate(connection);
		admin.execute("set synchronous_commit = local");
		admin.execute("create table item (id int)");
	}

	@AfterAll
	static void stopServer() throws IOException {
		server.close();
	}

	/**
	 * Let commits wait. Other processes of the server come to know of it a little later.
	 */
	@BeforeEach
	void loseStandby() throws Exception {
		admin.execute("truncate item");
		admin.execute("alter system set synchronous_standby_names = 'nobody'");
		admin.execute("select pg_reload_conf()");
		try (var connection = server.getPostgresDatabase().getConnection();
				var statement = connection.createStatement()) {
			CompletableFuture<Void> probe = CompletableFuture.runAsync(() -> {
				try {
					while (statement.getWarnings() == null) {
						statement.execute("insert into item values (0)");
					}
				}
				catch (SQLException ex) {
					throw new IllegalStateException(ex);
				}
			});
			await().until(() -> waiting() == 1);
			statement.cancel();
			probe.get(10, TimeUnit.SECONDS);
		}
	}

	@AfterEach
	void findStandby() {
		admin.execute("alter system reset synchronous_standby_names");
		admin.execute("select pg_reload_conf()");
		await().until(() -> waiting() == 0);
	}

	@ParameterizedTest
	@CsvSource({ "false, virtual", "true, virtual", "true, event-loop" })
	void timeoutLeavesACommitAlone(boolean starter, String model) {
		try (ConfigurableApplicationContext context = start(starter, model)) {
			Orders orders = context.getBean(Orders.class);
			CompletableFuture<Void> order = executor(context).submitCompletable(orders::within1s);
			await().until(() -> waiting() == 1);
			await().during(TIMEOUT.multipliedBy(2)).until(() -> waiting() == 1 && !order.isDone());
			findStandby();
			assertThat(order).succeedsWithin(Duration.ofSeconds(10));
			assertThat(count()).isOne();
			assertThat(total(context)).isOne();
		}
	}

	/**
	 * Without the starter the connection is closed, and nobody knows.
	 */
	@ParameterizedTest
	@CsvSource({ "false, virtual", "true, virtual", "true, event-loop" })
	void interruptLeavesACommitAlone(boolean starter, String model) throws Exception {
		try (ConfigurableApplicationContext context = start(starter, model)) {
			Orders orders = context.getBean(Orders.class);
			CompletableFuture<String> outcome = new CompletableFuture<>();
			Future<?> order = executor(context).submit(() -> {
				try {
					orders.unlimited();
					outcome.complete("interrupted: " + Thread.currentThread().isInterrupted());
				}
				catch (RuntimeException ex) {
					outcome.complete("failed");
				}
			});
			await().until(() -> waiting() == 1);
			order.cancel(true);
			if (!starter) {
				assertThat(outcome).succeedsWithin(Duration.ofSeconds(10)).isEqualTo("failed");
				return;
			}
			await().during(Duration.ofSeconds(1)).until(() -> waiting() == 1 && !outcome.isDone());
			findStandby();
			assertThat(outcome).succeedsWithin(Duration.ofSeconds(10)).isEqualTo("interrupted: true");
			assertThat(count()).isOne();
			assertThat(total(context)).isOne();
		}
	}

	/**
	 * To the driver it is a statement like any other.
	 */
	@ParameterizedTest
	@ValueSource(strings = { "virtual", "event-loop" })
	void deadlineEndsAStatementInAutoCommitMode(String model) {
		try (ConfigurableApplicationContext context = start(true, model)) {
			JdbcTemplate jdbc = context.getBean(JdbcTemplate.class);
			CompletableFuture<Integer> inserted = executor(context).submitCompletable(() -> {
				try (Deadline.Scope scope = Deadline.after(TIMEOUT).enter()) {
					return jdbc.update("insert into item values (1)");
				}
			});
			assertThat(inserted).succeedsWithin(Duration.ofSeconds(10)).isEqualTo(1);
			assertThat(count()).isOne();
			assertThat(waiting()).isZero();
		}
	}

	private static ConfigurableApplicationContext start(boolean starter, String model) {
		ConfigurableApplicationContext context = Trial.start(starter, model, List.of(Application.class),
				"spring.datasource.url=" + server.getJdbcUrl("postgres", "postgres"),
				"spring.datasource.hikari.maximum-pool-size=1", "cooperative.jdbc.cancel-grace=500ms");
		context.getBean(Orders.class).connect();
		return context;
	}

	private static AsyncTaskExecutor executor(ConfigurableApplicationContext context) {
		return context.getBean("applicationTaskExecutor", AsyncTaskExecutor.class);
	}

	private static int waiting() {
		return admin.queryForObject("select count(*) from pg_stat_activity where wait_event = 'SyncRep'",
				Integer.class);
	}

	/**
	 * Return how many orders there are, for certain or not.
	 */
	private static int count() {
		return admin.queryForObject("select count(*) from item where id = 1", Integer.class);
	}

	private static int total(ConfigurableApplicationContext context) {
		return context.getBean(HikariDataSource.class).getHikariPoolMXBean().getTotalConnections();
	}

	@SpringBootConfiguration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	@Import(Orders.class)
	static class Application {

	}

	static class Orders {

		private final JdbcTemplate jdbc;

		Orders(JdbcTemplate jdbc) {
			this.jdbc = jdbc;
		}

		/**
		 * Take the time that the first transaction takes.
		 */
		@Transactional
		void connect() {
			this.jdbc.execute("select 1");
		}

		@Transactional(timeout = 1)
		void within1s() {
			unlimited();
		}

		@Transactional
		void unlimited() {
			this.jdbc.update("insert into item values (1)");
		}

	}

}
