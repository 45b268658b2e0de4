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

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;

import javax.sql.DataSource;

import org.cooperativejdbc.CooperativeJdbc;
import org.cooperativejdbc.Deadline;
import org.cooperativejdbc.Finding;
import org.cooperativejdbc.test.ActiveBackends;
import org.cooperativejdbc.test.LoginProxy;
import org.cooperativejdbc.test.PoolerProxy;
import org.cooperativejdbc.test.TestDatabase;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.core.task.AsyncTaskExecutor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Servers on which statements cannot be canceled, because a proxy in front of them drops
 * the cancel key of the login or delays requests.
 */
@Timeout(60)
class UncancelableServerTests {

	private static final String STATEMENT = "select pg_sleep(37)";

	@AfterEach
	void terminate() throws SQLException {
		try (Connection connection = TestDatabase.instance().connect();
				Statement statement = connection.createStatement()) {
			statement.execute("select pg_terminate_backend(pid) from pg_stat_activity "
					+ "where query like '%pg_sleep(37)%' and pid <> pg_backend_pid()");
		}
	}

	@ParameterizedTest
	@CsvSource({ "virtual, true", "virtual, false", "event-loop, true", "event-loop, false" })
	void withoutACancelKeyTheConnectionIsClosedAfterTheGracePeriod(String model, boolean interrupt) throws Exception {
		try (LoginProxy proxy = new LoginProxy(TestDatabase.instance(), false, Duration.ZERO);
				ConfigurableApplicationContext context = start(proxy.url(), "cooperative.jdbc.model=" + model)) {
			assertThat(giveUp(context, interrupt)).startsWith("08");
			assertThat(context.getBean(CooperativeJdbc.class).findings())
				.filteredOn((finding) -> finding.id().equals("no-cancel-key"))
				.singleElement()
				.extracting(Finding::advice)
				.isEqualTo(true);
		}
	}

	@ParameterizedTest
	@ValueSource(strings = { "virtual", "event-loop" })
	void serverWithACancelKeyIsNoFinding(String model) throws Exception {
		try (ConfigurableApplicationContext context = start(TestDatabase.instance().url(),
				"cooperative.jdbc.model=" + model)) {
			assertThat(giveUp(context, true)).isEqualTo("57014");
			assertThat(context.getBean(CooperativeJdbc.class).findings()).extracting(Finding::id)
				.doesNotContain("no-cancel-key", "pooler-cancel");
		}
	}

	/**
	 * The control: the JDK closes the socket of a virtual thread that is interrupted.
	 */
	@ParameterizedTest
	@ValueSource(booleans = { true, false })
	void withoutTheStarterTheConnectionIsClosed(boolean cancelKey) throws Exception {
		try (LoginProxy proxy = new LoginProxy(TestDatabase.instance(), cancelKey, Duration.ZERO);
				ConfigurableApplicationContext context = start(proxy.url(), "cooperative.jdbc.enabled=false")) {
			assertThat(giveUp(context, true)).startsWith("08");
		}
	}

	@ParameterizedTest
	@CsvSource({ "virtual, true", "virtual, false", "event-loop, true", "event-loop, false" })
	void poolerIsAskedOnce(String model, boolean interrupt) throws Exception {
		try (PoolerProxy pooler = new PoolerProxy(TestDatabase.instance(), false, UnaryOperator.identity());
				ConfigurableApplicationContext context = start(pooler.url(), "cooperative.jdbc.model=" + model)) {
			assertThat(giveUp(context, interrupt)).startsWith("08");
			await().untilAsserted(() -> assertThat(pooler.cancels()).isOne());
			assertThat(context.getBean(CooperativeJdbc.class).findings()).extracting(Finding::id)
				.containsOnlyOnce("pooler-cancel");
		}
	}

	/**
	 * Return the SQLState of a statement whose thread is interrupted, or has a deadline.
	 */
	private static String giveUp(ConfigurableApplicationContext context, boolean interrupt) throws Exception {
		DataSource dataSource = context.getBean(DataSource.class);
		FutureTask<String> task = new FutureTask<>(() -> {
			try (Connection connection = dataSource.getConnection();
					Statement statement = connection.createStatement();
					Deadline.Scope scope = Deadline.after(Duration.ofSeconds(interrupt ? 50 : 1)).enter()) {
				return String.valueOf(statement.execute(STATEMENT));
			}
			catch (SQLException ex) {
				return ex.getSQLState();
			}
		});
		Thread[] thread = new Thread[1];
		context.getBean("applicationTaskExecutor", AsyncTaskExecutor.class).execute(() -> {
			thread[0] = Thread.currentThread();
			task.run();
		});
		if (interrupt) {
			await().until(() -> ActiveBackends.count("%pg_sleep(37)%") == 1);
			thread[0].interrupt();
		}
		return task.get(20, TimeUnit.SECONDS);
	}

	private static ConfigurableApplicationContext start(String url, String... properties) {
		TestDatabase database = TestDatabase.instance();
		return new SpringApplicationBuilder(Application.class).web(WebApplicationType.NONE)
			.properties("spring.datasource.url=" + url, "spring.datasource.username=" + database.username(),
					"spring.datasource.password=" + database.password(), "spring.threads.virtual.enabled=true",
					"spring.datasource.hikari.maximum-pool-size=2", "cooperative.jdbc.cancel-grace=700ms")
			.properties(properties)
			.run();
	}

	@SpringBootConfiguration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	static class Application {

	}

}
