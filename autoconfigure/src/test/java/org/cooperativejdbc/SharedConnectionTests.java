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
import java.sql.SQLException;
import java.sql.Statement;
import java.util.function.Consumer;

import javax.sql.DataSource;

import com.zaxxer.hikari.HikariDataSource;
import jakarta.persistence.EntityManagerFactory;
import org.cooperativejdbc.test.TestDatabase;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.jdbc.datasource.DataSourceUtils;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.orm.jpa.JpaTransactionManager;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * A connection that two threads use at once is reported, a connection that they use one
 * after the other is not.
 */
@ExtendWith(OutputCaptureExtension.class)
class SharedConnectionTests {

	private static final String REPORT = "A connection is used by two threads at once: by ";

	@ParameterizedTest
	@CsvSource({ "virtual, Jdbc", "event-loop, Jdbc", "virtual, Jpa", "event-loop, Jpa" })
	void connectionOfATransactionUsedByAnotherThreadIsReportedOnce(String model, String manager,
			CapturedOutput output) {
		run(model, manager, true, (context) -> transaction(context, (connection) -> {
			use(connection);
			inAnotherThread(() -> {
				use(connection);
				use(connection);
			});
		}));
		assertThat(output).containsOnlyOnce(REPORT)
			.containsPattern(REPORT + "VirtualThread\\[#\\d+,intruder\\].*, while it belongs to a transaction of "
					+ "Thread\\[#\\d+,main,.*Give each thread a connection");
	}

	@Test
	void connectionsOfOneThreadAtATimeAreNotReported(CapturedOutput output) {
		run("virtual", "Jdbc", true, (context) -> {
			DataSource dataSource = context.getBean(DataSource.class);
			transaction(context, (connection) -> {
				use(connection);
				inAnotherThread(() -> borrowAndUse(dataSource));
			});
			inAnotherThread(() -> borrowAndUse(dataSource));
			inAnotherThread(() -> transaction(context, SharedConnectionTests::use));
			transaction(context, SharedConnectionTests::use);
		});
		assertThat(output).doesNotContain(REPORT);
	}

	@Test
	void nothingIsReportedByDefault(CapturedOutput output) {
		run("virtual", "Jdbc", false, (context) -> transaction(context, (connection) -> {
			use(connection);
			inAnotherThread(() -> use(connection));
		}));
		assertThat(output).doesNotContain(REPORT);
	}

	private static void transaction(ConfigurableApplicationContext context, Consumer<Connection> action) {
		DataSource dataSource = context.getBean(DataSource.class);
		new TransactionTemplate(context.getBean(PlatformTransactionManager.class))
			.executeWithoutResult((status) -> action.accept(DataSourceUtils.getConnection(dataSource)));
	}

	private static void borrowAndUse(DataSource dataSource) {
		try (Connection connection = dataSource.getConnection()) {
			use(connection);
		}
		catch (SQLException ex) {
			throw new IllegalStateException(ex);
		}
	}

	private static void use(Connection connection) {
		try (Statement statement = connection.createStatement()) {
			statement.execute("select 1");
		}
		catch (SQLException ex) {
			throw new IllegalStateException(ex);
		}
	}

	private static void inAnotherThread(Runnable action) {
		try {
			Thread.ofVirtual().name("intruder").start(action).join();
		}
		catch (InterruptedException ex) {
			throw new IllegalStateException(ex);
		}
	}

	private static void run(String model, String manager, boolean detect,
			Consumer<ConfigurableApplicationContext> test) {
		try (ConfigurableApplicationContext context = new SpringApplicationBuilder(Application.class)
			.sources(manager.equals("Jpa") ? JpaManager.class : JdbcManager.class)
			.web(WebApplicationType.NONE)
			.properties(TestDatabase.instance().properties())
			.properties("cooperative.jdbc.model=" + model, "cooperative.jdbc.detect-shared-connections=" + detect,
					"spring.datasource.hikari.maximum-pool-size=2")
			.run()) {
			test.accept(context);
		}
	}

	@SpringBootConfiguration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	static class Application {

	}

	@Configuration(proxyBeanMethods = false)
	static class JpaManager {

		@Bean
		JpaTransactionManager transactionManager(EntityManagerFactory entityManagerFactory) {
			return new JpaTransactionManager(entityManagerFactory);
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class JdbcManager {

		@Bean
		JdbcTransactionManager transactionManager(HikariDataSource dataSource) {
			return new JdbcTransactionManager(dataSource);
		}

	}

}
