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

import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.task.AsyncTaskExecutor;
import org.springframework.core.task.TaskExecutor;
import org.springframework.scheduling.annotation.Async;
import org.springframework.scheduling.annotation.EnableAsync;
import org.springframework.scheduling.concurrent.ThreadPoolTaskExecutor;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * An executor by configuration is there for those who name it, and changes nothing for
 * others: which executors Spring Boot makes, and which ones are injected or run
 * {@code @Async}.
 */
class NamedExecutorTests {

	@ParameterizedTest
	@CsvSource({ "true, None", "true, OneTaskExecutor", "true, TwoTaskExecutors", "false, None",
			"false, OneTaskExecutor" })
	void everythingElseIsAsWithout(boolean virtual, String configuration) throws Exception {
		assertThat(seen(virtual, configuration, "cooperative.jdbc.executors.reports.limit=2"))
			.isEqualTo(seen(virtual, configuration));
	}

	private List<Object> seen(boolean virtual, String configuration, String... properties) throws Exception {
		Class<?> source = Class.forName(getClass().getName() + "$" + configuration);
		try (ConfigurableApplicationContext context = new SpringApplicationBuilder(Application.class, source)
			.web(WebApplicationType.NONE)
			.properties("spring.datasource.url=jdbc:h2:mem:named-executor", "spring.threads.virtual.enabled=" + virtual,
					"spring.data.jpa.repositories.enabled=false",
					"spring.autoconfigure.exclude=org.springframework.boot.hibernate.autoconfigure.HibernateJpaAutoConfiguration")
			.properties(properties)
			.run()) {
			assertThat(context.containsBean("reports")).isEqualTo(properties.length > 0);
			String thread = context.getBean(Tasks.class).threadName().get(20, TimeUnit.SECONDS);
			return List.of(thread.replaceAll("\\d+", "#"), context.containsBean("applicationTaskExecutor"),
					context.getBean(Injected.class).toString());
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

		@Bean
		Injected injected(ObjectProvider<Executor> executor, ObjectProvider<TaskExecutor> taskExecutor,
				ObjectProvider<AsyncTaskExecutor> asyncTaskExecutor, Map<String, Executor> executors,
				List<TaskExecutor> taskExecutors) {
			return new Injected(name(executor.getIfUnique()), name(taskExecutor.getIfUnique()),
					name(asyncTaskExecutor.getIfUnique()), executors.keySet().toString(), taskExecutors.size());
		}

		private static String name(Executor executor) {
			return (executor != null) ? executor.getClass().getSimpleName() : "none";
		}

	}

	record Injected(String executor, String taskExecutor, String asyncTaskExecutor, String executors, int count) {

	}

	static class Tasks {

		@Async
		CompletableFuture<String> threadName() {
			return CompletableFuture.completedFuture(Thread.currentThread().getName());
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class None {

	}

	@Configuration(proxyBeanMethods = false)
	static class OneTaskExecutor {

		@Bean
		ThreadPoolTaskExecutor mail() {
			return new ThreadPoolTaskExecutor();
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class TwoTaskExecutors extends OneTaskExecutor {

		@Bean
		ThreadPoolTaskExecutor taskExecutor() {
			return new ThreadPoolTaskExecutor();
		}

	}

}
