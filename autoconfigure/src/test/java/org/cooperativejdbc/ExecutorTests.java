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

import java.sql.SQLException;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

import org.cooperativejdbc.test.ActiveBackends;
import org.cooperativejdbc.test.TestDatabase;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.task.SimpleAsyncTaskExecutorCustomizer;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.task.AsyncTaskExecutor;
import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.scheduling.annotation.Async;
import org.springframework.scheduling.annotation.EnableAsync;
import org.springframework.scheduling.annotation.EnableScheduling;
import org.springframework.scheduling.annotation.Scheduled;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Spring Boot's executors follow the concurrency model.
 */
class ExecutorTests {

	private static final String ON_LOOP = "@cooperative-jdbc-loop-1";

	@Test
	void eventLoopCarriesWhatIsAsynchronousOrScheduled() {
		run("event-loop", (context) -> {
			Tasks tasks = context.getBean(Tasks.class);
			assertThat(tasks.asynchronous().join()).startsWith("VirtualThread").contains("task-").endsWith(ON_LOOP);
			assertThat(join(tasks.fixedRate())).startsWith("VirtualThread").contains("scheduling-").endsWith(ON_LOOP);
			assertThat(join(tasks.fixedDelay())).startsWith("VirtualThread").contains("scheduling-").endsWith(ON_LOOP);
			assertThat(submit(context, () -> Thread.currentThread().toString())).endsWith(ON_LOOP);
		});
	}

	@Test
	void childrenOfACarriedThreadAreCarriedToo() {
		run("event-loop", (context) -> assertThat(submit(context, () -> {
			CompletableFuture<String> child = new CompletableFuture<>();
			Thread.startVirtualThread(() -> child.complete(Thread.currentThread().toString()));
			return child.join();
		})).endsWith(ON_LOOP));
	}

	@Test
	void virtualThreadsStayOnTheSchedulerOfTheJdk() {
		run("virtual", (context) -> {
			Tasks tasks = context.getBean(Tasks.class);
			assertThat(tasks.asynchronous().join()).startsWith("VirtualThread").contains("@ForkJoinPool-1");
			assertThat(join(tasks.fixedRate())).startsWith("VirtualThread").contains("@ForkJoinPool-1");
		});
	}

	@Test
	void platformThreadsStayPlatformThreads() {
		run("platform",
				(context) -> assertThat(context.getBean(Tasks.class).asynchronous().join()).startsWith("Thread[#"));
	}

	@Test
	void customizerOfTheUserComesLast() {
		run("event-loop",
				(context) -> assertThat(submit(context, () -> Thread.currentThread().getName())).isEqualTo("mine"),
				UserCustomizer.class);
	}

	@ParameterizedTest
	@ValueSource(strings = { "virtual", "event-loop" })
	void statementOfACancelledTaskIsCancelled(String model) {
		run(model, (context) -> {
			JdbcClient jdbcClient = context.getBean(JdbcClient.class);
			AsyncTaskExecutor executor = context.getBean("applicationTaskExecutor", AsyncTaskExecutor.class);
			CompletableFuture<Throwable> failure = new CompletableFuture<>();
			Future<?> task = executor.submit(() -> {
				try {
					jdbcClient.sql("select pg_sleep(68)").query().listOfRows();
				}
				catch (DataAccessException ex) {
					failure.complete(ex);
				}
			});
			awaitActive(1);
			task.cancel(true);
			assertThat(failure.orTimeout(30, TimeUnit.SECONDS).join())
				.hasStackTraceContaining("canceling statement due to user request");
			awaitActive(0);
		});
	}

	private static void awaitActive(int count) {
		try {
			long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
			while (ActiveBackends.count("%pg_sleep(68)%") != count) {
				assertThat(System.nanoTime()).isLessThan(deadline);
			}
		}
		catch (SQLException ex) {
			throw new AssertionError(ex);
		}
	}

	private static String join(CompletableFuture<String> future) {
		return future.orTimeout(30, TimeUnit.SECONDS).join();
	}

	private static String submit(ConfigurableApplicationContext context, Callable<String> task) {
		try {
			return context.getBean("applicationTaskExecutor", AsyncTaskExecutor.class)
				.submit(task)
				.get(30, TimeUnit.SECONDS);
		}
		catch (Exception ex) {
			throw new AssertionError(ex);
		}
	}

	private static void run(String model, Consumer<ConfigurableApplicationContext> test, Class<?>... sources) {
		try (ConfigurableApplicationContext context = new SpringApplicationBuilder(Application.class).sources(sources)
			.web(WebApplicationType.NONE)
			.properties(TestDatabase.instance().properties())
			.properties("cooperative.jdbc.model=" + model, "cooperative.jdbc.event-loop.threads=1",
					"cooperative.jdbc.event-loop.stall-threshold=1h")
			.run()) {
			test.accept(context);
		}
	}

	@SpringBootConfiguration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	@EnableAsync
	@EnableScheduling
	static class Application {

		@Bean
		Tasks tasks() {
			return new Tasks();
		}

	}

	static class Tasks {

		private final CompletableFuture<String> fixedRate = new CompletableFuture<>();

		private final CompletableFuture<String> fixedDelay = new CompletableFuture<>();

		@Async
		CompletableFuture<String> asynchronous() {
			return CompletableFuture.completedFuture(Thread.currentThread().toString());
		}

		CompletableFuture<String> fixedRate() {
			return this.fixedRate;
		}

		CompletableFuture<String> fixedDelay() {
			return this.fixedDelay;
		}

		@Scheduled(fixedRate = 10)
		void atFixedRate() {
			this.fixedRate.complete(Thread.currentThread().toString());
		}

		@Scheduled(fixedDelay = 10)
		void withFixedDelay() {
			this.fixedDelay.complete(Thread.currentThread().toString());
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class UserCustomizer {

		@Bean
		SimpleAsyncTaskExecutorCustomizer mine() {
			return (executor) -> executor.setThreadFactory((task) -> Thread.ofVirtual().name("mine").unstarted(task));
		}

	}

}
