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

import java.util.List;

import javax.sql.DataSource;

import org.cooperativejdbc.test.TestDatabase;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.DataSourceTransactionManager;
import org.springframework.transaction.annotation.Transactional;
import org.springframework.transaction.interceptor.MatchAlwaysTransactionAttributeSource;
import org.springframework.transaction.interceptor.TransactionAttributeSource;
import org.springframework.transaction.support.TransactionSynchronizationManager;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Unusual declarations of transactions do the same with the starter as without.
 */
class TransactionDeclarationTests {

	@ParameterizedTest
	@ValueSource(booleans = { true, false })
	void secondTransactionAttributeSourceIsNoneOfOurBusiness(boolean enabled) {
		assertThat(outcome(enabled, SecondSource.class, "plain")).isEqualTo("transaction");
		assertThat(outcome(enabled, SecondSource.class, "seconds50")).isEqualTo("transaction");
	}

	@ParameterizedTest
	@ValueSource(booleans = { true, false })
	void transactionManagerWithoutRoomForListenersWorks(boolean enabled) {
		assertThat(outcome(enabled, NoListeners.class, "plain")).isEqualTo("transaction");
		assertThat(outcome(enabled, NoListeners.class, "seconds50")).isEqualTo("transaction");
	}

	@ParameterizedTest
	@ValueSource(booleans = { true, false })
	void transactionManagementIsNotNeeded(boolean enabled) {
		assertThat(outcome(enabled, Plain.class, "seconds50",
				"spring.autoconfigure.exclude=org.springframework.boot.transaction.autoconfigure.TransactionAutoConfiguration"))
			.isEqualTo("none");
	}

	@Test
	void oddTimeoutsDoWhatTheyDoWithoutTheStarter() {
		for (String method : new String[] { "timeout0", "huge", "expression" }) {
			assertThat(outcome(true, Plain.class, method)).as(method).isEqualTo(outcome(false, Plain.class, method));
		}
		assertThat(outcome(true, Misspelt.class, "plain")).isEqualTo(outcome(false, Misspelt.class, "plain"))
			.contains("BeanCreationException");
	}

	private static String outcome(boolean enabled, Class<?> source, String method, String... properties) {
		try (ConfigurableApplicationContext context = new SpringApplicationBuilder(Application.class, source)
			.web(WebApplicationType.NONE)
			.properties(TestDatabase.instance().properties())
			.properties("cooperative.jdbc.enabled=" + enabled, "cooperative.jdbc.model=virtual", "timeout=50")
			.properties(properties)
			.run()) {
			Methods methods = context.getBean(Methods.class);
			return switch (method) {
				case "seconds50" -> methods.seconds50();
				case "timeout0" -> methods.timeout0();
				case "huge" -> methods.huge();
				case "expression" -> methods.expression();
				default -> methods.plain();
			};
		}
		catch (RuntimeException ex) {
			return ex.getClass().getName();
		}
	}

	@SpringBootConfiguration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	@Import(Methods.class)
	static class Application {

	}

	@Configuration(proxyBeanMethods = false)
	static class Plain {

	}

	@Configuration(proxyBeanMethods = false)
	static class SecondSource {

		@Bean
		TransactionAttributeSource secondTransactionAttributeSource() {
			return new MatchAlwaysTransactionAttributeSource();
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class NoListeners {

		@Bean
		DataSourceTransactionManager transactionManager(DataSource dataSource) {
			DataSourceTransactionManager transactionManager = new DataSourceTransactionManager(dataSource);
			transactionManager.setTransactionExecutionListeners(List.of());
			return transactionManager;
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class Misspelt {

		@Bean
		Runnable misspelt() {
			return new Runnable() {

				@Override
				@Transactional(timeoutString = "soon")
				public void run() {
				}

			};
		}

	}

	static class Methods {

		private final JdbcTemplate jdbc;

		Methods(JdbcTemplate jdbc) {
			this.jdbc = jdbc;
		}

		@Transactional
		String plain() {
			return look();
		}

		@Transactional(timeout = 50)
		String seconds50() {
			return look();
		}

		@Transactional(timeout = 0)
		String timeout0() {
			return look();
		}

		@Transactional(timeout = Integer.MAX_VALUE)
		String huge() {
			return look();
		}

		@Transactional(timeoutString = "${timeout}")
		String expression() {
			return look();
		}

		private String look() {
			this.jdbc.execute("select 1");
			return TransactionSynchronizationManager.isActualTransactionActive() ? "transaction" : "none";
		}

	}

}
