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

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

import org.cooperativejdbc.test.TestDatabase;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.core.task.AsyncTaskExecutor;
import org.springframework.core.task.TaskExecutor;
import org.springframework.scheduling.annotation.Async;
import org.springframework.scheduling.annotation.EnableAsync;
import org.springframework.scheduling.concurrent.ThreadPoolTaskExecutor;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * A reactive application, to which the starter gives virtual threads without being asked,
 * with a bean that takes Spring Boot's executor by its class.
 */
class ExecutorClassTests {

	@ParameterizedTest
	@ValueSource(booleans = { false, true })
	void executorOfSpringBootIsThere(boolean starter) throws Exception {
		try (ConfigurableApplicationContext context = new SpringApplicationBuilder(Application.class, Worker.class)
			.web(WebApplicationType.REACTIVE)
			.properties(TestDatabase.instance().properties())
			.properties("server.port=0", "cooperative.jdbc.enabled=" + starter)
			.run()) {
			Worker worker = context.getBean(Worker.class);
			assertThat(worker.isPoolVirtual().get(20, TimeUnit.SECONDS)).isFalse();
			assertThat(worker.isAsyncVirtual().get(20, TimeUnit.SECONDS)).isEqualTo(starter);
			Object applicationTaskExecutor = context.getBean("applicationTaskExecutor");
			assertThat(context.getBean(AsyncTaskExecutor.class)).isSameAs(applicationTaskExecutor);
			assertThat(context.getBean(TaskExecutor.class)).isSameAs(applicationTaskExecutor);
		}
	}

	@SpringBootConfiguration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	@EnableAsync
	static class Application {

	}

	static class Worker {

		private final ThreadPoolTaskExecutor executor;

		Worker(ThreadPoolTaskExecutor executor) {
			this.executor = executor;
		}

		Future<Boolean> isPoolVirtual() {
			return this.executor.submit(() -> Thread.currentThread().isVirtual());
		}

		@Async
		CompletableFuture<Boolean> isAsyncVirtual() {
			return CompletableFuture.completedFuture(Thread.currentThread().isVirtual());
		}

	}

}
