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
import java.sql.ResultSet;
import java.sql.Statement;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;

import com.zaxxer.hikari.HikariDataSource;
import org.cooperativejdbc.Deadline;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.data.jpa.autoconfigure.DataJpaRepositoriesAutoConfiguration;
import org.springframework.boot.hibernate.autoconfigure.HibernateJpaAutoConfiguration;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.core.task.AsyncTaskExecutor;
import org.springframework.dao.QueryTimeoutException;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.transaction.annotation.Transactional;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * An application on a database whose driver has no socket factory.
 */
class DriverWithoutHookTests {

	/**
	 * Spring makes it the query timeout of each statement, with which the driver cancels.
	 */
	@ParameterizedTest
	@CsvSource({ "false, virtual", "true, event-loop" })
	void timeoutOfATransactionIsTheQueryTimeoutOfItsStatements(boolean starter, String model) throws Exception {
		try (ConfigurableApplicationContext context = start(starter, model)) {
			Reports reports = context.getBean(Reports.class);
			run(context, () -> {
				long began = System.nanoTime();
				assertThatExceptionOfType(QueryTimeoutException.class).isThrownBy(reports::large);
				assertThat(Duration.ofNanos(System.nanoTime() - began)).isBetween(Duration.ofMillis(900),
						Duration.ofSeconds(10));
				return null;
			});
			assertThat(context.getBean(JdbcTemplate.class).queryForObject("select 1", Integer.class)).isOne();
		}
	}

	/**
	 * Nobody but its user knows the statement, and a COMMIT must not be met.
	 */
	@ParameterizedTest
	@CsvSource({ "false, virtual", "true, virtual", "true, event-loop" })
	void deadlineOfAThreadDoesNotReachAStatement(boolean starter, String model) throws Exception {
		try (ConfigurableApplicationContext context = start(starter, model)) {
			run(context, () -> {
				try (Connection connection = context.getBean(HikariDataSource.class).getConnection();
						Statement statement = connection.createStatement();
						Deadline.Scope scope = Deadline.after(Duration.ZERO).enter();
						ResultSet result = statement.executeQuery("select count(*) from system_range(1, 100000)")) {
					assertThat(result.next()).isTrue();
					assertThat(result.getInt(1)).isEqualTo(100_000);
				}
				return null;
			});
		}
	}

	private static void run(ConfigurableApplicationContext context, Callable<?> task) throws Exception {
		context.getBean("applicationTaskExecutor", AsyncTaskExecutor.class).submit(task).get(60, TimeUnit.SECONDS);
	}

	private static ConfigurableApplicationContext start(boolean starter, String model) {
		return new SpringApplicationBuilder(Application.class).web(WebApplicationType.NONE)
			.properties("cooperative.jdbc.enabled=" + starter, "cooperative.jdbc.model=" + model,
					"spring.threads.virtual.enabled=true", "spring.datasource.url=jdbc:h2:mem:without-hook",
					"spring.datasource.hikari.maximum-pool-size=1")
			.run();
	}

	@SpringBootConfiguration(proxyBeanMethods = false)
	@EnableAutoConfiguration(
			exclude = { HibernateJpaAutoConfiguration.class, DataJpaRepositoriesAutoConfiguration.class })
	static class Application {

		@Bean
		Reports reports(JdbcTemplate jdbc) {
			return new Reports(jdbc);
		}

	}

	static class Reports {

		private final JdbcTemplate jdbc;

		Reports(JdbcTemplate jdbc) {
			this.jdbc = jdbc;
		}

		@Transactional(timeout = 1)
		void large() {
			this.jdbc.queryForObject("select sum(x) from system_range(1, 100000000000)", Long.class);
		}

	}

}
