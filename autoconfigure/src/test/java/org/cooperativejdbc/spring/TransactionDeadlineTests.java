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

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

import javax.sql.DataSource;

import com.zaxxer.hikari.HikariDataSource;
import jakarta.persistence.EntityManager;
import org.cooperativejdbc.Deadline;
import org.cooperativejdbc.test.ActiveBackends;
import org.cooperativejdbc.test.TestDatabase;
import org.hibernate.Session;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.postgresql.jdbc.PgConnection;

import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Import;
import org.springframework.core.task.AsyncTaskExecutor;
import org.springframework.jdbc.UncategorizedSQLException;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.DataSourceUtils;
import org.springframework.transaction.CannotCreateTransactionException;
import org.springframework.transaction.annotation.Transactional;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * What happens to transactions whose time is up.
 */
class TransactionDeadlineTests {

	/**
	 * A statement that Spring has not set a timeout on.
	 */
	private static final String SLOW = "select pg_sleep(20), 'slow'";

	@ParameterizedTest
	@ValueSource(strings = { "virtual", "event-loop" })
	void statementIsCanceledAndTheConnectionKept(String model) {
		run((context) -> {
			Queries queries = context.getBean(Queries.class);
			int backend = queries.backend();
			assertCanceled(outcome(submit(context, () -> queries.within1Second(SLOW))));
			assertThat(activeBackends()).isZero();
			assertThat(queries.backend()).isEqualTo(backend);
			assertCanceled(outcome(submit(context, () -> queries.withJpaWithin1Second(SLOW))));
			assertThat(activeBackends()).isZero();
			assertThat(queries.backend()).isEqualTo(backend);
		}, "cooperative.jdbc.model=" + model, "cooperative.jdbc.deadlines.enabled=true");
	}

	private static void assertCanceled(@Nullable Throwable failure) {
		assertThat(failure).rootCause()
			.isInstanceOfSatisfying(SQLException.class, (ex) -> assertThat(ex.getSQLState()).isEqualTo("57014"));
	}

	/**
	 * The control.
	 */
	@Test
	void withoutDeadlinesTheStatementGoesOn() {
		run((context) -> {
			Queries queries = context.getBean(Queries.class);
			assertThat(outcome(submit(context, () -> queries.within1Second("select pg_sleep(1.5)")))).isNull();
		}, "cooperative.jdbc.model=virtual", "cooperative.jdbc.deadlines.enabled=false");
	}

	@Test
	void timeoutBoundsTheWaitForAConnection() {
		run((context) -> {
			Queries queries = context.getBean(Queries.class);
			CountDownLatch goOn = new CountDownLatch(1);
			Future<?> first = submit(context, () -> queries.hold(goOn));
			await()
				.until(() -> context.getBean(HikariDataSource.class).getHikariPoolMXBean().getActiveConnections() == 1);
			long began = System.nanoTime();
			assertThat(outcome(submit(context, () -> queries.within1Second("select 1"))))
				.isInstanceOf(CannotCreateTransactionException.class);
			assertThat(Duration.ofNanos(System.nanoTime() - began)).isBetween(Duration.ofMillis(900),
					Duration.ofSeconds(10));
			assertThat(first).isNotDone();
			goOn.countDown();
			assertThat(outcome(first)).isNull();
		}, "cooperative.jdbc.model=virtual");
	}

	@Test
	void deadlineOfTheRequestBoundsAllItsTransactions() {
		run((context) -> {
			Queries queries = context.getBean(Queries.class);
			assertThat(outcome(submit(context, () -> queries.unlimited("select 1")))).isNull();
			assertThat(outcome(submit(context, () -> {
				try (Deadline.Scope scope = Deadline.after(Duration.ofSeconds(1)).enter()) {
					queries.unlimited("select 1");
					queries.unlimited(SLOW);
				}
			}))).rootCause().hasMessageContaining("canceling statement");
			assertThat(activeBackends()).isZero();
			assertThat(outcome(submit(context, () -> queries.unlimited("select 1")))).isNull();
		}, "cooperative.jdbc.model=virtual");
	}

	/**
	 * Connections pass from transactions that end around their deadline to others that
	 * have none.
	 */
	@ParameterizedTest
	@ValueSource(strings = { "virtual", "event-loop" })
	void cancellationNeverMeetsTheStatementOfAnotherTransaction(String model) {
		run((context) -> {
			Queries queries = context.getBean(Queries.class);
			AtomicInteger canceled = new AtomicInteger();
			AtomicBoolean goOn = new AtomicBoolean(true);
			List<Future<?>> victims = victims(context, queries, goOn);
			List<Future<?>> expiring = new ArrayList<>();
			for (int i = 0; i < 3; i++) {
				expiring.add(submit(context, () -> expire(queries, canceled)));
			}
			assertThat(expiring).allSatisfy((task) -> assertThat(outcome(task)).isNull());
			goOn.set(false);
			assertThat(victims).allSatisfy((task) -> assertThat(outcome(task)).isNull());
			assertThat(canceled).hasPositiveValue();
		}, "cooperative.jdbc.model=" + model, "spring.datasource.hikari.maximum-pool-size=3");
	}

