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

package org.cooperativejdbc;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;

import com.zaxxer.hikari.HikariDataSource;
import org.cooperativejdbc.carrier.EventLoops;
import org.cooperativejdbc.test.TestDatabase;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.jdbc.HikariCheckpointRestoreLifecycle;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * An application that is stopped and started again, as around a checkpoint of the JVM,
 * lets go of its connections in between and then does as before. The bean that suspends
 * its pool is the one that Spring Boot defines where {@code org.crac:crac} is on the
 * class path.
 */
@Timeout(120)
class RestartTests {

	private static final String NAME = "restart";

	/**
	 * The model "off" is the control, without the starter.
	 */
	@ParameterizedTest
	@CsvSource({ "off, SERVLET", "platform, NONE", "virtual, NONE", "event-loop, NONE", "virtual, SERVLET",
			"event-loop, SERVLET", "virtual, REACTIVE", "event-loop, REACTIVE" })
	void statementsWorkAfterAStopAndAStart(String model, WebApplicationType type) throws Exception {
		try (ConfigurableApplicationContext context = start(model, type)) {
			String before = query(context);
			assertThat(connections()).isPositive();
			context.stop();
			await().until(RestartTests::connections, (count) -> count == 0);
			CompletableFuture<String> waiting = new CompletableFuture<>();
			threads(context).newThread(() -> waiting.complete(context.getBean(Queries.class).query())).start();
			context.start();
			assertThat(waiting.get(20, TimeUnit.SECONDS)).isNotEmpty();
			assertThat(kind(query(context))).isEqualTo(kind(before));
		}
	}

	/**
	 * Return the name of the thread of a statement, without its numbers.
	 */
	private static String kind(String thread) {
		return thread.replaceAll("\\d+", "").replace("cooperative-jdbc-carrier-", "cooperative-jdbc-loop-");
	}

	private static String query(ConfigurableApplicationContext context) throws Exception {
		if (context.getEnvironment().containsProperty("local.server.port")) {
			return LocalRequests.get(context, "/query").body();
		}
		CompletableFuture<String> result = new CompletableFuture<>();
		threads(context).newThread(() -> result.complete(context.getBean(Queries.class).query())).start();
		return result.get(20, TimeUnit.SECONDS);
	}

	private static ThreadFactory threads(ConfigurableApplicationContext context) {
		EventLoops loops = context.getBeanProvider(EventLoops.class).getIfAvailable();
		return (loops != null) ? loops.threadFactory("restart-") : Thread.ofVirtual().factory();
	}

	private static int connections() throws SQLException {
		try (Connection connection = TestDatabase.instance().connect();
				ResultSet result = connection.createStatement()
					.executeQuery("select count(*) from pg_stat_activity where application_name = '" + NAME + "'")) {
			result.next();
			return result.getInt(1);
		}
	}

	private static ConfigurableApplicationContext start(String model, WebApplicationType type) {
		return new SpringApplicationBuilder(Application.class).web(type)
			.properties(TestDatabase.instance().properties())
			.properties("server.port=0", "cooperative.jdbc.enabled=" + !model.equals("off"),
					"cooperative.jdbc.model=" + (model.equals("off") ? "virtual" : model),
					"cooperative.jdbc.event-loop.threads=1", "spring.threads.virtual.enabled=true",
					"spring.datasource.hikari.maximum-pool-size=3",
					"spring.datasource.hikari.allow-pool-suspension=true",
					"spring.datasource.hikari.data-source-properties.ApplicationName=" + NAME,
					"spring.autoconfigure.exclude="
							+ "org.springframework.boot.jetty.autoconfigure.servlet.JettyServletWebServerAutoConfiguration,"
							+ "org.springframework.boot.tomcat.autoconfigure.reactive.TomcatReactiveWebServerAutoConfiguration,"
							+ "org.springframework.boot.jetty.autoconfigure.reactive.JettyReactiveWebServerAutoConfiguration")
			.run();
	}

	@SpringBootConfiguration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	static class Application {

		@Bean
		Queries queries(JdbcTemplate jdbc) {
			return new Queries(jdbc);
		}

		@Bean
		HikariCheckpointRestoreLifecycle hikariCheckpointRestoreLifecycle(HikariDataSource pool,
				ConfigurableApplicationContext context) {
			return new HikariCheckpointRestoreLifecycle(pool, context);
		}

	}

	@RestController
	static class Queries {

		private final JdbcTemplate jdbc;

		Queries(JdbcTemplate jdbc) {
			this.jdbc = jdbc;
		}

		@GetMapping("/query")
		String query() {
			this.jdbc.execute("select pg_sleep(0.05)");
			return Thread.currentThread().toString();
		}

	}

}
