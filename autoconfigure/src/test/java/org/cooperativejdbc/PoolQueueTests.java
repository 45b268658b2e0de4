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

import java.sql.SQLTransientConnectionException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

import com.zaxxer.hikari.HikariDataSource;
import jakarta.persistence.EntityManager;
import jakarta.persistence.EntityManagerFactory;
import org.cooperativejdbc.pool.CooperativeDataSource;
import org.cooperativejdbc.pool.PoolOverloadedException;
import org.cooperativejdbc.test.TestDatabase;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.core.task.AsyncTaskExecutor;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.orm.jpa.EntityManagerHolder;
import org.springframework.resilience.InvocationRejectedException;
import org.springframework.resilience.annotation.ConcurrencyLimit;
import org.springframework.resilience.annotation.ConcurrencyLimit.ThrottlePolicy;
import org.springframework.resilience.annotation.EnableResilientMethods;
import org.springframework.transaction.CannotCreateTransactionException;
import org.springframework.transaction.IllegalTransactionStateException;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.TransactionDefinition;
import org.springframework.transaction.annotation.Propagation;
import org.springframework.transaction.annotation.Transactional;
import org.springframework.transaction.support.TransactionSynchronization;
import org.springframework.transaction.support.TransactionSynchronizationManager;
import org.springframework.transaction.support.TransactionTemplate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

/**
 * Transactions in front of a pool that is too small for all of them.
 */
class PoolQueueTests {

	private static final int SIZE = 4;

	/**
	 * Every connection is held by a transaction that opens another one, the classic
	 * deadlock of a pool: one of them fails, and the others go on.
	 */
	@ParameterizedTest
	@ValueSource(strings = { "platform", "virtual", "event-loop" })
	void requiresNewInEveryTransactionDoesNotHang(String model) {
		run((context) -> {
			assertThat(nest(context, SIZE, SIZE)).singleElement()
				.satisfies((failure) -> assertThat(failure).isInstanceOf(CannotCreateTransactionException.class)
					.hasRootCauseInstanceOf(SQLTransientConnectionException.class)
					.hasStackTraceContaining("held by threads that wait for another one: this one in "
							+ Inner.class.getName() + "#call, called from " + Outer.class.getName() + "#call"));
			assertThat(nest(context, SIZE - 1, SIZE * (SIZE - 1))).isEmpty();
			assertNobodyIsLeft(context);
		}, "cooperative.jdbc.admission.enabled=true", "cooperative.jdbc.model=" + model);
	}

	@Test
	void withAReserveNoneOfThemFails() {
		run((context) -> {
			assertThat(nest(context, SIZE - 1, SIZE * (SIZE - 1))).isEmpty();
			assertNobodyIsLeft(context);
		}, "cooperative.jdbc.model=virtual", "cooperative.jdbc.admission.reserve=1");
	}

	/**
	 * The control.
	 */
	@Test
	void withoutTheQueueTheyHangUntilTheTimeoutOfThePool() {
		run((context) -> assertThat(nest(context, SIZE, SIZE)).isNotEmpty()
			.allSatisfy((failure) -> assertThat(failure).isInstanceOf(CannotCreateTransactionException.class)
				.hasRootCauseInstanceOf(SQLTransientConnectionException.class)), "cooperative.jdbc.model=virtual",
				"cooperative.jdbc.admission.enabled=false", "spring.datasource.hikari.connection-timeout=3000");
	}

	private static List<Throwable> nest(ConfigurableApplicationContext context, int parties, int calls) {
		Outer outer = context.getBean(Outer.class);
		CyclicBarrier allHoldAConnection = new CyclicBarrier(parties);
		return failures(context, calls, () -> outer.call(allHoldAConnection));
	}

