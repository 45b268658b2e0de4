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
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

import com.zaxxer.hikari.HikariDataSource;
import org.cooperativejdbc.carrier.EventLoops;
import org.cooperativejdbc.pool.CooperativeDataSource;
import org.cooperativejdbc.test.TestDatabase;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.beans.factory.config.DestructionAwareBeanPostProcessor;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.jdbc.autoconfigure.DataSourceProperties;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.core.task.AsyncTaskExecutor;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * An application that is closed while transactions run and wait, on threads that nobody
 * else waits for.
 */
class ShutdownTests {

	private static final int SIZE = 2;

	private static final int TRANSACTIONS = 10;

	private final Queue<Throwable> failures = new ConcurrentLinkedQueue<>();

	private final AtomicInteger committed = new AtomicInteger();

	private final AtomicInteger interrupted = new AtomicInteger();

	@ParameterizedTest
	@ValueSource(strings = { "platform", "virtual", "event-loop" })
	void runningAndWaitingTransactionsEndBeforeThePoolCloses(String model) throws InterruptedException {
		ConfigurableApplicationContext context = start(model, true);
		CooperativeDataSource pool = context.getBean(CooperativeDataSource.class);
		CountDownLatch goOn = new CountDownLatch(1);
		List<Thread> threads = transactions(context, goOn);
		await().until(() -> pool.getPlacesTaken() == SIZE && pool.getThreadsInQueue() == TRANSACTIONS - SIZE);
		Thread closing = Thread.ofPlatform().start(context::close);
		await().until(() -> Stream.of(closing.getStackTrace())
			.anyMatch((frame) -> frame.getMethodName().equals("awaitReturn")));
		assertThat(pool.isClosed()).isFalse();
		goOn.countDown();
		for (Thread thread : threads) {
			thread.join();
		}
		closing.join();
		assertThat(this.failures).isEmpty();
		assertThat(this.committed).hasValue(TRANSACTIONS);
		assertThat(this.interrupted).hasValue(0);
		assertThat(count()).isEqualTo(TRANSACTIONS);
		assertThat(pool.isClosed()).isTrue();
	}

	/**
	 * The control.
	 */
	@Test
	void withoutTheStarterThePoolClosesUnderThem() throws InterruptedException {
		ConfigurableApplicationContext context = start("virtual", false);
		HikariDataSource pool = context.getBean(HikariDataSource.class);
		CountDownLatch goOn = new CountDownLatch(1);
		List<Thread> threads = transactions(context, goOn);
		await().until(() -> pool.getHikariPoolMXBean().getThreadsAwaitingConnection() == TRANSACTIONS - SIZE);
		Thread closing = Thread.ofPlatform().start(context::close);
		await().until(pool::isClosed);
		goOn.countDown();
		for (Thread thread : threads) {
			thread.join();
		}
		closing.join();
		assertThat(this.failures).isNotEmpty();
		assertThat(this.committed).hasValueLessThan(TRANSACTIONS);
	}

	/**
	 * A task that the executor waits for may begin another transaction.
	 */
	@ParameterizedTest
	@ValueSource(strings = { "platform", "virtual", "event-loop" })
	void tasksThatTheExecutorWaitsForEnd(String model) throws InterruptedException {
		ConfigurableApplicationContext context = start(model, true);
		TransactionTemplate template = new TransactionTemplate(context.getBean(PlatformTransactionManager.class));
		JdbcTemplate jdbc = context.getBean(JdbcTemplate.class);
		AsyncTaskExecutor executor = context.getBean("applicationTaskExecutor", AsyncTaskExecutor.class);
		CountDownLatch goOn = new CountDownLatch(1);
		for (int i = 0; i < TRANSACTIONS; i++) {
			executor.execute(() -> {
				transaction(template, jdbc, goOn);
				transaction(template, jdbc, goOn);
			});
		}
		CooperativeDataSource pool = context.getBean(CooperativeDataSource.class);
		await().until(() -> pool.getPlacesTaken() == SIZE && pool.getThreadsInQueue() == TRANSACTIONS - SIZE);
		Thread closing = Thread.ofPlatform().start(context::close);
		await().until(() -> Stream.of(closing.getStackTrace())
			.anyMatch((frame) -> frame.getMethodName().equals("awaitReturn")));
		goOn.countDown();
		closing.join();
		assertThat(this.failures).isEmpty();
		assertThat(this.committed).hasValue(2 * TRANSACTIONS);
		assertThat(this.interrupted).hasValue(0);
		assertThat(count()).isEqualTo(2 * TRANSACTIONS);
	}

	@ParameterizedTest
	@CsvSource({ "NONE, false", "NONE, true", "REACTIVE, false", "REACTIVE, true" })
	void eventLoopsEndAfterThePool(WebApplicationType type, boolean lazy) {
		ConfigurableApplicationContext context = application("event-loop", true, OwnDataSource.class).web(type)
			.run("--server.port=0", "--spring.main.lazy-initialization=" + lazy);
		context.getBean(JdbcTemplate.class).execute("select 1");
		List<String> destroyed = context.getBean(Destruction.class).beans;
		context.close();
		assertThat(destroyed).containsSubsequence("dataSource", "cooperativeJdbcEventLoops");
	}

