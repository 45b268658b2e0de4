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
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;

import org.cooperativejdbc.pool.CooperativeDataSource;
import org.cooperativejdbc.pool.PoolOverloadedException;
import org.cooperativejdbc.test.TestDatabase;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Import;
import org.springframework.core.task.AsyncTaskExecutor;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.transaction.annotation.Transactional;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

/**
 * Short transactions beside and after long ones: how long a connection was held says
 * little about how long the next one is, so nobody is refused who would be served in
 * time. The controls run on platform threads: on virtual ones HikariCP 7.0.2, which
 * serves in no order, once kept somebody waiting for 20 s.
 */
class LongReportTests {

	private static final int SIZE = 4;

	@ParameterizedTest
	@CsvSource({ "false, platform, 0", "true, virtual, 0", "true, event-loop, 2000" })
	void lookupsBesideAReportNowAndThen(boolean starter, String model, int maxWait) {
		run(starter, model, maxWait, (application) -> {
			AtomicBoolean ended = new AtomicBoolean();
			List<CompletableFuture<Integer>> clients = application.start(2 * SIZE, () -> {
				int lookups = 0;
				while (!ended.get()) {
					application.hold(100);
					lookups++;
				}
				return lookups;
			});
			assertServed(application.start(1, () -> application.hold(2200)));
			assertServed(application.start(2 * SIZE, () -> application.hold(100)));
			ended.set(true);
			assertThat(clients).allSatisfy((client) -> assertThat(client.get(20, TimeUnit.SECONDS)).isPositive());
		});
	}

	@ParameterizedTest
	@CsvSource({ "false, platform, 0", "true, platform, 0", "true, event-loop, 2000" })
	void manyAtOnceAfterALongFirstTransaction(boolean starter, String model, int maxWait) {
		run(starter, model, maxWait, (application) -> {
			application.start(1, () -> application.hold(500)).getFirst().join();
			assertServed(application.start(60, () -> application.hold(50)));
		});
	}

	@ParameterizedTest
	@CsvSource({ "false, platform, 0", "true, platform, 0", "true, event-loop, 2000" })
	void manyAtOnceOnThePoolThatIsIdleAfterManyReports(boolean starter, String model, int maxWait) {
		run(starter, model, maxWait, (application) -> {
			assertServed(application.start(2 * SIZE, () -> application.hold(500)));
			assertServed(application.start(100, () -> application.hold(5)));
		});
	}

	/**
	 * The reports end one after the other, so that connections come back as slowly as
	 * they would if those who come after the pause held them as long.
	 */
	@ParameterizedTest
	@CsvSource({ "false, platform, 0", "true, virtual, 2000" })
	void whatWasSlowBeforeAPauseIsForgotten(boolean starter, String model, int maxWait) {
		run(starter, model, maxWait, (application) -> {
			List<CompletableFuture<Integer>> reports = new ArrayList<>();
			for (int i = 0; i < 2 * SIZE; i++) {
				int number = i;
				reports.addAll(application.start(1, () -> {
					application.hold(150 + number * 150 / SIZE);
					return application.hold(600);
				}));
			}
			assertServed(reports);
			long ended = System.nanoTime();
			await().until(() -> System.nanoTime() - ended > TimeUnit.MILLISECONDS.toNanos(maxWait));
			assertServed(application.start(100, () -> application.hold(5)));
		});
	}

	/**
	 * What the limit is for.
	 */
	@ParameterizedTest
	@ValueSource(strings = { "virtual", "event-loop" })
	void whoWouldNotBeServedInTimeIsRefused(String model) {
		run(true, model, 500, (application) -> {
			List<CompletableFuture<Integer>> reports = application.start(SIZE, () -> application.hold(3000));
			application.awaitPlacesTaken();
			CompletableFuture<Integer> late = application.start(1, () -> application.hold(5)).getFirst();
			assertThatExceptionOfType(ExecutionException.class).isThrownBy(() -> late.get(20, TimeUnit.SECONDS))
				.withRootCauseInstanceOf(PoolOverloadedException.class);
			assertThat(reports).noneMatch(CompletableFuture::isDone);
			assertServed(reports);
			assertServed(application.start(100, () -> application.hold(5)));
		});
	}

	private static void assertServed(List<CompletableFuture<Integer>> tasks)
			throws InterruptedException, ExecutionException, TimeoutException {
		for (CompletableFuture<Integer> task : tasks) {
			task.get(20, TimeUnit.SECONDS);
		}
	}

	private static void run(boolean starter, String model, int maxWait, Scenario scenario) {
		try (ConfigurableApplicationContext context = new SpringApplicationBuilder(Application.class)
			.web(WebApplicationType.NONE)
			.properties(TestDatabase.instance().properties())
			.properties("cooperative.jdbc.enabled=" + starter, "cooperative.jdbc.model=" + model,
					"cooperative.jdbc.admission.enabled=true",
					"spring.threads.virtual.enabled=" + !model.equals("platform"),
					"spring.task.execution.pool.core-size=100", "spring.datasource.hikari.connection-timeout=20000",
					"spring.datasource.hikari.maximum-pool-size=" + SIZE)
			.properties((maxWait > 0) ? new String[] { "cooperative.jdbc.admission.max-wait=" + maxWait + "ms" }
					: new String[0])
			.run()) {
			scenario.run(new Running(context));
			if (starter) {
				assertThat(context.getBean(CooperativeDataSource.class).getPlacesTaken()).isZero();
			}
		}
		catch (Exception ex) {
			throw new IllegalStateException(ex);
		}
	}

	private interface Scenario {

		void run(Running application) throws Exception;

	}

	private record Running(ConfigurableApplicationContext context) {

		List<CompletableFuture<Integer>> start(int count, Callable<Integer> task) {
			AsyncTaskExecutor executor = this.context.getBean("applicationTaskExecutor", AsyncTaskExecutor.class);
			List<CompletableFuture<Integer>> tasks = new ArrayList<>();
			for (int i = 0; i < count; i++) {
				tasks.add(executor.submitCompletable(task));
			}
			return tasks;
		}

		int hold(int millis) {
			return this.context.getBean(Reports.class).hold(millis);
		}

		void awaitPlacesTaken() {
			await().until(() -> this.context.getBean(CooperativeDataSource.class).getPlacesTaken() == SIZE);
		}

	}

	@SpringBootConfiguration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	@Import(Reports.class)
	static class Application {

	}

	static class Reports {

		private final JdbcTemplate jdbc;

		Reports(JdbcTemplate jdbc) {
			this.jdbc = jdbc;
		}

		@Transactional
		int hold(int millis) {
			this.jdbc.execute("select pg_sleep(" + millis / 1000.0 + ")");
			return 1;
		}

	}

}
