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

package org.cooperativejdbc.autoconfigure;

import javax.sql.DataSource;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import org.cooperativejdbc.CooperativeJdbc;
import org.cooperativejdbc.driver.CancellingDriver;
import org.cooperativejdbc.socket.CooperativeSocketFactory;
import org.cooperativejdbc.test.TestDatabase;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.postgresql.Driver;

import org.springframework.beans.factory.config.BeanDefinition;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.JdbcConnectionDetails;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Scope;
import org.springframework.jdbc.datasource.SimpleDriverDataSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link HikariDataSourceBeanPostProcessor} and what it reports.
 */
@ExtendWith(OutputCaptureExtension.class)
class HikariDataSourceBeanPostProcessorTests {

	private static final String URL = "jdbc:postgresql://localhost:5432/test";

	private final ApplicationContextRunner contextRunner = new ApplicationContextRunner()
		.withConfiguration(AutoConfigurations.of(CooperativeJdbcAutoConfiguration.class,
				EventLoopAutoConfiguration.class, DataSourceAutoConfiguration.class))
		.withPropertyValues("cooperative.jdbc.model=virtual", "cooperative.jdbc.pool.warm-up=false");

	@Test
	void autoConfiguredPoolGetsTheFactoryWithoutEarlyInitialization(CapturedOutput output) {
		this.contextRunner.withPropertyValues("spring.datasource.url=" + URL).run((context) -> {
			assertInstalled(context.getBean(HikariDataSource.class));
			assertThat(output).doesNotContain("is not eligible for getting processed by all BeanPostProcessors");
			assertThat(output).contains("Cooperative JDBC: virtual (cooperative.jdbc.model=virtual); "
					+ "dataSource: PostgreSQL socket factory installed");
		});
	}

	@Test
	void urlOfConnectionDetailsIsSeen() {
		this.contextRunner.withUserConfiguration(ConnectionDetailsConfiguration.class)
			.withPropertyValues("spring.datasource.url=jdbc:h2:mem:ignored")
			.run((context) -> assertInstalled(context.getBean(HikariDataSource.class)));
	}

	@Test
	void everyPoolOfSeveralGetsTheFactory() {
		this.contextRunner.withUserConfiguration(TwoPoolsConfiguration.class)
			.withPropertyValues("orders.jdbc-url=" + URL, "stock.jdbc-url=" + URL)
			.run((context) -> {
				assertInstalled(context.getBean("orders", HikariDataSource.class));
				assertInstalled(context.getBean("stock", HikariDataSource.class));
				assertThat(context.getBean(CooperativeJdbc.class).dataSources()).containsOnlyKeys("orders", "stock");
			});
	}

	@Test
	void everyInstanceOfAScopedPoolGetsTheFactory() {
		this.contextRunner.withUserConfiguration(PrototypeConfiguration.class).run((context) -> {
			HikariDataSource first = context.getBean(HikariDataSource.class);
			HikariDataSource second = context.getBean(HikariDataSource.class);
			assertThat(first).isNotSameAs(second);
			assertInstalled(first);
			assertInstalled(second);
		});
	}

	@Test
	void factoryOfTheUserInThePropertiesIsKept() {
		this.contextRunner
			.withPropertyValues("spring.datasource.url=" + URL,
					"spring.datasource.hikari.data-source-properties.socketFactory=com.example.Mine")
			.run((context) -> {
				assertThat(factory(context.getBean(HikariDataSource.class))).isEqualTo("com.example.Mine");
				assertThat(context.getBean(CooperativeJdbc.class).dataSources()).containsEntry("dataSource",
						"socket factory com.example.Mine kept");
			});
	}

	@Test
	void dataSourceClassOfPostgresqlGetsTheFactory() {
		this.contextRunner.withUserConfiguration(DataSourceClassConfiguration.class)
			.run((context) -> assertInstalled(context.getBean(HikariDataSource.class)));
	}

	@Test
	void driverThatCancelsIsInstalled() {
		this.contextRunner.withPropertyValues("spring.datasource.url=" + URL)
			.run((context) -> assertThat(context.getBean(HikariDataSource.class).getDriverClassName())
				.isEqualTo(CancellingDriver.class.getName()));
	}