	/**
	 * Neither a commit nor a rollback is told to listeners when a callback fails with a
	 * {@code TransactionException}. Spring does not roll back then, so that with JPA the
	 * connection itself is lost.
	 */
	@ParameterizedTest
	@ValueSource(classes = { Application.class, Jdbc.class })
	void everyWayOutGivesThePlaceBack(Class<?> source) {
		run((context) -> {
			JdbcTemplate jdbc = context.getBean(JdbcTemplate.class);
			jdbc.execute("drop table if exists deferred");
			jdbc.execute("create table deferred (id int unique deferrable initially deferred)");
			TransactionTemplate template = new TransactionTemplate(context.getBean(PlatformTransactionManager.class));
			RuntimeException beforeCommit = (source == Jdbc.class)
					? new IllegalTransactionStateException("before commit")
					: new IllegalStateException("before commit");
			TransactionDefinition unknownIsolation = new TransactionDefinition() {

				@Override
				public int getIsolationLevel() {
					return 99;
				}

			};
			for (int round = 0; round < SIZE + 1; round++) {
				assertThat(failures(context, SIZE,
						() -> template.executeWithoutResult((status) -> jdbc.execute("select 1"))))
					.isEmpty();
				assertThat(failures(context, SIZE,
						() -> template.executeWithoutResult((status) -> status.setRollbackOnly())))
					.isEmpty();
				assertThat(failures(context, SIZE,
						() -> template.executeWithoutResult((status) -> jdbc.execute("nonsense"))))
					.hasSize(SIZE);
				assertThat(failures(context, SIZE,
						() -> template
							.executeWithoutResult((status) -> jdbc.execute("insert into deferred values (1), (1)"))))
					.hasSize(SIZE);
				assertThat(failures(context, SIZE,
						() -> template.executeWithoutResult((status) -> failBeforeCommit(beforeCommit))))
					.hasSize(SIZE);
				assertThat(failures(context, SIZE,
						() -> context.getBean(PlatformTransactionManager.class).getTransaction(unknownIsolation)))
					.hasSize(SIZE);
			}
			assertNobodyIsLeft(context);
		}, source, "cooperative.jdbc.model=virtual");
	}

	private static void failBeforeCommit(RuntimeException failure) {
		TransactionSynchronizationManager.registerSynchronization(new TransactionSynchronization() {

			@Override
			public void beforeCommit(boolean readOnly) {
				throw failure;
			}

		});
	}

	@Test
	void requestsOverTheLimitAreRejectedAndTheOthersServed() {
		run((context) -> {
			TransactionTemplate template = new TransactionTemplate(context.getBean(PlatformTransactionManager.class));
			JdbcTemplate jdbc = context.getBean(JdbcTemplate.class);
			CountDownLatch rejected = new CountDownLatch(50 - SIZE - 6);
			assertNobodyIsLeft(context);
			List<Throwable> failures = failures(context, 50, () -> {
				try {
					template.executeWithoutResult((status) -> {
						jdbc.execute("select 1");
						join(rejected);
					});
				}
				catch (CannotCreateTransactionException ex) {
					rejected.countDown();
					throw ex;
				}
			});
			assertThat(failures)
				.allSatisfy((failure) -> assertThat(failure).hasRootCauseInstanceOf(PoolOverloadedException.class))
				.hasSize(50 - SIZE - 6);
			assertNobodyIsLeft(context);
		}, "cooperative.jdbc.model=virtual", "cooperative.jdbc.admission.max-waiting=6");
	}

	/**
	 * As with Open Session in View: whoever waited for a place while it holds the
	 * connection would keep it from the one who has the place.
	 */
	@Test
	void sessionThatKeptItsConnectionDoesNotWait() {
		run((context) -> {
			TransactionTemplate template = new TransactionTemplate(context.getBean(PlatformTransactionManager.class));
			EntityManagerFactory factory = context.getBean(EntityManagerFactory.class);
			EntityManager shared = context.getBean(EntityManager.class);
			Runnable query = () -> template
				.executeWithoutResult((status) -> shared.createNativeQuery("select 1").getResultList());
			CooperativeDataSource pool = context.getBean(CooperativeDataSource.class);
			Future<?> other;
			try (EntityManager session = factory.createEntityManager()) {
				TransactionSynchronizationManager.bindResource(factory, new EntityManagerHolder(session));
				query.run();
				other = submit(context, 1, query).getFirst();
				await().until(() -> pool.getThreadsInQueue() == 1);
				query.run();
				assertThat(other).isNotDone();
				TransactionSynchronizationManager.unbindResource(factory);
			}
			assertThat(outcome(other)).isNull();
			assertNobodyIsLeft(context);
		}, "cooperative.jdbc.model=virtual", "cooperative.jdbc.admission.max-wait=10s",
				"spring.datasource.hikari.maximum-pool-size=1");
	}

	@Test
	void platformThreadsAreOnlyHeldBackOnRequest() {
		run((context) -> assertThat(context.getBeansOfType(CooperativeDataSource.class)).isEmpty(),
				"cooperative.jdbc.model=platform");
		run((context) -> assertThat(context.getBeansOfType(CooperativeDataSource.class)).hasSize(1),
				"cooperative.jdbc.model=platform", "cooperative.jdbc.admission.enabled=true");
	}

