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

package org.cooperativejdbc.spring;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.sql.SQLException;
import java.util.List;
import java.util.Objects;

import com.zaxxer.hikari.HikariDataSource;
import com.zaxxer.hikari.HikariPoolMXBean;
import org.awaitility.Awaitility;
import org.cooperativejdbc.CooperativeJdbc;
import org.cooperativejdbc.CooperativeJdbc.Tuning;
import org.cooperativejdbc.autoconfigure.CooperativeJdbcAutoConfiguration;
import org.cooperativejdbc.autoconfigure.EventLoopAutoConfiguration;
import org.cooperativejdbc.pool.ManagedPools;
import org.cooperativejdbc.pool.ServerCapacity;
import org.cooperativejdbc.test.TestDatabase;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.boot.LazyInitializationBeanFactoryPostProcessor;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.boot.web.server.context.WebServerApplicationContext;
import org.springframework.context.SmartLifecycle;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link PoolWarmUp}.
 */
@ExtendWith(OutputCaptureExtension.class)
class PoolWarmUpTests {

	private final ApplicationContextRunner contextRunner = new ApplicationContextRunner()
		.withConfiguration(AutoConfigurations.of(CooperativeJdbcAutoConfiguration.class,
				EventLoopAutoConfiguration.class, DataSourceAutoConfiguration.class))
		.withPropertyValues(TestDatabase.instance().properties())
		.withPropertyValues("cooperative.jdbc.model=virtual");

	@ParameterizedTest
	@ValueSource(strings = { "virtual", "event-loop" })
	void poolIsConnectedBeforeOthersStart(String model) {
		this.contextRunner.withPropertyValues("cooperative.jdbc.model=" + model)
			.withBean(Observer.class)
			.run((context) -> {
				assertThat(context.getBean(Observer.class).connections).isGreaterThanOrEqualTo(2);
				HikariPoolMXBean connections = context.getBean(HikariDataSource.class).getHikariPoolMXBean();
				Awaitility.await().until(() -> connections.getTotalConnections() == 10);
			});
	}

	@Test
	void othersDoNotWaitForAFullPool() {
		this.contextRunner.withPropertyValues("spring.datasource.hikari.maximum-pool-size=60")
			.withBean(Observer.class)
			.run((context) -> assertThat(context.getBean(Observer.class).connections).isLessThan(60));
	}

	@Test
	void poolIsLeftAloneWhenOff() {
		this.contextRunner.withPropertyValues("cooperative.jdbc.pool.warm-up=false")
			.withBean(Observer.class)
			.run((context) -> {
				assertThat(context).doesNotHaveBean(PoolWarmUp.class);
				assertThat(context.getBean(HikariDataSource.class).isRunning()).isFalse();
				assertThat(context.getBean(Observer.class).connections).isZero();
			});
	}

	@Test
	void lazyPoolStaysUnused() {
		this.contextRunner
			.withInitializer(
					(context) -> context.addBeanFactoryPostProcessor(new LazyInitializationBeanFactoryPostProcessor()))
			.run((context) -> {
				assertThat(context.getBean(PoolWarmUp.class).isRunning()).isTrue();
				assertThat(context.getSourceApplicationContext().getBeanFactory().containsSingleton("dataSource"))
					.isFalse();
			});
	}

	@Test
	void serverThatIsDownDoesNotFailTheApplication(CapturedOutput output) {
		this.contextRunner.withPropertyValues("spring.datasource.url=jdbc:postgresql://localhost:1/none")
			.run((context) -> {
				assertThat(context).hasNotFailed();
				assertThat(output).containsOnlyOnce("dataSource was not warmed up");
			});
	}

	@Test
	void serverThatDoesNotAnswerDoesNotHoldTheApplicationUp(CapturedOutput output) throws IOException {
		try (ServerSocket silent = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
			this.contextRunner
				.withPropertyValues(
						"spring.datasource.url=jdbc:postgresql://127.0.0.1:" + silent.getLocalPort() + "/none")
				.run((context) -> {
					assertThat(context).hasNotFailed();
					assertThat(output).contains("The warm-up of the connection pools continues");
				});
		}
	}

	@Test
	void sizeOfAPoolThatIsBuiltByHandIsKept() {
		this.contextRunner.withUserConfiguration(PoolConfiguration.class)
			.withPropertyValues("cooperative.jdbc.pool.instances=100")
			.run((context) -> assertThat(context.getBean(HikariDataSource.class).getMaximumPoolSize()).isEqualTo(10));
	}

	@Test
	void sizeIsLeftAloneWithoutInstances() {
		this.contextRunner.run((context) -> {
			assertThat(context.getBean(HikariDataSource.class).getMaximumPoolSize()).isEqualTo(10);
			assertThat(tunings(context.getBean(CooperativeJdbc.class))).isEmpty();
		});
	}

