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

import java.util.Hashtable;
import java.util.concurrent.TimeUnit;

import javax.naming.Context;
import javax.naming.InitialContext;
import javax.naming.NamingException;
import javax.naming.spi.InitialContextFactory;
import javax.sql.DataSource;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import org.cooperativejdbc.ConcurrencyModel;
import org.cooperativejdbc.CooperativeJdbc;
import org.cooperativejdbc.Finding;
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
import org.springframework.boot.jdbc.DataSourceBuilder;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.core.env.Environment;
import org.springframework.core.task.AsyncTaskExecutor;
import org.springframework.jdbc.core.JdbcTemplate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatException;
import static org.assertj.core.api.Assertions.assertThatNoException;

/**
 * Settings that do not go together, and data sources of other kinds: the application
 * starts as it would without the starter, or the message names what was set and a remedy
 * that works.
 */
@ExtendWith(OutputCaptureExtension.class)
class RemedyTests {

	private static final String FACTORY = "java.naming.factory.initial";

	private static final String JNDI_NAME = "spring.datasource.jndi-name=jdbc/theirs";

	/**
	 * Others may use the pool, so that it is neither exchanged nor closed, whether it has
	 * started or not.
	 */
	@ParameterizedTest
	@CsvSource({ "false, true", "false, false", "true, true", "true, false" })
	void poolFoundInJndiStaysAsItIs(boolean starter, boolean started) {
		inJndi(started, (pool) -> {
			try (ConfigurableApplicationContext context = start(Application.class, JNDI_NAME,
					"cooperative.jdbc.enabled=" + starter)) {
				assertThat(context.getBean(DataSource.class)).isSameAs(pool);
				assertThat(context.getBean(JdbcTemplate.class).queryForObject("select 1", Integer.class)).isOne();
				assertThat(pool.isRunning()).isTrue();
				if (starter) {
					assertThat(context.getBean(CooperativeJdbc.class).findings()).extracting(Finding::remedy)
						.contains("Set 'spring.datasource.url' instead of 'spring.datasource.jndi-name'");
				}
			}
			assertThat(pool.isClosed()).isFalse();
		});
	}

	@Test
	void poolFoundInJndiWhereCooperativeOnesAreRequired(CapturedOutput output) {
		inJndi(true, (pool) -> {
			assertThatException()
				.isThrownBy(() -> start(Application.class, JNDI_NAME, "cooperative.jdbc.required=true"));
			assertThat(output).contains("The data source 'dataSource' is not cooperative: looked up in JNDI",
					"Set 'spring.datasource.url' instead of 'spring.datasource.jndi-name'.");
		});
		start(Application.class, with("cooperative.jdbc.required=true")).close();
	}

	@Test
	void secondDataSourceWithoutSocketFactoryWhereCooperativeOnesAreRequired(CapturedOutput output) {
		assertThatException().isThrownBy(
				() -> start(Second.class, with("cooperative.jdbc.required=true", "second.url=jdbc:h2:mem:second")));
		assertThat(output).contains("The data source 'second' is not cooperative: h2 has no socket factory to install",
				"Use PostgreSQL, MariaDB or MySQL for the data source 'second', or remove 'cooperative.jdbc.required'.")
			.doesNotContain("spring.datasource.url");
		start(Second.class, with("second.url=jdbc:h2:mem:second")).close();
		start(Second.class, with("cooperative.jdbc.required=true", "second.url=" + url())).close();
	}

	@Test
	void moreInstancesThanConnections(CapturedOutput output) {
		try (ConfigurableApplicationContext context = start(Application.class,
				with("cooperative.jdbc.pool.instances=100000"))) {
			assertThat(context.getBean(JdbcTemplate.class).queryForObject("select 1", Integer.class)).isOne();
			assertThat(output).contains("in 100000 instance(s)", "Lower cooperative.jdbc.pool.instances");
		}
		try (ConfigurableApplicationContext context = start(Application.class,
				with("cooperative.jdbc.pool.instances=2"))) {
			assertThat(context.getBean(CooperativeJdbc.class).findings()).extracting(Finding::id)
				.doesNotContain("pool-size");
		}
	}

