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

import com.zaxxer.hikari.HikariDataSource;
import net.ttddyy.dsproxy.support.ProxyDataSource;
import org.cooperativejdbc.CooperativeJdbc;
import org.cooperativejdbc.Finding;
import org.cooperativejdbc.pool.CooperativeDataSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.beans.factory.FactoryBean;
import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.beans.factory.config.SingletonBeanRegistry;
import org.springframework.beans.factory.support.BeanDefinitionRegistry;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.context.annotation.ImportBeanDefinitionRegistrar;
import org.springframework.context.annotation.Primary;
import org.springframework.core.Ordered;
import org.springframework.core.type.AnnotationMetadata;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.DelegatingDataSource;
import org.springframework.jdbc.datasource.TransactionAwareDataSourceProxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatException;

/**
 * Pools behind other data sources, pools that have more than one name, and pools that are
 * no beans which Spring creates. All of them work as ever. What can be seen through is; a
 * pool that is out of reach is found, with what to do about it, and fails startup only
 * where the user requires cooperative ones.
 */
@ExtendWith(OutputCaptureExtension.class)
class UnseenPoolTests {

	@ParameterizedTest
	@CsvSource({ "false, Proxied", "true, Proxied", "false, Delegated", "true, Delegated", "false, TransactionAware",
			"true, TransactionAware", "false, Names", "true, Names", "false, Alias", "true, Alias" })
	void poolThatIsABeanIsCooperativeBehindAProxy(boolean starter, String configuration) throws Exception {
		try (ConfigurableApplicationContext context = start(starter, configuration, "cooperative.jdbc.required=true")) {
			assertWorks(context);
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
	@CsvSource(delimiter = '|', quoteCharacter = '"', textBlock = """
			false | ProxyOfItsOwnPool    |
			true  | ProxyOfItsOwnPool    | around the pool 'theirs'
			false | DelegateOfItsOwnPool |
			true  | DelegateOfItsOwnPool | the pool 'theirs'
			false | MadeByFactoryBean    |
			true  | MadeByFactoryBean    | 'transactionManager' uses the pool 'theirs'
			false | Exchanged            |
			true  | Exchanged            | 'transactionManager' uses the pool 'theirs'
			false | Registered           |
			true  | Registered           | 'transactionManager' uses the pool 'theirs'
			""")
	void poolOutOfReachWorksAndIsAFinding(boolean starter, String configuration, String problem) throws Exception {
		try (ConfigurableApplicationContext context = start(starter, configuration)) {
			assertWorks(context);
			if (starter) {
				assertThat(context.getBean(CooperativeJdbc.class).findings())
					.filteredOn((finding) -> finding.problem().contains("theirs"))
					.singleElement()
					.satisfies((finding) -> {
						assertThat(finding.problem()).contains(problem);
						assertThat(finding.remedy()).startsWith("Define the pool as a bean");
					});
			}
		}
	}

	@ParameterizedTest
	@ValueSource(
			strings = { "ProxyOfItsOwnPool", "DelegateOfItsOwnPool", "MadeByFactoryBean", "Exchanged", "Registered" })
	void poolOutOfReachFailsStartupWhereCooperativeOnesAreRequired(String configuration, CapturedOutput output) {
		assertThatException().isThrownBy(() -> start(true, configuration, "cooperative.jdbc.required=true"));
		assertThat(output).contains("'theirs'", "'cooperative.jdbc.required' is true", "Define the pool as a bean");
	}

	@Test
	void proxyOfItsOwnPoolIsCalledWhatItIs() throws Exception {
		try (ConfigurableApplicationContext context = start(true, "ProxyOfItsOwnPool")) {
			assertThat(context.getBean(CooperativeJdbc.class).dataSources()).containsEntry("dataSource",
					"a " + ProxyDataSource.class.getName() + " around the pool 'theirs', which is no bean");
		}
	}

	private static void assertWorks(ConfigurableApplicationContext context) {
		assertThat(context.getBean(JdbcClient.class).sql("select 1").query(Integer.class).single()).isOne();
	}

	private static ConfigurableApplicationContext start(boolean starter, String configuration, String... properties)
			throws ClassNotFoundException {
		return Trial.start(starter, "virtual",
				List.of(Application.class, Class.forName(UnseenPoolTests.class.getName() + "$" + configuration)),
				properties);
	}

	private static HikariDataSource create() {
		HikariDataSource pool = Trial.pool(2);
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

	@Configuration(proxyBeanMethods = false)
	static class MadeByFactoryBean {

		@Bean
		PoolFactory dataSource() {
			return new PoolFactory();
		}

	}

	@Configuration(proxyBeanMethods = false)
	@Import(Registrar.class)
	static class Registered {

	}

	static class Registrar implements ImportBeanDefinitionRegistrar {

		@Override
		public void registerBeanDefinitions(AnnotationMetadata importingClass, BeanDefinitionRegistry registry) {
			((SingletonBeanRegistry) registry).registerSingleton("dataSource", create());
		}

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
			return (bean instanceof DataSource) ? create() : bean;
		}

		@Override
		public int getOrder() {
			return Ordered.LOWEST_PRECEDENCE;
		}

	}

	static class PoolFactory implements FactoryBean<DataSource> {

		private final HikariDataSource pool = create();

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
