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
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

import org.cooperativejdbc.test.TestDatabase;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.scheduling.annotation.Async;
import org.springframework.scheduling.annotation.EnableAsync;
import org.springframework.scheduling.concurrent.ThreadPoolTaskExecutor;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * An application may call any bean {@code taskExecutor}, and Spring runs {@code @Async}
 * there.
 */
class ExecutorBeanTests {

	@ParameterizedTest
	@CsvSource({ "false, virtual, Lambda", "true, platform, Lambda", "true, virtual, Lambda",
			"true, event-loop, Lambda", "false, virtual, Service", "true, virtual, Service",
			"true, event-loop, Service", "false, virtual, BesideTwoPools", "true, virtual, BesideTwoPools",
			"true, event-loop, BesideTwoPools", "false, virtual, TwoPools", "true, virtual, TwoPools" })
	void startsAndRunsAsync(boolean starter, String model, String configuration) throws Exception {
		Class<?> source = Class.forName(getClass().getName() + "$" + configuration);
		try (ConfigurableApplicationContext context = new SpringApplicationBuilder(Application.class, source)
			.web(WebApplicationType.NONE)
			.properties(TestDatabase.instance().properties())
			.properties("cooperative.jdbc.enabled=" + starter, "cooperative.jdbc.model=" + model,
					"spring.threads.virtual.enabled=true")
			.run()) {
			CompletableFuture<String> name = context.getBean(AsyncService.class).threadName();
			assertThat(name.get(10, TimeUnit.SECONDS)).startsWith("theirs");
		}
	}

	@SpringBootConfiguration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	@EnableAsync
	static class Application {

		@Bean
		AsyncService asyncService() {
			return new AsyncService();
		}

	}

	static class AsyncService {

		@Async
		CompletableFuture<String> threadName() {
			return CompletableFuture.completedFuture(Thread.currentThread().getName());
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class Lambda {

		@Bean
		Executor taskExecutor() {
			return (task) -> Thread.ofVirtual().name("theirs").start(task);
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class Service {

		@Bean
		ExecutorService taskExecutor() {
			return Executors.newSingleThreadExecutor(Thread.ofPlatform().name("theirs").factory());
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class BesideTwoPools extends Lambda {

		@Bean
		ThreadPoolTaskExecutor mail() {
			return new ThreadPoolTaskExecutor();
		}

		@Bean
		ThreadPoolTaskExecutor reports() {
			return new ThreadPoolTaskExecutor();
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class TwoPools {

		@Bean
		ThreadPoolTaskExecutor taskExecutor() {
			ThreadPoolTaskExecutor executor = new ThreadPoolTaskExecutor();
			executor.setThreadNamePrefix("theirs-");
			return executor;
		}

		@Bean
		ThreadPoolTaskExecutor reports() {
			return new ThreadPoolTaskExecutor();
		}

	}

}