	@ParameterizedTest
	@ValueSource(strings = { "cooperative.jdbc.request-timeout=1s,cooperative.jdbc.admission.max-wait=2s",
			"cooperative.jdbc.request-timeout=10ms" })
	void timeoutsThatAreShorterThanOthers(String properties) {
		assertThatNoException().isThrownBy(() -> start(Application.class, with(properties.split(","))).close());
	}

	@ParameterizedTest
	@CsvSource({ "virtual, VIRTUAL", "event-loop, EVENT_LOOP" })
	void explicitModelWithVirtualThreadsSwitchedOff(String property, ConcurrencyModel model, CapturedOutput output)
			throws Exception {
		try (ConfigurableApplicationContext context = start(Application.class,
				with("spring.threads.virtual.enabled=false", "cooperative.jdbc.model=" + property))) {
			assertThat(context.getBean(CooperativeJdbc.class).model()).isEqualTo(model);
			assertThat(output).contains(
					"(cooperative.jdbc.model=" + property + ", which wins over spring.threads.virtual.enabled=false");
			assertThat(isVirtual(context)).isTrue();
		}
		try (ConfigurableApplicationContext context = start(Application.class,
				with("spring.threads.virtual.enabled=false", "cooperative.jdbc.model=auto"))) {
			assertThat(isVirtual(context)).isFalse();
		}
	}

	private static boolean isVirtual(ConfigurableApplicationContext context) throws Exception {
		return context.getBean("applicationTaskExecutor", AsyncTaskExecutor.class)
			.submitCompletable(() -> Thread.currentThread().isVirtual())
			.get(30, TimeUnit.SECONDS);
	}

	private static String url() {
		return TestDatabase.instance().url();
	}

	private static String[] with(String... properties) {
		String[] all = TestDatabase.instance().properties();
		String[] with = new String[all.length + properties.length];
		System.arraycopy(all, 0, with, 0, all.length);
		System.arraycopy(properties, 0, with, all.length, properties.length);
		return with;
	}

	private static ConfigurableApplicationContext start(Class<?> source, String... properties) {
		return new SpringApplicationBuilder(source).web(WebApplicationType.NONE)
			.properties("cooperative.jdbc.model=virtual")
			.properties(properties)
			.run();
	}

	private static void inJndi(boolean started, ThrowingPool test) {
		TestDatabase database = TestDatabase.instance();
		HikariConfig config = started ? new HikariConfig() : new HikariDataSource();
		config.setJdbcUrl(database.url());
		config.setUsername(database.username());
		config.setPassword(database.password());
		config.setMaximumPoolSize(2);
		String before = System.getProperty(FACTORY);
		System.setProperty(FACTORY, Names.class.getName());
		try (HikariDataSource pool = (config instanceof HikariDataSource dataSource) ? dataSource
				: new HikariDataSource(config)) {
			Names.pool = pool;
			test.accept(pool);
		}
		finally {
			Names.pool = null;
			if (before != null) {
				System.setProperty(FACTORY, before);
			}
			else {
				System.clearProperty(FACTORY);
			}
		}
	}

	private interface ThrowingPool {

		void accept(HikariDataSource pool);

	}

	/**
	 * Knows one name.
	 */
	public static class Names implements InitialContextFactory {

		private static volatile HikariDataSource pool;

		@Override
		public Context getInitialContext(Hashtable<?, ?> environment) throws NamingException {
			return new InitialContext(true) {

				@Override
				public Object lookup(String name) throws NamingException {
					if (name.endsWith("jdbc/theirs")) {
						return pool;
					}
					throw new NamingException(name);
				}

			};
		}

	}

	@SpringBootConfiguration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	static class Application {

	}

	@Configuration(proxyBeanMethods = false)
	@Import(Application.class)
	static class Second {

		@Bean
		HikariDataSource dataSource(Environment environment) {
			return DataSourceBuilder.create()
				.type(HikariDataSource.class)
				.url(environment.getRequiredProperty("spring.datasource.url"))
				.username(environment.getProperty("spring.datasource.username"))
				.password(environment.getProperty("spring.datasource.password"))
				.build();
		}

		@Bean(defaultCandidate = false)
		HikariDataSource second(Environment environment) {
			return DataSourceBuilder.create()
				.type(HikariDataSource.class)
				.url(environment.getRequiredProperty("second.url"))
				.username(environment.getProperty("spring.datasource.username"))
				.password(environment.getProperty("spring.datasource.password"))
				.build();
		}

	}

}
