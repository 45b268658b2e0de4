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

import javax.sql.DataSource;

import com.zaxxer.hikari.HikariDataSource;
import org.cooperativejdbc.CooperativeJdbc;
import org.cooperativejdbc.Finding;
import org.cooperativejdbc.test.TestDatabase;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.beans.factory.FactoryBean;
import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.Ordered;
import org.springframework.jdbc.core.simple.JdbcClient;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatException;

/**
 * Pools that are no beans which Spring creates: they work as ever, are found by what uses
 * them, and fail startup only where the user requires cooperative ones.
 */
@ExtendWith(OutputCaptureExtension.class)
class UnseenDataSourceTests {

	@ParameterizedTest
	@CsvSource({ "false, MadeByFactoryBean", "true, MadeByFactoryBean", "false, Exchanged", "true, Exchanged",
			"false, Registered", "true, Registered" })
	void worksAndIsFoundByItsUser(boolean starter, String configuration) throws Exception {
		try (ConfigurableApplicationContext context = start(configuration, "cooperative.jdbc.enabled=" + starter)) {
			assertThat(context.getBean(JdbcClient.class).sql("select 1").query(Integer.class).single()).isOne();
			if (starter) {
				assertThat(context.getBean(CooperativeJdbc.class).findings())
					.filteredOn((finding) -> finding.id().equals("uncooperative-data-source"))
					.singleElement()
					.extracting(Finding::problem)
					.asString()
					.contains("'transactionManager' uses the pool 'theirs'");
			}
		}
	}

	@ParameterizedTest
	@ValueSource(strings = { "MadeByFactoryBean", "Exchanged", "Registered" })
	void failsStartupWhereCooperativeOnesAreRequired(String configuration, CapturedOutput output) {
		assertThatException().isThrownBy(() -> start(configuration, "cooperative.jdbc.required=true"));
		assertThat(output).contains("'transactionManager' uses the pool 'theirs', which is not cooperative",
				"'cooperative.jdbc.required' is true", "Define the pool as a bean of type HikariDataSource");
	}

	@Test
	void poolThatIsABeanIsNoFinding() throws Exception {
		try (ConfigurableApplicationContext context = start("Application", "cooperative.jdbc.required=true")) {
			assertThat(context.getBean(CooperativeJdbc.class).findings()).extracting(Finding::id)
				.doesNotContain("uncooperative-data-source");
		}
	}

	private ConfigurableApplicationContext start(String configuration, String... properties)
			throws ClassNotFoundException {
		return new SpringApplicationBuilder(Application.class,
				Class.forName(UnseenDataSourceTests.class.getName() + "$" + configuration))
			.web(WebApplicationType.NONE)
			.initializers((context) -> {
				if (configuration.equals("Registered")) {
					context.getBeanFactory().registerSingleton("dataSource", pool());
				}
			})
			.properties(TestDatabase.instance().properties())
			.properties("cooperative.jdbc.model=virtual")
			.properties(properties)
			.run();
	}

	private static HikariDataSource pool() {
		TestDatabase database = TestDatabase.instance();
		HikariDataSource pool = new HikariDataSource();
		pool.setJdbcUrl(database.url());
		pool.setUsername(database.username());
		pool.setPassword(database.password());
		pool.setMaximumPoolSize(2);
		pool.setPoolName("theirs");
		return pool;
	}

	@SpringBootConfiguration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	static class Application {

	}

	@Configuration(proxyBeanMethods = false)
	static class MadeByFactoryBean {

		@Bean
		PoolFactory dataSource() {
			return new PoolFactory();
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class Registered {

	}

	/**
	 * What test libraries do.
	 */
	@Configuration(proxyBeanMethods = false)
	static class Exchanged {

		@Bean
		static BeanPostProcessor exchange() {
			return new Exchange();
		}

	}

	static class Exchange implements BeanPostProcessor, Ordered {

		@Override
		public Object postProcessAfterInitialization(Object bean, String beanName) {
			return (bean instanceof DataSource) ? pool() : bean;
		}

		@Override
		public int getOrder() {
			return Ordered.LOWEST_PRECEDENCE;
		}

	}

	static class PoolFactory implements FactoryBean<DataSource> {

		private final HikariDataSource pool = pool();

		@Override
		public DataSource getObject() {
			return this.pool;
		}

		@Override
		public Class<?> getObjectType() {
			return DataSource.class;
		}

	}

}
