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

import java.sql.SQLException;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;

import org.cooperativejdbc.test.ActiveBackends;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.data.jpa.autoconfigure.DataJpaRepositoriesAutoConfiguration;
import org.springframework.boot.hibernate.autoconfigure.HibernateJpaAutoConfiguration;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.core.JdbcTemplate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Interrupts of a thread that runs one task after the other on one connection: each one
 * counts for the task that it was meant for, and for no other.
 */
class InterruptedTaskTests {

	private static final String QUERY_CANCELED = "57014";

	@ParameterizedTest
	@CsvSource({ "virtual, VIRTUAL", "event-loop, VIRTUAL", "event-loop, PLATFORM" })
	void eachTaskOfAPooledThreadIsInterruptedForItself(String model, Threads threads) throws Exception {
		try (ConfigurableApplicationContext context = start(true, model);
				ExecutorService thread = Executors.newSingleThreadExecutor(threads.factory())) {
			JdbcTemplate jdbc = context.getBean(JdbcTemplate.class);
			BlockingQueue<String> outcomes = new LinkedBlockingQueue<>();
			int backend = get(thread.submit(() -> backend(jdbc)));
			for (int seconds = 71; seconds < 74; seconds++) {
				String statement = "select pg_sleep(" + seconds + ")";
				Future<?> task = thread.submit(() -> outcomes.add(outcome(jdbc, statement)));
				await().until(() -> ActiveBackends.count(statement) == 1);
				task.cancel(true);
				assertThat(outcomes.poll(Trial.TIMEOUT_SECONDS, TimeUnit.SECONDS)).isEqualTo(QUERY_CANCELED);
				assertThat(get(thread.submit(() -> backend(jdbc)))).isEqualTo(backend);
			}
		}
	}

	/**
	 * Nobody clears the status between these tasks but they themselves, and so quickly
	 * that no statement sees it clear.
	 */
	@ParameterizedTest
	@CsvSource({ "virtual, VIRTUAL", "event-loop, VIRTUAL", "event-loop, PLATFORM" })
	void interruptBetweenTwoTasksIsNotTakenForTheOneBefore(String model, Threads threads) throws Exception {
		try (ConfigurableApplicationContext context = start(true, model);
				ExecutorService thread = Executors.newSingleThreadExecutor(threads.factory())) {
			JdbcTemplate jdbc = context.getBean(JdbcTemplate.class);
			List<String> outcomes = get(thread.submit(() -> {
				int backend = backend(jdbc);
				Thread.currentThread().interrupt();
				String first = outcome(jdbc, "select pg_sleep(74)");
				boolean kept = Thread.interrupted();
				Thread.currentThread().interrupt();
				String second = outcome(jdbc, "select pg_sleep(75)");
				kept &= Thread.interrupted();
				return List.of(first, second, "status kept: " + kept, "same connection: " + (backend == backend(jdbc)));
			}));
			assertThat(outcomes).containsExactly(QUERY_CANCELED, QUERY_CANCELED, "status kept: true",
					"same connection: true");
		}
	}

	@ParameterizedTest
	@CsvSource({ "false, virtual, VIRTUAL", "true, virtual, VIRTUAL", "true, virtual, PLATFORM",
			"true, event-loop, VIRTUAL", "true, event-loop, PLATFORM" })
	void taskAfterOneThatIsCancelledAtAnyMomentIsUnharmed(boolean starter, String model, Threads threads)
			throws Exception {
		try (ConfigurableApplicationContext context = start(starter, model);
				ExecutorService thread = Executors.newSingleThreadExecutor(threads.factory())) {
			JdbcTemplate jdbc = context.getBean(JdbcTemplate.class);
			int backend = get(thread.submit(() -> backend(jdbc)));
			for (int i = 0; i < 100; i++) {
				Future<?> cancelled = thread.submit(() -> outcome(jdbc, "select pg_sleep(0.002)"));
				Future<Integer> next = thread.submit(() -> backend(jdbc));
				TimeUnit.MICROSECONDS.sleep(ThreadLocalRandom.current().nextInt(4000));
				cancelled.cancel(true);
				int nextBackend = get(next);
				if (starter) {
					assertThat(nextBackend).isEqualTo(backend);
				}
			}
		}
	}

	private static ConfigurableApplicationContext start(boolean starter, String model) {
		return Trial.start(starter, model, List.of(Application.class), "spring.datasource.hikari.maximum-pool-size=1");
	}

	private static <T> T get(Future<T> task) throws Exception {
		return task.get(Trial.TIMEOUT_SECONDS, TimeUnit.SECONDS);
	}

	private static int backend(JdbcTemplate jdbc) {
		Integer backend = jdbc.queryForObject("select pg_backend_pid()", Integer.class);
		return (backend != null) ? backend : 0;
	}

	/**
	 * Return the SQLState with which a statement fails.
	 */
	private static String outcome(JdbcTemplate jdbc, String statement) {
		try {
			jdbc.execute(statement);
			return "none";
		}
		catch (DataAccessException ex) {
			return (ex.getMostSpecificCause() instanceof SQLException cause) ? cause.getSQLState() : ex.toString();
		}
	}

	private enum Threads {

		PLATFORM, VIRTUAL;

		ThreadFactory factory() {
			return (this == PLATFORM) ? Thread.ofPlatform().daemon().factory() : Thread.ofVirtual().factory();
		}

	}

	@SpringBootConfiguration(proxyBeanMethods = false)
	@EnableAutoConfiguration(
			exclude = { HibernateJpaAutoConfiguration.class, DataJpaRepositoriesAutoConfiguration.class })
	static class Application {

	}

}