	@Test
	void applicationThatIsStoppedRefusesNothing() throws InterruptedException {
		try (ConfigurableApplicationContext context = start("virtual", true)) {
			context.stop();
			for (Thread thread : transactions(context, new CountDownLatch(0))) {
				thread.join();
			}
			assertThat(this.failures).isEmpty();
			context.start();
			for (Thread thread : transactions(context, new CountDownLatch(0))) {
				thread.join();
			}
			assertThat(this.committed).hasValue(2 * TRANSACTIONS);
		}
	}

	/**
	 * A bean may still write something when it is destroyed.
	 */
	@Test
	void threadThatClosesTheApplicationIsServed() {
		ConfigurableApplicationContext context = start("virtual", true, Writing.class);
		AtomicInteger written = context.getBean(LastWords.class).written;
		context.close();
		assertThat(written).hasValue(1);
	}

	private ConfigurableApplicationContext start(String model, boolean starter) {
		return start(model, starter, Application.class);
	}

	private ConfigurableApplicationContext start(String model, boolean starter, Class<?> source) {
		ConfigurableApplicationContext context = application(model, starter, source).run();
		JdbcTemplate jdbc = context.getBean(JdbcTemplate.class);
		jdbc.execute("drop table if exists shutdown");
		jdbc.execute("create table shutdown (id int)");
		return context;
	}

	private static SpringApplicationBuilder application(String model, boolean starter, Class<?> source) {
		return new SpringApplicationBuilder(source).web(WebApplicationType.NONE)
			.properties(TestDatabase.instance().properties())
			.properties("cooperative.jdbc.event-loop.threads=1", "cooperative.jdbc.model=" + model,
					"cooperative.jdbc.enabled=" + starter, "cooperative.jdbc.admission.enabled=true",
					"spring.datasource.hikari.maximum-pool-size=" + SIZE,
					"spring.datasource.hikari.connection-timeout=" + (starter ? 30000 : 3000),
					"spring.task.execution.pool.core-size=" + TRANSACTIONS,
					"spring.task.execution.shutdown.await-termination=true",
					"spring.task.execution.shutdown.await-termination-period=30s");
	}

	private List<Thread> transactions(ConfigurableApplicationContext context, CountDownLatch goOn) {
		TransactionTemplate template = new TransactionTemplate(context.getBean(PlatformTransactionManager.class));
		JdbcTemplate jdbc = context.getBean(JdbcTemplate.class);
		ThreadFactory factory = switch (context.getEnvironment().getProperty("cooperative.jdbc.model", "")) {
			case "virtual" -> Thread.ofVirtual().factory();
			case "event-loop" -> context.getBean(EventLoops.class).threadFactory("shutdown-");
			default -> Thread.ofPlatform().factory();
		};
		List<Thread> threads = new ArrayList<>();
		for (int i = 0; i < TRANSACTIONS; i++) {
			Runnable task = () -> transaction(template, jdbc, goOn);
			threads.add(factory.newThread(task));
		}
		threads.forEach(Thread::start);
		return threads;
	}

	private void transaction(TransactionTemplate template, JdbcTemplate jdbc, CountDownLatch goOn) {
		try {
			template.executeWithoutResult((status) -> {
				jdbc.update("insert into shutdown values (1)");
				join(goOn);
				jdbc.execute("select pg_sleep(0.05)");
			});
			this.committed.incrementAndGet();
		}
		catch (RuntimeException ex) {
			this.failures.add(ex);
		}
		if (Thread.currentThread().isInterrupted()) {
			this.interrupted.incrementAndGet();
		}
	}

	private static int count() {
		try (Connection connection = TestDatabase.instance().connect();
				ResultSet result = connection.createStatement().executeQuery("select count(*) from shutdown")) {
			result.next();
			return result.getInt(1);
		}
		catch (SQLException ex) {
			throw new IllegalStateException(ex);
		}
	}

	private static void join(CountDownLatch latch) {
		try {
			assertThat(latch.await(30, TimeUnit.SECONDS)).isTrue();
		}
		catch (InterruptedException ex) {
			throw new IllegalStateException(ex);
		}
	}

	@SpringBootConfiguration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	static class Application {

	}

	/**
	 * Its data source is the first of all beans.
	 */
	@Configuration(proxyBeanMethods = false)
	@Import(Application.class)
	static class OwnDataSource {

		@Bean
		static Destruction destruction() {
			return new Destruction();
		}

		@Bean
		HikariDataSource dataSource(DataSourceProperties properties) {
			return properties.initializeDataSourceBuilder().type(HikariDataSource.class).build();
		}

	}

	static class Destruction implements DestructionAwareBeanPostProcessor {

		private final List<String> beans = new ArrayList<>();

		@Override
		public void postProcessBeforeDestruction(Object bean, String beanName) {
			this.beans.add(beanName);
		}

	}

	@Configuration(proxyBeanMethods = false)
	@Import(Application.class)
	static class Writing {

		@Bean(destroyMethod = "write")
		LastWords lastWords(PlatformTransactionManager transactionManager, JdbcTemplate jdbc) {
			return new LastWords(transactionManager, jdbc);
		}

	}

	static class LastWords {

		private final AtomicInteger written = new AtomicInteger();

		private final PlatformTransactionManager transactionManager;

		private final JdbcTemplate jdbc;

		LastWords(PlatformTransactionManager transactionManager, JdbcTemplate jdbc) {
			this.transactionManager = transactionManager;
			this.jdbc = jdbc;
		}

		void write() {
			new TransactionTemplate(this.transactionManager)
				.executeWithoutResult((status) -> this.jdbc.execute("select 1"));
			this.written.incrementAndGet();
		}

	}

}
