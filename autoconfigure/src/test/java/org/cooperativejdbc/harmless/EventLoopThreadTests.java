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

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

import org.cooperativejdbc.test.TestDatabase;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.util.retry.Retry;

import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.reactive.function.client.WebClient;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * JDBC in Reactor's callbacks, which applications do that use {@code WebClient} or a
 * timer beside blocking code: all rows arrive, and at most one warning.
 */
@ExtendWith(OutputCaptureExtension.class)
class EventLoopThreadTests {

	private static final int ROWS = 5;

	private static final Duration PATIENCE = Duration.ofSeconds(30);

	@ParameterizedTest
	@CsvSource({ "false, auto, 0", "true, platform, 0", "true, virtual, 1", "true, event-loop, 1" })
	void servletApplicationStoresWhatItDidBefore(boolean starter, String model, int warnings, CapturedOutput output)
			throws Exception {
		try (ConfigurableApplicationContext context = start(WebApplicationType.SERVLET, starter, model)) {
			Store store = new Store(context.getBean(JdbcClient.class));
			WebClient client = WebClient
				.create("http://localhost:" + context.getEnvironment().getRequiredProperty("local.server.port"));
			CountDownLatch answered = new CountDownLatch(ROWS);
			for (int i = 0; i < ROWS; i++) {
				client.get()
					.uri("/hello")
					.retrieve()
					.bodyToMono(String.class)
					.doFinally((signal) -> answered.countDown())
					.subscribe((body) -> store.insert("subscribe"));
			}
			assertThat(answered.await(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
			assertThat(store.rows("subscribe")).isEqualTo(ROWS);
			storeOnTimers(store);
		}
		assertThat(output.toString().split("runs an event loop and must not wait", -1)).hasSize(1 + warnings);
		if (warnings > 0) {
			assertThat(output).contains("called by org.cooperativejdbc.harmless.EventLoopThreadTests$Store#insert");
		}
		assertThat(output).doesNotContain("\tat ");
	}

	@ParameterizedTest
	@CsvSource({ "false, auto", "true, auto", "true, virtual" })
	void timersOfAReactiveApplicationStoreWhatTheyDidBefore(boolean starter, String model, CapturedOutput output) {
		try (ConfigurableApplicationContext context = start(WebApplicationType.REACTIVE, starter, model)) {
			storeOnTimers(new Store(context.getBean(JdbcClient.class)));
		}
		assertThat(output).doesNotContain("runs an event loop");
	}

	private static void storeOnTimers(Store store) {
		Flux.interval(Duration.ofMillis(1)).take(ROWS).doOnNext((tick) -> store.insert("interval")).blockLast(PATIENCE);
		assertThat(store.rows("interval")).isEqualTo(ROWS);
		assertThat(Mono.delay(Duration.ofMillis(1)).map((tick) -> store.insert("delay")).block(PATIENCE)).isOne();
		AtomicInteger attempts = new AtomicInteger();
		Integer inserted = Mono.fromCallable(() -> {
			if (attempts.incrementAndGet() < 3) {
				throw new IllegalStateException("Not yet");
			}
			return store.insert("retry");
		}).retryWhen(Retry.backoff(3, Duration.ofMillis(1))).block(PATIENCE);
		assertThat(inserted).isOne();
	}

	private static ConfigurableApplicationContext start(WebApplicationType type, boolean starter, String model) {
		return new SpringApplicationBuilder(Application.class).web(type)
			.properties(TestDatabase.instance().properties())
			.properties("server.port=0", "cooperative.jdbc.enabled=" + starter, "cooperative.jdbc.model=" + model,
					"spring.jpa.open-in-view=false",
					"spring.autoconfigure.exclude=org.springframework.boot.jetty.autoconfigure.servlet.JettyServletWebServerAutoConfiguration,"
							+ "org.springframework.boot.jetty.autoconfigure.reactive.JettyReactiveWebServerAutoConfiguration")
			.run();
	}

	private static final class Store {

		private final JdbcClient jdbcClient;

		Store(JdbcClient jdbcClient) {
			this.jdbcClient = jdbcClient;
			jdbcClient.sql("drop table if exists event_loop_thread").update();
			jdbcClient.sql("create table event_loop_thread (kind text)").update();
		}

		int insert(String kind) {
			return this.jdbcClient.sql("insert into event_loop_thread values (?)").param(kind).update();
		}

		int rows(String kind) {
			return this.jdbcClient.sql("select count(*) from event_loop_thread where kind = ?")
				.param(kind)
				.query(Integer.class)
				.single();
		}

	}

	@SpringBootConfiguration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	static class Application {

		@Bean
		Hello hello() {
			return new Hello();
		}

	}

	@RestController
	static class Hello {

		@GetMapping("/hello")
		String hello() {
			return "hello";
		}

	}

}
