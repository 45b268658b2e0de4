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
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

import com.zaxxer.hikari.HikariDataSource;
import org.cooperativejdbc.CooperativeJdbc;
import org.cooperativejdbc.Finding;
import org.cooperativejdbc.socket.DriverSocket;
import org.cooperativejdbc.test.ActiveBackends;
import org.cooperativejdbc.test.PgSockets;
import org.cooperativejdbc.test.TestDatabase;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.core.task.AsyncTaskExecutor;
import org.springframework.jdbc.core.simple.JdbcClient;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.awaitility.Awaitility.await;

/**
 * Drivers that wrap pgjdbc and pass connection properties on: their connections have the
 * sockets of the starter, and it is said once that their statements cannot be canceled.
 */
class WrappingDriverTests {

	static {
		System.setProperty("p6spy.config.appender", "com.p6spy.engine.spy.appender.Slf4JLogger");
	}

	private static final String SLOW = "select pg_sleep(20), 'wrapping driver'";

	@ParameterizedTest
	@CsvSource({ "false, virtual, otel, io.opentelemetry.instrumentation.jdbc.OpenTelemetryDriver",
			"true, virtual, otel, io.opentelemetry.instrumentation.jdbc.OpenTelemetryDriver",
			"true, event-loop, otel, io.opentelemetry.instrumentation.jdbc.OpenTelemetryDriver",
			"false, virtual, p6spy, com.p6spy.engine.spy.P6SpyDriver",
			"true, virtual, p6spy, com.p6spy.engine.spy.P6SpyDriver",
			"true, event-loop, p6spy, com.p6spy.engine.spy.P6SpyDriver" })
	void connectionsHaveOurSockets(boolean starter, String model, String wrapper, String driver) throws Exception {
		TestDatabase database = TestDatabase.instance();
		try (ConfigurableApplicationContext context = new SpringApplicationBuilder(Application.class)
			.web(WebApplicationType.NONE)
			.properties("spring.datasource.url=" + database.url().replaceFirst("jdbc:", "jdbc:" + wrapper + ":"),
					"spring.datasource.username=" + database.username(),
					"spring.datasource.password=" + database.password(),
					"spring.datasource.driver-class-name=" + driver, "spring.datasource.hikari.maximum-pool-size=1",
					"spring.threads.virtual.enabled=true", "cooperative.jdbc.enabled=" + starter,
					"cooperative.jdbc.model=" + model, "cooperative.jdbc.required=true",
					"cooperative.jdbc.cancel-grace=500ms",
					"spring.autoconfigure.exclude=org.springframework.boot.hibernate.autoconfigure.HibernateJpaAutoConfiguration,"
							+ "org.springframework.boot.data.jpa.autoconfigure.DataJpaRepositoriesAutoConfiguration")
			.run()) {
			try (Connection connection = context.getBean(HikariDataSource.class).getConnection()) {
				assertThat(PgSockets.of(connection) instanceof DriverSocket).isEqualTo(starter);
			}
			if (starter) {
				assertReportedOnce(context, wrapper);
			}
			assertInterruptEndsTheStatement(context);
		}
	}

	private static void assertReportedOnce(ConfigurableApplicationContext context, String wrapper) {
		CooperativeJdbc cooperativeJdbc = context.getBean(CooperativeJdbc.class);
		assertThat(cooperativeJdbc.dataSources().get("dataSource"))
			.startsWith("PostgreSQL socket factory installed through " + wrapper);
		assertThat(cooperativeJdbc.findings()).filteredOn((finding) -> finding.id().equals("wrapped-driver"))
			.singleElement()
			.extracting(Finding::problem)
			.isEqualTo("dataSource: pgjdbc is behind " + wrapper);
	}

	/**
	 * With the starter after the grace period, without it at once: the connection is
	 * closed in both cases.
	 */
	private static void assertInterruptEndsTheStatement(ConfigurableApplicationContext context) throws Exception {
		JdbcClient jdbc = context.getBean(JdbcClient.class);
		CompletableFuture<Throwable> failure = new CompletableFuture<>();
		Future<?> task = context.getBean("applicationTaskExecutor", AsyncTaskExecutor.class)
			.submit(() -> failure.complete(catchThrowable(() -> jdbc.sql(SLOW).query().listOfRows())));
		await().until(() -> ActiveBackends.count("%wrapping driver%") == 1);
		task.cancel(true);
		assertThat(failure.get(15, TimeUnit.SECONDS)).rootCause().isNotNull();
		terminate();
		assertThat(jdbc.sql("select 1").query(Integer.class).single()).isOne();
	}

	private static void terminate() throws SQLException {
		try (Connection connection = TestDatabase.instance().connect();
				Statement statement = connection.createStatement()) {
			statement.execute("select pg_terminate_backend(pid, 10000) from pg_stat_activity "
					+ "where query like '%wrapping driver%' and pid <> pg_backend_pid()");
		}
	}

	@SpringBootConfiguration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	static class Application {

	}

}
