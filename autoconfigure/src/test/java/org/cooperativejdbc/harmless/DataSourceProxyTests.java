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
import net.ttddyy.dsproxy.support.ProxyDataSource;
import org.cooperativejdbc.CooperativeJdbc;
import org.cooperativejdbc.Finding;
import org.cooperativejdbc.pool.CooperativeDataSource;
import org.cooperativejdbc.test.TestDatabase;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Primary;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.DelegatingDataSource;
import org.springframework.jdbc.datasource.TransactionAwareDataSourceProxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatException;

/**
 * Data sources around a pool, and pools that have more than one name: they are seen
 * through, and where the pool itself is out of reach it is said why.
 */
@ExtendWith(OutputCaptureExtension.class)
class DataSourceProxyTests {

	@ParameterizedTest
	@CsvSource({ "false, Proxied", "true, Proxied", "false, Delegated", "true, Delegated", "false, TransactionAware",
			"true, TransactionAware", "false, Names", "true, Names", "false, Alias", "true, Alias" })
	void poolThatIsABeanIsCooperativeBehindAProxy(boolean starter, String configuration) throws Exception {
		try (ConfigurableApplicationContext context = start(configuration, "cooperative.jdbc.enabled=" + starter,
				"cooperative.jdbc.required=true")) {
			assertThat(context.getBean(JdbcClient.class).sql("select 1").query(Integer.class).single()).isOne();
			HikariDataSource pool = context.getBean("pool", HikariDataSource.class);
			assertThat(pool.isRunning()).isTrue();
			if (starter) {
				assertThat(pool).isInstanceOf(CooperativeDataSource.class);
				CooperativeJdbc cooperativeJdbc = context.getBean(CooperativeJdbc.class);
				assertThat(cooperativeJdbc.dataSources()).containsOnlyKeys("pool");
				assertThat(cooperativeJdbc.findings()).extracting(Finding::id)
					.doesNotContain("socket-factory", "uncooperative-data-source");
			}
		}
	}

	@ParameterizedTest
	@CsvSource({ "false, ProxyOfItsOwnPool", "true, ProxyOfItsOwnPool", "false, DelegateOfItsOwnPool",
			"true, DelegateOfItsOwnPool" })
	void poolMadeInsideOfAProxyWorksAndIsAFinding(boolean starter, String configuration) throws Exception {
		try (ConfigurableApplicationContext context = start(configuration, "cooperative.jdbc.enabled=" + starter)) {
			assertThat(context.getBean(JdbcClient.class).sql("select 1").query(Integer.class).single()).isOne();
			if (starter) {
				assertThat(context.getBean(CooperativeJdbc.class).findings())
					.filteredOn((finding) -> finding.problem().contains("theirs"))
					.singleElement()
					.satisfies((finding) -> assertThat(finding.remedy()).startsWith("Define the pool as a bean"));
			}
		}
	}

	@ParameterizedTest
	@ValueSource(strings = { "ProxyOfItsOwnPool", "DelegateOfItsOwnPool" })
	void poolMadeInsideOfAProxyFailsStartupWhereCooperativeOnesAreRequired(String configuration,
			CapturedOutput output) {
		assertThatException().isThrownBy(() -> start(configuration, "cooperative.jdbc.required=true"));
		assertThat(output).contains("'theirs'", "Define the pool as a bean");
	}

	@Test
	void proxyOfItsOwnPoolIsCalledWhatItIs() throws Exception {
		try (ConfigurableApplicationContext context = start("ProxyOfItsOwnPool")) {
			assertThat(context.getBean(CooperativeJdbc.class).dataSources()).containsEntry("dataSource",
					"a " + ProxyDataSource.class.getName() + " around the pool 'theirs', which is no bean");
		}
	}

	private static ConfigurableApplicationContext start(String configuration, String... properties)
			throws ClassNotFoundException {
		return new SpringApplicationBuilder(Application.class,
				Class.forName(DataSourceProxyTests.class.getName() + "$" + configuration))
			.web(WebApplicationType.NONE)
			.properties("cooperative.jdbc.model=virtual",
					"spring.autoconfigure.exclude=org.springframework.boot.hibernate.autoconfigure.HibernateJpaAutoConfiguration,"
							+ "org.springframework.boot.data.jpa.autoconfigure.DataJpaRepositoriesAutoConfiguration")
			.properties(properties)
			.run();
	}

	private static HikariDataSource create() {
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
	static class Proxied {

		@Bean
		HikariDataSource pool() {
			return create();
		}

		@Bean
		@Primary
		DataSource proxy(HikariDataSource pool) {
			return new ProxyDataSource(pool);
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class Delegated {

		@Bean
		HikariDataSource pool() {
			return create();
		}

		@Bean
		@Primary
		DataSource proxy(HikariDataSource pool) {
			return new DelegatingDataSource(pool);
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class TransactionAware {

		@Bean
		HikariDataSource pool() {
			return create();
		}

		@Bean
		@Primary
		DataSource proxy(HikariDataSource pool) {
			return new TransactionAwareDataSourceProxy(pool);
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class Names {

		@Bean({ "pool", "other" })
		DataSource pool() {
			return create();
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class Alias {

		@Bean
		@Primary
		DataSource pool() {
			return create();
		}

		@Bean
		DataSource other(DataSource pool) {
			return pool;
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class ProxyOfItsOwnPool {

		@Bean
		DataSource dataSource() {
			return new ProxyDataSource(create());
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class DelegateOfItsOwnPool {

		@Bean
		DataSource dataSource() {
			return new DelegatingDataSource(create());
		}

	}

}
