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

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

import org.cooperativejdbc.Deadline;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.MDC;

import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.core.task.AsyncTaskExecutor;
import org.springframework.core.task.TaskRejectedException;
import org.springframework.scheduling.annotation.Async;
import org.springframework.scheduling.annotation.EnableAsync;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatException;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Executors under {@code cooperative.jdbc.executors}.
 */
@NullUnmarked
class BoundedTaskExecutorTests {

	@ParameterizedTest
	@CsvSource({ "true, virtual", "true, event-loop", "true, platform", "false, virtual" })
	void asyncMethodsRunThereUpToTheLimit(boolean enabled, String model) {
		run((context) -> {
			Tasks tasks = context.getBean(Tasks.class);
			List<CompletableFuture<String>> running = new ArrayList<>();
			for (int i = 0; i < 4; i++) {
				running.add(tasks.await());
			}
			assertThatExceptionOfType(TaskRejectedException.class).isThrownBy(tasks::await)
				.withMessageContaining("'reports'")
				.withMessageContaining("2 tasks");
			tasks.go();
			assertThat(running).allSatisfy((each) -> assertThat(each.get(20, TimeUnit.SECONDS)).startsWith("reports-"));
			assertThat(tasks.peak()).isBetween(1, 2);
		}, "cooperative.jdbc.enabled=" + enabled, "cooperative.jdbc.model=" + model,
				"cooperative.jdbc.executors.reports.limit=2", "cooperative.jdbc.executors.reports.queue-capacity=2");
	}

	@Test
	void executorIsInjectedByItsName() {
		run((context) -> assertThat(context.getBean("injected", CompletableFuture.class).join()).isEqualTo("reports-1"),
				Injection.class, "cooperative.jdbc.executors.reports.limit=2");
	}

	@Test
	void contextGoesAlongAndTheDeadlineDoesNot() {
		run((context) -> {
			AsyncTaskExecutor executor = context.getBean("reports", AsyncTaskExecutor.class);
			MDC.put("user", "jane");
			try (Deadline.Scope scope = Deadline.after(Duration.ofSeconds(1)).enter()) {
				assertThat(executor.submitCompletable(() -> MDC.get("user") + " " + Deadline.current()).join())
					.isEqualTo("jane null");
			}
			finally {
				MDC.remove("user");
			}
		}, "cooperative.jdbc.executors.reports.limit=2");
	}

	@ParameterizedTest
	@ValueSource(strings = { "virtual", "event-loop", "platform" })
	void closingWaitsForWhatIsKept(String model) {
		AtomicInteger ended = new AtomicInteger();
		run((context) -> {
			AsyncTaskExecutor executor = context.getBean("reports", AsyncTaskExecutor.class);
			for (int i = 0; i < 20; i++) {
				executor.execute(() -> {
					try {
						new CountDownLatch(1).await(10, TimeUnit.MILLISECONDS);
						ended.incrementAndGet();
					}
					catch (InterruptedException ex) {
						Thread.currentThread().interrupt();
					}
				});
			}
		}, "cooperative.jdbc.model=" + model, "cooperative.jdbc.executors.reports.limit=2");
		assertThat(ended).hasValue(20);
	}

	@ParameterizedTest
	@CsvSource(delimiter = '|',
			value = { "reports.limit=0 | cooperative.jdbc.executors.reports.limit",
					"reports.queue-capacity=3 | cooperative.jdbc.executors.reports.limit",
					"reports.limit=1,reports.queue-capacity=-1 | cooperative.jdbc.executors.reports.queue-capacity",
					"tasks.limit=1 | There is a bean 'tasks' already" })
	void whatCannotBeIsAClearError(String properties, String message) {
		String[] all = properties.split(",");
		for (int i = 0; i < all.length; i++) {
			all[i] = "cooperative.jdbc.executors." + all[i];
		}
		assertThatException().isThrownBy(() -> run((context) -> {
		}, all)).satisfies((ex) -> assertThat(ex).hasStackTraceContaining(message));
	}

	private static void run(Consumer<ConfigurableApplicationContext> test, String... properties) {
		run(test, Application.class, properties);
	}

	private static void run(Consumer<ConfigurableApplicationContext> test, Class<?> source, String... properties) {
		try (ConfigurableApplicationContext context = new SpringApplicationBuilder(Application.class, source)
			.web(WebApplicationType.NONE)
			.properties("spring.datasource.url=jdbc:h2:mem:bounded-executor", "cooperative.jdbc.event-loop.threads=1",
					"spring.data.jpa.repositories.enabled=false",
					"spring.autoconfigure.exclude=org.springframework.boot.hibernate.autoconfigure.HibernateJpaAutoConfiguration")
			.properties(properties)
			.run()) {
			test.accept(context);
		}
	}

	@SpringBootConfiguration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	@EnableAsync
	static class Application {

		@Bean
		Tasks tasks() {
			return new Tasks();
		}

	}

	static class Injection {

		@Bean
		CompletableFuture<String> injected(@Qualifier("reports") AsyncTaskExecutor executor) {
			return executor.submitCompletable(() -> Thread.currentThread().getName());
		}

	}

	static class Tasks {

		private final CountDownLatch go = new CountDownLatch(1);

		private final AtomicInteger running = new AtomicInteger();

		private final AtomicInteger peak = new AtomicInteger();

		void go() {
			this.go.countDown();
		}

		int peak() {
			return this.peak.get();
		}

		@Async("reports")
		CompletableFuture<String> await() {
			this.peak.accumulateAndGet(this.running.incrementAndGet(), Math::max);
			try {
				this.go.await(20, TimeUnit.SECONDS);
			}
			catch (InterruptedException ex) {
				Thread.currentThread().interrupt();
			}
			this.running.decrementAndGet();
			return CompletableFuture.completedFuture(Thread.currentThread().getName());
		}

	}

}
