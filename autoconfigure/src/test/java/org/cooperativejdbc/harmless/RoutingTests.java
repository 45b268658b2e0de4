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

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;

import javax.sql.DataSource;

import com.zaxxer.hikari.HikariDataSource;
import org.cooperativejdbc.pool.CooperativeDataSource;
import org.cooperativejdbc.test.SilenceProxy;
import org.cooperativejdbc.test.SilenceProxy.Silence;
import org.cooperativejdbc.test.TestDatabase;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.data.jpa.autoconfigure.DataJpaRepositoriesAutoConfiguration;
import org.springframework.boot.hibernate.autoconfigure.HibernateJpaAutoConfiguration;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Primary;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.LazyConnectionDataSourceProxy;
import org.springframework.jdbc.datasource.lookup.AbstractRoutingDataSource;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * One transaction manager in front of several pools: which of them a transaction is for
 * is known when it borrows, and each pool has a queue of its own.
 */
@Timeout(60)
class RoutingTests {

	/**
	 * A router without a default, as reported: the first transaction has no key and
	 * fails, and those that have one are served.
	 */
	@ParameterizedTest
	@CsvSource({ "false, virtual", "true, virtual", "true, event-loop" })
	void firstTransactionWithoutAKeyHasNoEffectOnOthers(boolean starter, String model) {
		try (ConfigurableApplicationContext context = start(starter, model, Shards.class)) {
			TransactionTemplate template = template(context);
			JdbcTemplate jdbc = context.getBean(JdbcTemplate.class);
			List<CompletableFuture<Throwable>> failures = Trial.inThreads(context, 3,
					() -> failure(() -> template.executeWithoutResult((status) -> jdbc.execute("select 1"))));
			assertThat(failures).allSatisfy((failure) -> assertThat(failure.get(10, TimeUnit.SECONDS))
				.hasRootCauseMessage("Cannot determine target DataSource for lookup key [null]"));
			allAtOnce(context, template, jdbc, "b", 10);
			allAtOnce(context, template, jdbc, "a", 2);
			assertAllReturned(context, starter);
		}
	}

	/**
	 * The server of one pool is gone without a word, all of its connections are out, and
	 * others wait for them. The other pool does not notice.
	 */
	@ParameterizedTest
	@CsvSource({ "false, virtual", "true, virtual", "true, event-loop" })
	void poolWhoseServerHangsKeepsNobodyOfAnotherWaiting(boolean starter, String model) throws Exception {
		try (SilenceProxy proxy = new SilenceProxy(TestDatabase.instance())) {
			Shards.urlOfA = proxy.url();
			try (ConfigurableApplicationContext context = start(starter, model, Shards.class,
					"cooperative.jdbc.cancel-grace=500ms")) {
				TransactionTemplate template = template(context);
				JdbcTemplate jdbc = context.getBean(JdbcTemplate.class);
				allAtOnce(context, template, jdbc, "a", 2);
				proxy.silence(Silence.ALL);
				List<CompletableFuture<Throwable>> hung = Trial.inThreads(context, 20, () -> {
					Shards.key.set("a");
					return failure(() -> template.executeWithoutResult((status) -> jdbc.execute("select 1")));
				});
				for (int round = 0; round < 3; round++) {
					allAtOnce(context, template, jdbc, "b", 10);
				}
				assertThat(hung.stream().filter(CompletableFuture::isDone)).as("hung before b was served").isEmpty();
				proxy.silence(Silence.NONE);
			}
		}
		finally {
			Shards.urlOfA = TestDatabase.instance().url();
		}
	}

