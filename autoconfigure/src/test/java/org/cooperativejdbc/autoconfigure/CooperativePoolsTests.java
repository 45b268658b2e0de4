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

import java.io.IOException;
import java.net.Socket;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import org.cooperativejdbc.CooperativeJdbc;
import org.cooperativejdbc.driver.CancellingDriver;
import org.cooperativejdbc.pool.CooperativeDataSource;
import org.cooperativejdbc.pool.CooperativePools;
import org.cooperativejdbc.pool.PoolOverloadedException;
import org.cooperativejdbc.socket.CooperativeSocketFactory;
import org.cooperativejdbc.test.TestDatabase;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.postgresql.ds.PGSimpleDataSource;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

/**
 * Tests for {@link CooperativePools}.
 */
class CooperativePoolsTests {

	private final ApplicationContextRunner contextRunner = new ApplicationContextRunner()
		.withConfiguration(AutoConfigurations.of(CooperativeJdbcAutoConfiguration.class,
				EventLoopAutoConfiguration.class, PlainPoolsAutoConfiguration.class));

	@ParameterizedTest
	@ValueSource(strings = { "virtual", "event-loop" })
	void poolIsCooperativeAndStartsWithItsFirstConnection(String model) {
		this.contextRunner.withPropertyValues("cooperative.jdbc.model=" + model, "cooperative.jdbc.required=true")
			.run((context) -> {
				HikariConfig config = config(3);
				try (HikariDataSource pool = context.getBean(CooperativePools.class).create("tenant", config)) {
					assertThat(pool).isInstanceOf(CooperativeDataSource.class);
					assertThat(pool.isRunning()).isFalse();
					assertThat(pool.getMaximumPoolSize()).isEqualTo(3);
					assertThat(pool.getDriverClassName()).isEqualTo(CancellingDriver.class.getName());
					assertThat(pool.getDataSourceProperties()).containsEntry("socketFactory",
							CooperativeSocketFactory.class.getName());
					assertThat(config.getDataSourceProperties()).isEmpty();
					assertThat(select(pool)).isOne();
					assertThat(((CooperativeDataSource) pool).getPlacesTaken()).isZero();
					assertThat(context.getBean(CooperativeJdbc.class).dataSources()).containsEntry("tenant",
							"PostgreSQL socket factory installed");
				}
			});
	}

	@Test
	void settingsOfOnePoolMakeAnother() {
		this.contextRunner.withPropertyValues("cooperative.jdbc.model=virtual").run((context) -> {
			CooperativePools pools = context.getBean(CooperativePools.class);
			HikariConfig config = config(1);
			try (HikariDataSource one = pools.create("one", config);
					HikariDataSource other = pools.create("other", config)) {
				assertThat(select(one) + select(other)).isEqualTo(2);
				assertThat(context.getBean(CooperativeJdbc.class).dataSources()).hasSize(2)
					.allSatisfy(
							(name, outcome) -> assertThat(outcome).isEqualTo("PostgreSQL socket factory installed"));
				assertThat(context.getBean(CooperativeJdbc.class).findings()).isEmpty();
			}
		});
	}

	@Test
	void limitsThatAreSetForItsNameHold() {
		run((pools) -> {
			HikariConfig config = config(1);
			config.setConnectionTimeout(300);
			try (HikariDataSource limited = pools.create("limited", config);
					HikariDataSource other = pools.create("other", config);
					Connection held = limited.getConnection();
					Connection heldOfOther = other.getConnection()) {
				assertThat(failure(limited)).isInstanceOf(PoolOverloadedException.class);
				assertThat(failure(other)).isInstanceOf(SQLTransientConnectionException.class)
					.isNotInstanceOf(PoolOverloadedException.class);
				assertThat(held.isValid(5) && heldOfOther.isValid(5)).isTrue();
			}
		}, "cooperative.jdbc.pools.limited.max-waiting=0");
	}

	@Test
	void limitThatDoesNotFitIsRefused() {
		run((pools) -> assertThatExceptionOfType(InvalidConfigurationPropertyValueException.class)
			.isThrownBy(() -> pools.create("limited", config(2)))
			.withMessageContaining("cooperative.jdbc.pools.limited.reserve"),
				"cooperative.jdbc.pools.limited.reserve=2");
	}

	@Test
	void poolThatHasStartedIsCopiedAndGoesOn() {
		run((pools) -> {
			try (HikariDataSource started = new HikariDataSource(config(1));
					Connection held = started.getConnection();
					HikariDataSource pool = pools.create("tenant", started)) {
				assertThat(pool).isNotSameAs(started).isInstanceOf(CooperativeDataSource.class);
				assertThat(pool.isRunning()).isFalse();
				assertThat(select(pool)).isOne();
				pool.close();
				assertThat(started.isRunning()).isTrue();
				assertThat(held.isValid(5)).isTrue();
			}
		});
	}

	@Test
	void foreignDataSourceHasAQueueAndNoSockets() {
		this.contextRunner.withPropertyValues("cooperative.jdbc.model=virtual").run((context) -> {
			try (HikariDataSource pool = context.getBean(CooperativePools.class).create("tenant", foreign())) {
				assertThat(pool).isInstanceOf(CooperativeDataSource.class);
				assertThat(select(pool)).isOne();
				assertThat(context.getBean(CooperativeJdbc.class).dataSources()).containsEntry("tenant",
						PGSimpleDataSource.class.getName() + " has no socket factory to install");
			}
		});
	}

	@Test
	void foreignDataSourceIsRefusedWhereCooperativeOnesAreRequired() {
		run((pools) -> assertThatExceptionOfType(UncooperativeDataSourceException.class)
			.isThrownBy(() -> pools.create("tenant", foreign()))
			.withMessageContaining("'tenant' is not cooperative"), "cooperative.jdbc.required=true");
	}

