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

import java.io.IOException;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

import com.zaxxer.hikari.HikariDataSource;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import org.cooperativejdbc.CooperativeJdbc;
import org.cooperativejdbc.Finding;
import org.cooperativejdbc.test.EmbeddedServers;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.data.jpa.autoconfigure.DataJpaRepositoriesAutoConfiguration;
import org.springframework.boot.hibernate.autoconfigure.HibernateJpaAutoConfiguration;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.SingleConnectionDataSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchException;
import static org.awaitility.Awaitility.await;

/**
 * Three instances of an application and one of its next version, which share a server
 * that has 16 connections for them.
 */
@Timeout(120)
class FleetTests {

	private static EmbeddedPostgres server;

	private static JdbcTemplate admin;

	private final List<ConfigurableApplicationContext> instances = new ArrayList<>();

	@BeforeAll
	static void startServer() throws IOException {
		server = EmbeddedServers.builder()
			.setServerConfig("max_connections", "20")
			.setServerConfig("superuser_reserved_connections", "3")
			.setServerConfig("fsync", "off")
			.start();
		admin = new JdbcTemplate(new SingleConnectionDataSource(server.getJdbcUrl("postgres", "postgres"), true));
		admin.execute("create role app login");
		admin.execute("create database app");
	}

	@AfterAll
	static void stopServer() throws IOException {
		server.close();
	}

	@AfterEach
	void stopInstances() {
		this.instances.forEach(ConfigurableApplicationContext::close);
		await().until(() -> connections() == 0);
	}

	/**
	 * What happens to those who do not listen. One connection is the administrator's,
	 * which has one of those that are not reserved.
	 */
	@Test
	void doctorSaysBeforehandThatPoolsWillBeRefusedConnections() {
		ConfigurableApplicationContext first = start(true, 8);
		assertThat(first.getBean(CooperativeJdbc.class).findings())
			.filteredOn((finding) -> finding.id().equals("pool-size"))
			.singleElement()
			.satisfies((finding) -> {
				assertThat(finding.problem())
					.isEqualTo("dataSource: up to 32 connections in 3 instance(s) and 1 more while a version is "
							+ "rolled out, but the server has 16 for them "
							+ "(max_connections 20 - 3 reserved - 1 of others = 16)");
				assertThat(finding.remedy()).isEqualTo("Set spring.datasource.hikari.maximum-pool-size to at most 4");
			});
		assertThirdIsRefused(first, true);
	}

	/**
	 * The control.
	 */
	@Test
	void poolsAreRefusedConnectionsWithoutTheStarter() {
		assertThirdIsRefused(start(false, 8), false);
	}

	private void assertThirdIsRefused(ConfigurableApplicationContext first, boolean starter) {
		assertThat(query(first)).isOne();
		await().until(() -> connections() == 8);
		assertThat(query(start(starter, 8))).isOne();
		await().until(() -> connections() == 16);
		ConfigurableApplicationContext third = start(starter, 8);
		Exception failure = catchException(() -> query(third));
		assertThat(state(failure)).isEqualTo("53300");
	}

	/**
	 * Two pools have the size that the doctor says, and two are sized.
	 */
	@Test
	void nobodyIsRefusedWithPoolsOfTheSizeThatTheDoctorSays() {
		for (Integer size : new @Nullable Integer[] { 4, null, 4, null }) {
			ConfigurableApplicationContext instance = start(true, size);
			assertThat(query(instance)).isOne();
			assertThat(instance.getBean(CooperativeJdbc.class).findings()).extracting(Finding::id)
				.doesNotContain("pool-size");
			assertThat(instance.getBean(HikariDataSource.class).getMaximumPoolSize()).isEqualTo(4);
			int filled = 4 * this.instances.size();
			await().until(() -> connections() == filled);
		}
		assertAllServed();
		assertThat(connections()).isEqualTo(16);
	}

	private void assertAllServed() {
		List<CompletableFuture<Integer>> all = new ArrayList<>();
		for (ConfigurableApplicationContext instance : this.instances) {
			JdbcTemplate jdbc = instance.getBean(JdbcTemplate.class);
			all.addAll(Trial.inThreads(instance, 20, () -> {
				for (int i = 0; i < 10; i++) {
					jdbc.queryForObject("select 1 from pg_sleep(0.002)", Integer.class);
				}
				return 1;
			}));
		}
		Trial.succeed(all);
	}

	private ConfigurableApplicationContext start(boolean starter, @Nullable Integer size) {
		List<String> all = new ArrayList<>(
				List.of("cooperative.jdbc.pool.instances=3", "cooperative.jdbc.pool.surge=1"));
		all.add("spring.datasource.url=" + server.getJdbcUrl("app", "app"));
		all.add("spring.datasource.username=app");
		all.add("spring.datasource.password=");
		all.add("spring.datasource.hikari.connection-timeout=2000");
		all.add("spring.datasource.hikari.register-mbeans=false");
		if (size != null) {
			all.add("spring.datasource.hikari.maximum-pool-size=" + size);
		}
		ConfigurableApplicationContext instance = Trial.start(starter, "virtual", List.of(Application.class),
				all.toArray(String[]::new));
		this.instances.add(instance);
		return instance;
	}

	private static @Nullable Integer query(ConfigurableApplicationContext instance) {
		return instance.getBean(JdbcTemplate.class).queryForObject("select 1", Integer.class);
	}

	private static int connections() {
		Integer count = admin.queryForObject("select count(*) from pg_stat_activity where usename = 'app'",
				Integer.class);
		return (count != null) ? count : 0;
	}

	private static @Nullable String state(@Nullable Throwable failure) {
		String state = null;
		for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
			state = (cause instanceof SQLException sql && sql.getSQLState() != null) ? sql.getSQLState() : state;
		}
		return state;
	}

	@SpringBootConfiguration(proxyBeanMethods = false)
	@EnableAutoConfiguration(
			exclude = { HibernateJpaAutoConfiguration.class, DataJpaRepositoriesAutoConfiguration.class })
	static class Application {

	}

}