	@Test
	void driverOfTheUserIsKeptAndReported() {
		this.contextRunner
			.withPropertyValues("spring.datasource.url=" + URL,
					"spring.datasource.driver-class-name=" + UserDriver.class.getName())
			.run((context) -> {
				HikariDataSource pool = context.getBean(HikariDataSource.class);
				assertInstalled(pool);
				assertThat(pool.getDriverClassName()).isEqualTo(UserDriver.class.getName());
				assertThat(context.getBean(CooperativeJdbc.class).dataSources().get("dataSource"))
					.endsWith("statements are not canceled because the driver class is another one");
			});
	}

	@Test
	void startedPoolIsReportedOnceWithTheRemedy() {
		this.contextRunner.withUserConfiguration(StartedPoolConfiguration.class).run((context) -> {
			assertThat(factory(context.getBean(HikariDataSource.class))).isNull();
			assertThat(context.getBean(CooperativeJdbc.class).findings()).singleElement().satisfies((finding) -> {
				assertThat(finding.problem()).isEqualTo("started: started too early, socket factory not installed");
				assertThat(finding.remedy()).startsWith("Create the pool with 'new HikariDataSource()' and setters");
			});
		});
	}

	@Test
	void requiredFailsOnADriverWithoutSocketFactory() {
		this.contextRunner
			.withPropertyValues("spring.datasource.url=jdbc:h2:mem:required", "cooperative.jdbc.required=true")
			.run((context) -> assertThat(context.getStartupFailure())
				.hasRootCauseInstanceOf(UncooperativeDataSourceException.class)
				.hasRootCauseMessage(
						"The data source 'dataSource' is not cooperative: h2 has no socket factory to install"));
	}

	@Test
	void requiredFailsOnAPoolThatIsNotHikari() {
		this.contextRunner.withUserConfiguration(OtherDataSourceConfiguration.class)
			.withPropertyValues("cooperative.jdbc.required=true")
			.run((context) -> assertThat(context.getStartupFailure())
				.hasRootCauseMessage("The data source 'other' is not cooperative: not a HikariCP pool"));
	}

	@Test
	void requiredFailsOnAStartedPool() {
		this.contextRunner.withUserConfiguration(StartedPoolConfiguration.class)
			.withPropertyValues("cooperative.jdbc.required=true")
			.run((context) -> assertThat(context.getStartupFailure())
				.hasRootCauseInstanceOf(UncooperativeDataSourceException.class));
	}

	@Test
	void unsetSettingsAreTunedAndListed() {
		this.contextRunner.withPropertyValues("spring.datasource.url=" + URL).run((context) -> {
			HikariDataSource pool = context.getBean(HikariDataSource.class);
			assertThat(pool.getDataSourceProperties()).containsEntry("loginTimeout", "30")
				.containsEntry("tcpKeepAlive", "true");
			assertThat(context.getBean(CooperativeJdbc.class).tunings())
				.allSatisfy((tuning) -> assertThat(tuning.reason()).isNotBlank())
				.extracting(CooperativeJdbc.Tuning::setting)
				.contains("loginTimeout", "tcpKeepAlive");
		});
	}

	@Test
	void settingsOfTheUserAreNotTuned() {
		this.contextRunner
			.withPropertyValues("spring.datasource.url=" + URL + "?tcpKeepAlive=false",
					"spring.datasource.hikari.data-source-properties.loginTimeout=7")
			.run((context) -> {
				HikariDataSource pool = context.getBean(HikariDataSource.class);
				assertThat(pool.getDataSourceProperties()).containsEntry("loginTimeout", "7")
					.doesNotContainKey("tcpKeepAlive");
				assertThat(context.getBean(CooperativeJdbc.class).tunings()).extracting(CooperativeJdbc.Tuning::setting)
					.doesNotContain("loginTimeout", "tcpKeepAlive");
			});
	}

	@Test
	void nothingIsTunedWhenTuningIsOff() {
		this.contextRunner.withPropertyValues("spring.datasource.url=" + URL, "cooperative.jdbc.tuning=false")
			.run((context) -> {
				assertInstalled(context.getBean(HikariDataSource.class));
				assertThat(context.getBean(CooperativeJdbc.class).tunings()).isEmpty();
			});
	}