	private static void expire(Queries queries, AtomicInteger canceled) {
		for (int round = 0; round < 500 && canceled.get() < 60; round++) {
			Duration time = Duration.ofNanos(ThreadLocalRandom.current().nextLong(40_000_000));
			try (Deadline.Scope scope = Deadline.after(time).enter()) {
				queries.unlimited("select pg_sleep(0.02)");
			}
			catch (CannotCreateTransactionException ex) {
				assertThat(ex).isNotNull();
			}
			catch (RuntimeException ex) {
				assertCanceled(ex);
				canceled.incrementAndGet();
			}
		}
	}

	/**
	 * The control: a cancellation that comes when the connection has been given back.
	 */
	@Test
	void cancellationWithoutAnEndMeetsTheStatementOfAnotherTransaction() {
		run((context) -> {
			Queries queries = context.getBean(Queries.class);
			Runnable late = queries.canceller();
			Future<?> victim = submit(context, () -> queries.unlimited("select pg_sleep(30) /* slow */"));
			await().until(() -> activeBackends() == 1);
			late.run();
			assertCanceled(outcome(victim));
		}, "cooperative.jdbc.model=virtual");
	}

	private static List<Future<?>> victims(ConfigurableApplicationContext context, Queries queries,
			AtomicBoolean goOn) {
		List<Future<?>> victims = new ArrayList<>();
		for (int i = 0; i < 2; i++) {
			victims.add(submit(context, () -> {
				while (goOn.get()) {
					queries.unlimited("select pg_sleep(0.002)");
				}
			}));
		}
		return victims;
	}

	private static int activeBackends() {
		try {
			return ActiveBackends.count("%pg_sleep%slow%");
		}
		catch (SQLException ex) {
			throw new IllegalStateException(ex);
		}
	}

	private static void run(Consumer<ConfigurableApplicationContext> test, String... properties) {
		try (ConfigurableApplicationContext context = new SpringApplicationBuilder(Application.class)
			.web(WebApplicationType.NONE)
			.properties(TestDatabase.instance().properties())
			.properties("cooperative.jdbc.event-loop.threads=1", "spring.datasource.hikari.maximum-pool-size=1",
					"spring.task.execution.pool.core-size=64")
			.properties(properties)
			.run()) {
			test.accept(context);
		}
	}

	private static Future<?> submit(ConfigurableApplicationContext context, Runnable task) {
		return context.getBean("applicationTaskExecutor", AsyncTaskExecutor.class).submit(task);
	}

	private static @Nullable Throwable outcome(Future<?> future) {
		try {
			future.get(60, TimeUnit.SECONDS);
			return null;
		}
		catch (ExecutionException ex) {
			return ex.getCause();
		}
		catch (InterruptedException | TimeoutException ex) {
			throw new IllegalStateException(ex);
		}
	}

	@SpringBootConfiguration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	@Import(Queries.class)
	static class Application {

	}

	static class Queries {

		private final DataSource dataSource;

		private final JdbcTemplate jdbc;

		private final EntityManager entityManager;

		Queries(DataSource dataSource, JdbcTemplate jdbc, EntityManager entityManager) {
			this.dataSource = dataSource;
			this.jdbc = jdbc;
			this.entityManager = entityManager;
		}

		@Transactional(timeout = 1)
		void within1Second(String sql) {
			execute(sql);
		}

		@Transactional(timeout = 1)
		void withJpaWithin1Second(String sql) {
			this.entityManager.unwrap(Session.class).doWork((connection) -> execute(connection, sql));
		}

		@Transactional
		void unlimited(String sql) {
			execute(sql);
		}

		@Transactional
		void hold(CountDownLatch goOn) {
			try {
				assertThat(goOn.await(30, TimeUnit.SECONDS)).isTrue();
			}
			catch (InterruptedException ex) {
				throw new IllegalStateException(ex);
			}
		}

		@Transactional
		int backend() {
			Integer pid = this.jdbc.queryForObject("select pg_backend_pid()", Integer.class);
			return (pid != null) ? pid : -1;
		}

		@Transactional
		Runnable canceller() {
			try {
				PgConnection connection = DataSourceUtils.getConnection(this.dataSource).unwrap(PgConnection.class);
				return () -> cancel(connection);
			}
			catch (SQLException ex) {
				throw new IllegalStateException(ex);
			}
		}

		private static void cancel(PgConnection connection) {
			try {
				connection.cancelQuery();
			}
			catch (SQLException ex) {
				throw new IllegalStateException(ex);
			}
		}

		private void execute(String sql) {
			try {
				execute(DataSourceUtils.getConnection(this.dataSource), sql);
			}
			catch (SQLException ex) {
				throw new UncategorizedSQLException("test", sql, ex);
			}
		}

		private static void execute(Connection connection, String sql) throws SQLException {
			try (Statement statement = connection.createStatement()) {
				statement.execute(sql);
			}
		}

	}

}
