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

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;

import javax.sql.DataSource;

import com.zaxxer.hikari.HikariDataSource;
import org.cooperativejdbc.pool.CooperativeDataSource;
import org.cooperativejdbc.test.TestDatabase;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.context.annotation.Primary;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.lookup.AbstractRoutingDataSource;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.annotation.Propagation;
import org.springframework.transaction.annotation.Transactional;
import org.springframework.transaction.event.TransactionalEventListener;
import org.springframework.transaction.support.TransactionTemplate;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Applications that borrow their connections in other ways than one for a transaction.
 */
@ExtendWith(OutputCaptureExtension.class)
class BorrowingTests {

	private static final Duration CONNECTION_TIMEOUT = Duration.ofSeconds(6);

	/**
	 * Whoever commits still holds its connection when the listener asks for another one.
	 * At worst it is refused at once, which Spring logs.
	 */
	@ParameterizedTest
	@CsvSource({ "virtual, 2, 2, 1", "event-loop, 2, 2, 1", "virtual, 4, 40, 5", "event-loop, 4, 40, 5" })
	void listenerThatRequiresATransactionOfItsOwn(String model, int size, int clients, int calls,
			CapturedOutput output) {
		run(true, model, Orders.class, (context) -> {
			JdbcTemplate jdbc = context.getBean(JdbcTemplate.class);
			createTables(jdbc);
			Orders orders = context.getBean(Orders.class);
			Orders.barrier = (clients == size) ? new CyclicBarrier(clients) : null;
			long began = System.nanoTime();
			List<CompletableFuture<Integer>> placed = inThreads(context, clients, () -> place(orders, calls));
			assertThat(placed).allSatisfy((each) -> assertThat(each.join()).isEqualTo(calls));
			Duration took = Duration.ofNanos(System.nanoTime() - began);
			assertThat(took).isLessThan((clients == size) ? CONNECTION_TIMEOUT.dividedBy(2) : Duration.ofSeconds(20));
			assertThat(count(jdbc, "orders")).isEqualTo(clients * calls);
			int total = clients * calls;
			assertThat(count(jdbc, "audits")).isBetween(total - Math.max(1, total / 20), total);
			if (count(jdbc, "audits") < total) {
				assertThat(output).contains("held by threads that wait for another one: this one in "
						+ Audits.class.getName() + "#placed, called from " + Orders.class.getName() + "#place");
			}
			assertThat(context.getBean(CooperativeDataSource.class).getPlacesTaken()).isZero();
		}, "spring.datasource.hikari.maximum-pool-size=" + size,
				"spring.datasource.hikari.connection-timeout=" + CONNECTION_TIMEOUT.toMillis());
	}

	/**
	 * The control: all connections are held by those who wait, until the timeout.
	 */
	@Test
	void listenersThatHoldAllConnectionsFailByTheTimeoutWithoutTheStarter(CapturedOutput output) {
		run(false, "virtual", Orders.class, (context) -> {
			JdbcTemplate jdbc = context.getBean(JdbcTemplate.class);
			createTables(jdbc);
			Orders orders = context.getBean(Orders.class);
			Orders.barrier = new CyclicBarrier(2);
			List<CompletableFuture<Integer>> placed = inThreads(context, 2, () -> place(orders, 1));
			assertThat(placed).allSatisfy((each) -> assertThat(each.join()).isOne());
			assertThat(count(jdbc, "orders")).isEqualTo(2);
			assertThat(count(jdbc, "audits")).isLessThan(2);
			assertThat(output).contains("request timed out after");
		}, "spring.datasource.hikari.maximum-pool-size=2", "spring.datasource.hikari.connection-timeout=1000");
	}

	private static void createTables(JdbcTemplate jdbc) {
		jdbc.execute("drop table if exists orders, audits");
		jdbc.execute("create table orders (id int)");
		jdbc.execute("create table audits (id int)");
	}

	private static int place(Orders orders, int calls) {
		for (int i = 0; i < calls; i++) {
			orders.place();
		}
		return calls;
	}

	/**
	 * Ten transactions at once on a pool of ten, behind a router that has first seen a
	 * pool of two.
	 */
	@ParameterizedTest
	@CsvSource({ "false, virtual", "true, virtual", "true, event-loop" })
	void everyPoolBehindARouterHasItsOwnSize(boolean starter, String model) {
		run(starter, model, Tenants.class, (context) -> {
			TransactionTemplate template = new TransactionTemplate(context.getBean(PlatformTransactionManager.class));
			JdbcTemplate jdbc = context.getBean(JdbcTemplate.class);
			Tenants.tenant.set("a");
			template.executeWithoutResult((status) -> jdbc.execute("select 1"));
			CyclicBarrier all = new CyclicBarrier(10);
			List<CompletableFuture<Integer>> running = inThreads(context, 10, () -> {
				Tenants.tenant.set("b");
				return template.execute((status) -> {
					jdbc.execute("select 1");
					await(all);
					return 1;
				});
			});
			assertThat(running).allSatisfy((each) -> assertThat(each.get(20, TimeUnit.SECONDS)).isOne());
			if (starter) {
				assertThat(context.getBeansOfType(CooperativeDataSource.class)).containsOnlyKeys("a", "b");
			}
		});
	}