	@Test
	void nothingIsInstalledWhenDisabled() {
		this.contextRunner.withPropertyValues("spring.datasource.url=" + URL, "cooperative.jdbc.enabled=false")
			.run((context) -> {
				assertThat(factory(context.getBean(HikariDataSource.class))).isNull();
				assertThat(context).doesNotHaveBean(CooperativeJdbc.class);
			});
	}

	@Test
	void backsOffWithoutHikari() {
		this.contextRunner.withClassLoader(new FilteredClassLoader(HikariDataSource.class))
			.withPropertyValues("spring.datasource.type=org.springframework.jdbc.datasource.SimpleDriverDataSource",
					"spring.datasource.url=jdbc:h2:mem:nohikari")
			.run((context) -> assertThat(context).hasNotFailed()
				.doesNotHaveBean(HikariDataSourceBeanPostProcessor.class));
	}

	@Test
	void runsWithoutTheDriverOfPostgresql() {
		this.contextRunner.withClassLoader(new FilteredClassLoader("org.postgresql"))
			.withPropertyValues("spring.datasource.url=jdbc:h2:mem:nodriver")
			.run((context) -> assertThat(context).hasNotFailed().hasSingleBean(CooperativeJdbc.class));
	}

	@Test
	void runsWithoutTheDriverOfMariadb() {
		this.contextRunner.withClassLoader(new FilteredClassLoader("org.mariadb"))
			.withPropertyValues("spring.datasource.url=" + URL)
			.run((context) -> assertInstalled(context.getBean(HikariDataSource.class)));
	}

	@Test
	void runsWithoutReactorAndNetty() {
		this.contextRunner.withClassLoader(new FilteredClassLoader("reactor", "io.netty"))
			.withPropertyValues("spring.datasource.url=" + URL, "cooperative.jdbc.model=event-loop")
			.run((context) -> assertThat(context).hasNotFailed());
	}

	private static void assertInstalled(HikariDataSource pool) {
		assertThat(factory(pool)).isEqualTo(CooperativeSocketFactory.class.getName());
		assertThat(pool.getDataSourceProperties()).containsKey("socketFactoryArg");
		assertThat(pool.isRunning()).isFalse();
	}

	private static String factory(HikariDataSource pool) {
		return pool.getDataSourceProperties().getProperty("socketFactory");
	}

	@Configuration(proxyBeanMethods = false)
	static class ConnectionDetailsConfiguration {

		@Bean
		JdbcConnectionDetails jdbcConnectionDetails() {
			return new JdbcConnectionDetails() {

				@Override
				public String getUsername() {
					return "user";
				}

				@Override
				public String getPassword() {
					return "password";
				}

				@Override
				public String getJdbcUrl() {
					return URL;
				}

			};
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class TwoPoolsConfiguration {

		@Bean
		@ConfigurationProperties("orders")
		HikariDataSource orders() {
			return new HikariDataSource();
		}

		@Bean
		@ConfigurationProperties("stock")
		HikariDataSource stock() {
			return new HikariDataSource();
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class PrototypeConfiguration {

		@Bean
		@Scope(BeanDefinition.SCOPE_PROTOTYPE)
		HikariDataSource pool() {
			HikariDataSource pool = new HikariDataSource();
			pool.setJdbcUrl(URL);
			return pool;
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class DataSourceClassConfiguration {

		@Bean
		HikariDataSource pool() {
			HikariDataSource pool = new HikariDataSource();
			pool.setDataSourceClassName("org.postgresql.ds.PGSimpleDataSource");
			return pool;
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class StartedPoolConfiguration {

		@Bean
		HikariDataSource started() {
			TestDatabase database = TestDatabase.instance();
			HikariConfig config = new HikariConfig();
			config.setJdbcUrl(database.url());
			config.setUsername(database.username());
			config.setPassword(database.password());
			config.setMaximumPoolSize(1);
			return new HikariDataSource(config);
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class OtherDataSourceConfiguration {

		@Bean
		DataSource other() {
			return new SimpleDriverDataSource();
		}

	}

	/**
	 * A driver of the user's own.
	 */
	public static class UserDriver extends Driver {

	}

}