	@ParameterizedTest
	@ValueSource(strings = { "cooperative.jdbc.model=virtual", "cooperative.jdbc.model=platform",
			"cooperative.jdbc.enabled=false" })
	@SuppressWarnings("NullAway") // what the compiler of others does not keep them from
	void nothingIsMadeOfNothing(String property) {
		run((pools) -> {
			assertThatIllegalArgumentException().isThrownBy(() -> pools.create("tenant", null));
			assertThatIllegalArgumentException().isThrownBy(() -> pools.create("", config(1)));
			assertThatIllegalArgumentException().isThrownBy(() -> pools.create(null, config(1)));
		}, property);
	}

	@ParameterizedTest
	@ValueSource(strings = { "virtual", "event-loop" })
	void whoeverCreatesAPoolClosesIt(String model) {
		AtomicReference<HikariDataSource> left = new AtomicReference<>();
		AtomicReference<HikariDataSource> ofBean = new AtomicReference<>();
		this.contextRunner.withPropertyValues("cooperative.jdbc.model=" + model)
			.withUserConfiguration(TenantConfiguration.class)
			.run((context) -> {
				left.set(context.getBean(CooperativePools.class).create("left", config(1)));
				ofBean.set(context.getBean(Tenant.class).pool);
				assertThat(select(left.get())).isOne();
				assertThat(select(ofBean.get())).isOne();
			});
		assertThat(ofBean.get().isClosed()).isTrue();
		try (HikariDataSource pool = left.get()) {
			assertThat(pool.isClosed()).isFalse();
		}
		assertThat(left.get().isClosed()).isTrue();
	}

	@ParameterizedTest
	@ValueSource(strings = { "virtual", "event-loop" })
	void poolsThatOutliveTheApplicationLeaveNothingBehind(String model) throws SQLException {
		List<HikariDataSource> left = new ArrayList<>();
		this.contextRunner.withPropertyValues("cooperative.jdbc.model=" + model).run((context) -> {
			for (String name : List.of("one", "other", "unused")) {
				left.add(context.getBean(CooperativePools.class).create(name, config(1)));
			}
			assertThat(select(left.get(0)) + select(left.get(1))).isEqualTo(2);
		});
		for (HikariDataSource pool : left) {
			try (pool) {
				assertThat(isRegistered(pool)).isTrue();
				assertThat(select(pool)).isOne();
			}
		}
		assertThat(isRegistered(left.getLast())).isFalse();
	}

	private static boolean isRegistered(HikariDataSource pool) {
		String key = pool.getDataSourceProperties().getProperty("socketFactoryArg");
		try (Socket socket = new CooperativeSocketFactory(key).createSocket()) {
			return true;
		}
		catch (IOException ex) {
			return false;
		}
	}

	@ParameterizedTest
	@ValueSource(strings = { "cooperative.jdbc.model=platform", "cooperative.jdbc.enabled=false" })
	void poolIsThatOfHikariWhereNoneAreCooperative(String property) {
		this.contextRunner.withPropertyValues(property)
			.withUserConfiguration(TenantConfiguration.class)
			.run((context) -> {
				HikariDataSource pool = context.getBean(Tenant.class).pool;
				assertThat(pool).isExactlyInstanceOf(HikariDataSource.class);
				assertThat(pool.isRunning()).isFalse();
				assertThat(select(pool)).isOne();
			});
	}

	private void run(PoolsTest test, String... properties) {
		this.contextRunner.withPropertyValues("cooperative.jdbc.model=virtual")
			.withPropertyValues(properties)
			.run((context) -> test.accept(context.getBean(CooperativePools.class)));
	}

	private static HikariConfig foreign() {
		TestDatabase database = TestDatabase.instance();
		PGSimpleDataSource dataSource = new PGSimpleDataSource();
		dataSource.setUrl(database.url());
		dataSource.setUser(database.username());
		dataSource.setPassword(database.password());
		HikariConfig config = new HikariConfig();
		config.setDataSource(dataSource);
		config.setMaximumPoolSize(1);
		return config;
	}

	private static HikariConfig config(int size) {
		TestDatabase database = TestDatabase.instance();
		HikariConfig config = new HikariConfig();
		config.setJdbcUrl(database.url());
		config.setUsername(database.username());
		config.setPassword(database.password());
		config.setMaximumPoolSize(size);
		return config;
	}

	private static int select(HikariDataSource pool) throws SQLException {
		try (var connection = pool.getConnection();
				var statement = connection.createStatement();
				var rows = statement.executeQuery("select 1")) {
			rows.next();
			return rows.getInt(1);
		}
	}

	/**
	 * On a thread that holds no connection.
	 */
	private static Throwable failure(HikariDataSource pool) throws InterruptedException {
		AtomicReference<Throwable> failure = new AtomicReference<>();
		Thread.ofVirtual().start(() -> {
			try (Connection connection = pool.getConnection()) {
				failure.set(new AssertionError("no failure"));
			}
			catch (SQLException ex) {
				failure.set(ex);
			}
		}).join();
		return failure.get();
	}

	@FunctionalInterface
	interface PoolsTest {

		void accept(CooperativePools pools) throws Exception;

	}

	@Configuration(proxyBeanMethods = false)
	static class TenantConfiguration {

		@Bean
		Tenant tenant(CooperativePools pools) {
			return new Tenant(pools.create("tenant", config(1)));
		}

	}

	static final class Tenant implements AutoCloseable {

		private final HikariDataSource pool;

		Tenant(HikariDataSource pool) {
			this.pool = pool;
		}

		@Override
		public void close() {
			this.pool.close();
		}

	}

}