	/**
	 * Cases 6 and 12: twenty transactions that have not sent a statement yet hold no
	 * connection of a pool of two.
	 */
	@ParameterizedTest
	@CsvSource({ "false, virtual, spring.datasource.connection-fetch=lazy",
			"true, virtual, spring.datasource.connection-fetch=lazy",
			"true, event-loop, spring.datasource.connection-fetch=lazy",
			"true, virtual, spring.datasource.hikari.auto-commit=false",
			"true, event-loop, spring.datasource.hikari.auto-commit=false" })
	void transactionsThatHaveNotSentAStatementHoldNoConnection(boolean starter, String model, String lazy) {
		run(starter, model, Application.class, (context) -> {
			TransactionTemplate template = new TransactionTemplate(context.getBean(PlatformTransactionManager.class));
			JdbcTemplate jdbc = context.getBean(JdbcTemplate.class);
			CyclicBarrier all = new CyclicBarrier(20);
			List<CompletableFuture<Integer>> running = inThreads(context, 20, () -> template.execute((status) -> {
				await(all);
				return jdbc.queryForObject("select 1", Integer.class);
			}));
			assertThat(running).allSatisfy((each) -> assertThat(each.get(20, TimeUnit.SECONDS)).isOne());
		}, lazy, "spring.datasource.hikari.maximum-pool-size=2", "cooperative.jdbc.detect-shared-connections=true",
				"cooperative.jdbc.request-timeout=30s");
	}

	@ParameterizedTest
	@CsvSource({ "virtual", "event-loop" })
	void poolUnderTwoNamesIsOnePool(String model) {
		run(true, model, TwoNames.class, (context) -> {
			DataSource one = context.getBean("one", DataSource.class);
			assertThat(one).isInstanceOf(CooperativeDataSource.class).isSameAs(context.getBean("other"));
			assertThat(context.getBean(JdbcTemplate.class).queryForObject("select 1", Integer.class)).isOne();
		}, "cooperative.jdbc.required=true");
	}

	private static void await(CyclicBarrier barrier) {
		try {
			barrier.await(10, TimeUnit.SECONDS);
		}
		catch (Exception ex) {
			throw new IllegalStateException(ex);
		}
	}

	private static int count(JdbcTemplate jdbc, String table) {
		Integer count = jdbc.queryForObject("select count(*) from " + table, Integer.class);
		return (count != null) ? count : -1;
	}

	private static List<CompletableFuture<Integer>> inThreads(ConfigurableApplicationContext context, int count,
			Supplier<Integer> task) {
		Executor executor = context.getBean("applicationTaskExecutor", Executor.class);
		List<CompletableFuture<Integer>> running = new ArrayList<>();
		for (int i = 0; i < count; i++) {
			running.add(CompletableFuture.supplyAsync(task, executor));
		}
		return running;
	}

	private static void run(boolean starter, String model, Class<?> source,
			Consumer<ConfigurableApplicationContext> test, String... properties) {
		try (ConfigurableApplicationContext context = new SpringApplicationBuilder(Application.class, source)
			.web(WebApplicationType.NONE)
			.properties(TestDatabase.instance().properties())
			.properties("cooperative.jdbc.enabled=" + starter, "cooperative.jdbc.model=" + model,
					"spring.threads.virtual.enabled=true")
			.properties(properties)
			.run()) {
			test.accept(context);
		}
	}

	@SpringBootConfiguration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	static class Application {

	}

	static class Orders {

		/**
		 * Not of the bean, which is behind a proxy.
		 */
		private static volatile @Nullable CyclicBarrier barrier;

		private final JdbcTemplate jdbc;

		private final ApplicationEventPublisher events;

		Orders(JdbcTemplate jdbc, ApplicationEventPublisher events) {
			this.jdbc = jdbc;
			this.events = events;
		}

		@Transactional
		void place() {
			this.jdbc.update("insert into orders values (1)");
			this.events.publishEvent("placed");
			CyclicBarrier together = barrier;
			if (together != null) {
				await(together);
			}
		}

		@Bean
		static Audits audits(JdbcTemplate jdbc) {
			return new Audits(jdbc);
		}

	}

	static class Audits {

		private final JdbcTemplate jdbc;

		Audits(JdbcTemplate jdbc) {
			this.jdbc = jdbc;
		}

		@TransactionalEventListener
		@Transactional(propagation = Propagation.REQUIRES_NEW)
		void placed(String event) {
			this.jdbc.update("insert into audits values (1)");
		}

	}

	@Configuration(proxyBeanMethods = false)
	@Import(Application.class)
	static class Tenants {

		static final ThreadLocal<String> tenant = new ThreadLocal<>();

		@Bean
		HikariDataSource a() {
			return pool(2);
		}

		@Bean
		HikariDataSource b() {
			return pool(10);
		}

		@Bean
		@Primary
		DataSource router(HikariDataSource a, HikariDataSource b) {
			AbstractRoutingDataSource router = new AbstractRoutingDataSource() {

				@Override
				protected Object determineCurrentLookupKey() {
					return tenant.get();
				}

			};
			router.setTargetDataSources(Map.of("a", a, "b", b));
			router.setDefaultTargetDataSource(a);
			return router;
		}

		@Bean
		JdbcTransactionManager transactionManager(DataSource router) {
			return new JdbcTransactionManager(router);
		}

		static HikariDataSource pool(int size) {
			HikariDataSource pool = new HikariDataSource();
			pool.setJdbcUrl(TestDatabase.instance().url());
			pool.setUsername(TestDatabase.instance().username());
			pool.setPassword(TestDatabase.instance().password());
			pool.setMaximumPoolSize(size);
			pool.setConnectionTimeout(5000);
			return pool;
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class TwoNames {

		private final HikariDataSource pool = Tenants.pool(2);

		@Bean
		@Primary
		DataSource one() {
			return this.pool;
		}

		@Bean
		DataSource other() {
			return this.pool;
		}

	}

}