	@Test
	void sizeIsTheShareOfTheServer() {
		this.contextRunner.withPropertyValues("cooperative.jdbc.pool.instances=100").run((context) -> {
			HikariDataSource pool = context.getBean(HikariDataSource.class);
			ServerCapacity capacity = capacity(context.getBean(ManagedPools.class));
			int share = capacity.available() / 100;
			assertThat(share).isBetween(1, 9);
			assertThat(pool.getMaximumPoolSize()).isEqualTo(share);
			assertThat(pool.getMinimumIdle()).isEqualTo(share);
			HikariPoolMXBean connections = pool.getHikariPoolMXBean();
			Awaitility.await().until(() -> connections.getTotalConnections() == share);
			assertThat(tunings(context.getBean(CooperativeJdbc.class))).singleElement().satisfies((tuning) -> {
				assertThat(tuning.target()).isEqualTo("dataSource");
				assertThat(tuning.value()).isEqualTo(Integer.toString(share));
				assertThat(tuning.reason()).contains("max_connections " + capacity.maximum(), "for 100 instances");
			});
		});
	}

	@Test
	void sizeGrowsUpToTheTarget() {
		this.contextRunner.withPropertyValues("cooperative.jdbc.pool.instances=1").run((context) -> {
			HikariDataSource pool = context.getBean(HikariDataSource.class);
			assertThat(pool.getMaximumPoolSize()).isEqualTo(32);
			assertThat(pool.getMinimumIdle()).isEqualTo(32);
		});
	}

	@Test
	void sizeOfAPoolThatHasStartedShrinks() {
		this.contextRunner.withPropertyValues("cooperative.jdbc.pool.instances=100")
			.withBean(Borrower.class)
			.run((context) -> {
				HikariDataSource pool = context.getBean(HikariDataSource.class);
				HikariPoolMXBean connections = pool.getHikariPoolMXBean();
				assertThat(pool.getMaximumPoolSize()).isLessThan(10);
				Awaitility.await().until(() -> connections.getTotalConnections() == pool.getMaximumPoolSize());
			});
	}

	@Test
	void sizeOfTheUserIsKept() {
		this.contextRunner
			.withPropertyValues("cooperative.jdbc.pool.instances=100", "spring.datasource.hikari.maximumPoolSize=10")
			.run((context) -> {
				assertThat(context.getBean(HikariDataSource.class).getMaximumPoolSize()).isEqualTo(10);
				assertThat(tunings(context.getBean(CooperativeJdbc.class))).isEmpty();
			});
	}

	@Test
	void sizeIsLeftAloneWithoutTuning() {
		this.contextRunner.withPropertyValues("cooperative.jdbc.pool.instances=100", "cooperative.jdbc.tuning=false")
			.run((context) -> assertThat(context.getBean(HikariDataSource.class).getMaximumPoolSize()).isEqualTo(10));
	}

	@Test
	void noInstancesIsRefused() {
		this.contextRunner.withPropertyValues("cooperative.jdbc.pool.instances=0")
			.run((context) -> assertThat(context.getStartupFailure())
				.hasRootCauseMessage("Property cooperative.jdbc.pool.instances with value '0' is invalid: "
						+ "There must be at least one instance, or leave it unset."));
	}

	@Test
	void webServersStartLater() {
		assertThat(PoolWarmUp.PHASE).isLessThan(WebServerApplicationContext.START_STOP_LIFECYCLE_PHASE);
	}

	private static ServerCapacity capacity(ManagedPools pools) {
		return Objects.requireNonNull(pools.all().getFirst().capacity());
	}

	private static List<Tuning> tunings(CooperativeJdbc cooperativeJdbc) {
		return cooperativeJdbc.tunings()
			.stream()
			.filter((tuning) -> tuning.setting().equals("maximumPoolSize"))
			.toList();
	}

	@Configuration(proxyBeanMethods = false)
	static class PoolConfiguration {

		@Bean
		HikariDataSource pool() {
			TestDatabase database = TestDatabase.instance();
			HikariDataSource pool = new HikariDataSource();
			pool.setJdbcUrl(database.url());
			pool.setUsername(database.username());
			pool.setPassword(database.password());
			pool.setMaximumPoolSize(10);
			return pool;
		}

	}

	/**
	 * Makes the pool start and grow to its default size before the warm-up.
	 */
	static class Borrower {

		Borrower(HikariDataSource pool) throws SQLException {
			pool.getConnection().close();
			HikariPoolMXBean connections = pool.getHikariPoolMXBean();
			Awaitility.await().until(() -> connections.getTotalConnections() == 10);
		}

	}

	/**
	 * Starts with the web server.
	 */
	static class Observer implements SmartLifecycle {

		private final HikariDataSource pool;

		private int connections = -1;

		Observer(HikariDataSource pool) {
			this.pool = pool;
		}

		@Override
		public void start() {
			this.connections = this.pool.isRunning() ? this.pool.getHikariPoolMXBean().getTotalConnections() : 0;
		}

		@Override
		public void stop() {
		}

		@Override
		public boolean isRunning() {
			return this.connections >= 0;
		}

		@Override
		public int getPhase() {
			return WebServerApplicationContext.START_STOP_LIFECYCLE_PHASE;
		}

	}

}
