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
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;

import com.zaxxer.hikari.HikariDataSource;
import org.cooperativejdbc.driver.ConnectionSource;
import org.cooperativejdbc.driver.DriverSupport;
import org.cooperativejdbc.driver.Installation;
import org.cooperativejdbc.pool.CooperativeDataSource;
import org.cooperativejdbc.test.Database;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.data.jpa.autoconfigure.DataJpaRepositoriesAutoConfiguration;
import org.springframework.boot.hibernate.autoconfigure.HibernateJpaAutoConfiguration;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Primary;
import org.springframework.core.task.AsyncTaskExecutor;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * An application with data sources of two drivers.
 */
class TwoDatabasesTests {

	private static final int USERS = 40;

	/**
	 * All threads borrow in the same order, as they have to without the starter.
	 */
	@ParameterizedTest
	@ValueSource(strings = { "virtual", "event-loop" })
	void connectionsOfBothAreBorrowedWithinEachOther(String model) throws Exception {
		try (ConfigurableApplicationContext context = start(model)) {
			Map<String, String> outcomes = context.getBean(CooperativeJdbc.class).dataSources();
			assertThat(outcomes).containsEntry("postgresql", "PostgreSQL socket factory installed")
				.containsEntry("mariadb", "MariaDB socket factory installed");
			HikariDataSource postgresql = context.getBean("postgresql", HikariDataSource.class);
			HikariDataSource mariadb = context.getBean("mariadb", HikariDataSource.class);
			AsyncTaskExecutor executor = context.getBean("applicationTaskExecutor", AsyncTaskExecutor.class);
			List<CompletableFuture<Void>> users = IntStream.range(0, USERS)
				.mapToObj((number) -> executor.submitCompletable(() -> {
					for (int i = 0; i < 10; i++) {
						nest(postgresql, Database.POSTGRESQL, mariadb, Database.MARIADB);
					}
					return (Void) null;
				}))
				.toList();
			for (CompletableFuture<Void> user : users) {
				user.get(60, TimeUnit.SECONDS);
			}
			for (HikariDataSource pool : List.of(postgresql, mariadb)) {
				assertThat(((CooperativeDataSource) pool).getPlacesTaken()).isZero();
				assertThat(pool.getHikariPoolMXBean().getActiveConnections()).isZero();
			}
		}
	}

	private static void nest(HikariDataSource outer, Database outerDatabase, HikariDataSource inner,
			Database innerDatabase) throws Exception {
		try (Connection one = outer.getConnection()) {
			int before = outerDatabase.session(one);
			try (Connection other = inner.getConnection()) {
				innerDatabase.sleep(other, 0.002);
				outerDatabase.sleep(one, 0.002);
				assertThat(innerDatabase.session(other)).isPositive();
			}
			assertThat(outerDatabase.session(one)).isEqualTo(before);
		}
	}

	@Test
	void supportThatIsABeanIsAskedFirstAndOneThatFailsLeavesItsPool() throws Exception {
		try (ConfigurableApplicationContext context = start("virtual", Supports.class)) {
			assertThat(context.getBean(CooperativeJdbc.class).dataSources())
				.containsEntry("postgresql", "waits by itself")
				.hasEntrySatisfying("mariadb", (outcome) -> assertThat(outcome).contains("its support failed"));
			for (String name : List.of("postgresql", "mariadb")) {
				HikariDataSource pool = context.getBean(name, HikariDataSource.class);
				assertThat(pool.getDataSourceProperties()).doesNotContainKey("socketFactory");
				try (Connection connection = pool.getConnection()) {
					assertThat(connection.isValid(5)).isTrue();
				}
			}
		}
	}

	private static ConfigurableApplicationContext start(String model, Class<?>... sources) {
		return new SpringApplicationBuilder(Application.class).sources(sources)
			.web(WebApplicationType.NONE)
			.properties("cooperative.jdbc.model=" + model, "cooperative.jdbc.event-loop.threads=1",
					"spring.threads.virtual.enabled=true")
			.run();
	}

	@SpringBootConfiguration(proxyBeanMethods = false)
	@EnableAutoConfiguration(
			exclude = { HibernateJpaAutoConfiguration.class, DataJpaRepositoriesAutoConfiguration.class })
	static class Application {

		@Bean
		@Primary
		HikariDataSource postgresql() {
			return pool(Database.POSTGRESQL);
		}

		@Bean
		HikariDataSource mariadb() {
			return pool(Database.MARIADB);
		}

		private static HikariDataSource pool(Database database) {
			HikariDataSource pool = new HikariDataSource();
			pool.setJdbcUrl(database.url());
			pool.setUsername(database.username());
			pool.setPassword(database.password());
			pool.setMaximumPoolSize(4);
			return pool;
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class Supports {

		@Bean
		DriverSupport own() {
			return new OwnSupport();
		}

	}

	/**
	 * Knows that PostgreSQL needs nothing, and fails at any other.
	 */
	private static final class OwnSupport implements DriverSupport {

		@Override
		public String name() {
			return "all";
		}

		@Override
		public boolean accepts(ConnectionSource source) {
			return true;
		}

		@Override
		public Installation install(ConnectionSource source, String key, Duration cancelGrace) {
			if (source.name().equals("postgresql")) {
				return new Installation.NotNeeded("waits by itself");
			}
			throw new IllegalStateException("failed");
		}

	}

}