	/**
	 * The second entrance, for what uses connections without a transaction.
	 */
	@Test
	void concurrencyLimitHoldsBackWhatHasNoTransaction() {
		run((context) -> {
			Reports reports = context.getBean(Reports.class);
			CountDownLatch goOn = new CountDownLatch(1);
			List<Future<?>> running = submit(context, SIZE, () -> reports.create(goOn));
			await().until(() -> reports.running() == SIZE);
			assertThatExceptionOfType(InvocationRejectedException.class).isThrownBy(() -> reports.create(goOn));
			goOn.countDown();
			assertThat(running).allSatisfy((task) -> assertThat(outcome(task)).isNull());
			assertThat(reports.create(goOn)).isOne();
		}, "cooperative.jdbc.model=virtual");
	}

	private static void assertNobodyIsLeft(ConfigurableApplicationContext context) {
		CooperativeDataSource pool = context.getBean(CooperativeDataSource.class);
		assertThat(pool.getThreadsInQueue()).isZero();
		await().untilAsserted(() -> assertThat(pool.getPlacesTaken())
			.as("places of %d connections", pool.getHikariPoolMXBean().getActiveConnections())
			.isZero());
		await().until(() -> pool.getHikariPoolMXBean().getActiveConnections() == 0);
	}

	private static void run(Consumer<ConfigurableApplicationContext> test, String... properties) {
		run(test, Application.class, properties);
	}

	private static void run(Consumer<ConfigurableApplicationContext> test, Class<?> source, String... properties) {
		try (ConfigurableApplicationContext context = new SpringApplicationBuilder(source).web(WebApplicationType.NONE)
			.properties(TestDatabase.instance().properties())
			.properties("cooperative.jdbc.event-loop.threads=1", "spring.datasource.hikari.maximum-pool-size=" + SIZE,
					"spring.task.execution.pool.core-size=64")
			.properties(properties)
			.run()) {
			test.accept(context);
		}
	}

	private static List<Future<?>> submit(ConfigurableApplicationContext context, int calls, Runnable task) {
		AsyncTaskExecutor executor = context.getBean("applicationTaskExecutor", AsyncTaskExecutor.class);
		List<Future<?>> tasks = new ArrayList<>();
		for (int i = 0; i < calls; i++) {
			tasks.add(executor.submit(task));
		}
		return tasks;
	}

	private static List<Throwable> failures(ConfigurableApplicationContext context, int calls, Runnable task) {
		List<Throwable> failures = new ArrayList<>();
		for (Future<?> future : submit(context, calls, task)) {
			Throwable outcome = outcome(future);
			if (outcome != null) {
				failures.add(outcome);
			}
		}
		return failures;
	}

	private static @Nullable Throwable outcome(Future<?> future) {
		try {
			future.get(30, TimeUnit.SECONDS);
			return null;
		}
		catch (ExecutionException ex) {
			return ex.getCause();
		}
		catch (InterruptedException | TimeoutException ex) {
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
	@EnableResilientMethods
	@Import({ Outer.class, Inner.class, Reports.class })
	static class Application {

	}

	@Configuration(proxyBeanMethods = false)
	@Import(Application.class)
	static class Jdbc {

		@Bean
		JdbcTransactionManager transactionManager(HikariDataSource dataSource) {
			return new JdbcTransactionManager(dataSource);
		}

	}

	static class Outer {

		private final Inner inner;

		private final JdbcTemplate jdbc;

		Outer(Inner inner, JdbcTemplate jdbc) {
			this.inner = inner;
			this.jdbc = jdbc;
		}

		@Transactional
		void call(CyclicBarrier allHoldAConnection) {
			this.jdbc.execute("select 1");
			try {
				allHoldAConnection.await(30, TimeUnit.SECONDS);
			}
			catch (InterruptedException | BrokenBarrierException | TimeoutException ex) {
				throw new IllegalStateException(ex);
			}
			this.inner.call();
		}

	}

	static class Inner {

		private final JdbcTemplate jdbc;

		Inner(JdbcTemplate jdbc) {
			this.jdbc = jdbc;
		}

		@Transactional(propagation = Propagation.REQUIRES_NEW)
		void call() {
			this.jdbc.execute("select 1");
		}

	}

	static class Reports {

		private final AtomicInteger running = new AtomicInteger();

		private final JdbcTemplate jdbc;

		Reports(JdbcTemplate jdbc) {
			this.jdbc = jdbc;
		}

		int running() {
			return this.running.get();
		}

		@ConcurrencyLimit(limitString = "${spring.datasource.hikari.maximum-pool-size}", policy = ThrottlePolicy.REJECT)
		int create(CountDownLatch goOn) {
			Integer rows = this.jdbc.queryForObject("select 1", Integer.class);
			this.running.incrementAndGet();
			PoolQueueTests.join(goOn);
			return (rows != null) ? rows : 0;
		}

	}

}