	@ParameterizedTest
	@CsvSource({ "false, virtual", "true, virtual", "true, event-loop" })
	void readOnlyTransactionsHaveTheSizeOfTheReplica(boolean starter, String model) {
		try (ConfigurableApplicationContext context = start(starter, model, WriterAndReplica.class)) {
			JdbcTemplate jdbc = context.getBean(JdbcTemplate.class);
			jdbc.execute("drop table if exists routed");
			jdbc.execute("create table routed (pool text)");
			TransactionTemplate reading = template(context);
			reading.setReadOnly(true);
			CyclicBarrier all = new CyclicBarrier(20);
			List<CompletableFuture<String>> read = Trial.inThreads(context, 20, () -> reading.execute((status) -> {
				String pool = jdbc.queryForObject("show application_name", String.class);
				Trial.await(all);
				return pool;
			}));
			assertThat(read).allSatisfy(
					(each) -> assertThat(each.get(Trial.TIMEOUT_SECONDS, TimeUnit.SECONDS)).isEqualTo("replica"));
			TransactionTemplate writing = template(context);
			CyclicBarrier writers = new CyclicBarrier(5);
			Trial.succeed(Trial.inThreads(context, 5, () -> writing.execute((status) -> {
				jdbc.update("insert into routed select current_setting('application_name')");
				Trial.await(writers);
				return 1;
			})));
			assertThat(jdbc.queryForList("select pool from routed", String.class)).hasSize(5).containsOnly("writer");
			assertAllReturned(context, starter);
		}
	}

	private static void allAtOnce(ConfigurableApplicationContext context, TransactionTemplate template,
			JdbcTemplate jdbc, String key, int count) {
		CyclicBarrier all = new CyclicBarrier(count);
		Trial.succeed(Trial.inThreads(context, count, () -> {
			Shards.key.set(key);
			return template.execute((status) -> {
				jdbc.execute("select 1");
				Trial.await(all);
				return 1;
			});
		}));
	}

	private static void assertAllReturned(ConfigurableApplicationContext context, boolean starter) {
		List<CooperativeDataSource> pools = new ArrayList<>(
				context.getBeansOfType(CooperativeDataSource.class).values());
		assertThat(pools).hasSize(starter ? 2 : 0).allSatisfy((pool) -> {
			assertThat(pool.getPlacesTaken()).isZero();
			assertThat(pool.getHikariPoolMXBean().getActiveConnections()).isZero();
		});
	}

	private static Throwable failure(Runnable task) {
		try {
			task.run();
			return new AssertionError("no failure");
		}
		catch (RuntimeException ex) {
			return ex;
		}
	}

	private static TransactionTemplate template(ConfigurableApplicationContext context) {
		return new TransactionTemplate(context.getBean(PlatformTransactionManager.class));
	}

	private static ConfigurableApplicationContext start(boolean starter, String model, Class<?> source,
			String... properties) {
		return Trial.start(starter, model, List.of(Application.class, source), properties);
	}

	@SpringBootConfiguration(proxyBeanMethods = false)
	@EnableAutoConfiguration(
			exclude = { HibernateJpaAutoConfiguration.class, DataJpaRepositoriesAutoConfiguration.class })
	static class Application {

	}

	@Configuration(proxyBeanMethods = false)
	static class Shards {

		static final ThreadLocal<String> key = new ThreadLocal<>();

		static String urlOfA = TestDatabase.instance().url();

		@Bean
		HikariDataSource a() {
			HikariDataSource pool = Trial.pool(2);
			pool.setConnectionTimeout(30_000);
			pool.setJdbcUrl(urlOfA);
			return pool;
		}

		@Bean
		HikariDataSource b() {
			return Trial.pool(10);
		}

		@Bean
		@Primary
		AbstractRoutingDataSource router(HikariDataSource a, HikariDataSource b) {
			AbstractRoutingDataSource router = new AbstractRoutingDataSource() {

				@Override
				protected Object determineCurrentLookupKey() {
					return key.get();
				}

			};
			router.setTargetDataSources(Map.of("a", a, "b", b));
			return router;
		}

		@Bean
		JdbcTransactionManager transactionManager(DataSource router) {
			return new JdbcTransactionManager(router);
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class WriterAndReplica {

		@Bean
		HikariDataSource writer() {
			return named("writer", 5);
		}

		@Bean
		HikariDataSource replica() {
			return named("replica", 20);
		}

		@Bean
		@Primary
		LazyConnectionDataSourceProxy dataSource(HikariDataSource writer, HikariDataSource replica) {
			LazyConnectionDataSourceProxy dataSource = new LazyConnectionDataSourceProxy(writer);
			dataSource.setReadOnlyDataSource(replica);
			return dataSource;
		}

		@Bean
		JdbcTransactionManager transactionManager(DataSource dataSource) {
			return new JdbcTransactionManager(dataSource);
		}

		private static HikariDataSource named(String name, int size) {
			HikariDataSource pool = Trial.pool(size);
			pool.addDataSourceProperty("ApplicationName", name);
			return pool;
		}

	}

}
