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
import java.util.function.Consumer;

import jakarta.servlet.FilterChain;
import org.cooperativejdbc.Deadline;
import org.cooperativejdbc.LocalRequests;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.publisher.Hooks;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.mock.web.MockHttpServletRequest;
import org.springframework.mock.web.MockHttpServletResponse;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.reactive.function.server.RequestPredicates;
import org.springframework.web.reactive.function.server.RouterFunction;
import org.springframework.web.reactive.function.server.RouterFunctions;
import org.springframework.web.reactive.function.server.ServerResponse;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Which threads have the deadline of a request.
 */
class RequestDeadlineTests {

	private static final String TIMEOUT = "cooperative.jdbc.request-timeout=20s";

	private static final String PROPAGATION = "spring.reactor.context-propagation=auto";

	@AfterEach
	void disableAutomaticContextPropagation() {
		Hooks.disableAutomaticContextPropagation();
	}

	@Test
	void threadOfAServletRequest() {
		run(WebApplicationType.SERVLET,
				(context) -> assertThat(LocalRequests.get(context, "/blocking").body()).isEqualTo("20"), TIMEOUT);
	}

	@Test
	void asynchronousDispatchGoesOnWithTheDeadlineOfTheRequest() throws Exception {
		RequestDeadlineFilter filter = new RequestDeadlineFilter(Duration.ofSeconds(20));
		MockHttpServletRequest request = new MockHttpServletRequest();
		List<@Nullable Deadline> seen = new ArrayList<>();
		FilterChain chain = (chained, response) -> seen.add(Deadline.current());
		filter.doFilter(request, new MockHttpServletResponse(), chain);
		filter.doFilter(request, new MockHttpServletResponse(), chain);
		assertThat(seen).hasSize(2).doesNotContainNull();
		assertThat(seen.get(0)).isEqualTo(seen.get(1));
		assertThat(Deadline.current()).isNull();
	}

	@Test
	void threadOfABlockingHandler() {
		run(WebApplicationType.REACTIVE,
				(context) -> assertThat(LocalRequests.get(context, "/blocking").body()).isEqualTo("20"), TIMEOUT);
	}

	@Test
	void threadsOfReactiveAndFunctionalHandlersWithContextPropagation() {
		run(WebApplicationType.REACTIVE, (context) -> {
			assertThat(LocalRequests.get(context, "/reactive").body()).isEqualTo("20");
			assertThat(LocalRequests.get(context, "/functional").body()).isEqualTo("20");
			assertThat(LocalRequests.get(context, "/blocking").body()).isEqualTo("20");
		}, TIMEOUT, PROPAGATION);
	}

	@Test
	void reactorContextOfReactiveHandlersWithoutContextPropagation() {
		run(WebApplicationType.REACTIVE, (context) -> {
			assertThat(LocalRequests.get(context, "/reactive").body()).isEqualTo("none");
			assertThat(LocalRequests.get(context, "/by-hand").body()).isEqualTo("20");
		}, TIMEOUT);
	}

	/**
	 * The control.
	 */
	@ParameterizedTest
	@ValueSource(strings = { "cooperative.jdbc.enabled=false", "cooperative.jdbc.deadlines.enabled=false" })
	void nobodyWhereItIsOff(String off) {
		run(WebApplicationType.SERVLET,
				(context) -> assertThat(LocalRequests.get(context, "/blocking").body()).isEqualTo("none"), TIMEOUT,
				off);
		run(WebApplicationType.REACTIVE, (context) -> {
			assertThat(LocalRequests.get(context, "/blocking").body()).isEqualTo("none");
			assertThat(LocalRequests.get(context, "/reactive").body()).isEqualTo("none");
		}, TIMEOUT, PROPAGATION, off);
	}

	private static String seconds(@Nullable Deadline deadline) {
		return (deadline != null) ? String.valueOf(Math.ceilDiv(deadline.left().toMillis(), 5000) * 5) : "none";
	}

	private static void run(WebApplicationType type, Consumer<ConfigurableApplicationContext> test,
			String... properties) {
		try (ConfigurableApplicationContext context = new SpringApplicationBuilder(Application.class,
				(type == WebApplicationType.REACTIVE) ? ReactiveApplication.class : Application.class)
			.web(type)
			.properties("server.port=0", "spring.datasource.url=jdbc:h2:mem:deadline", "cooperative.jdbc.model=virtual")
			.properties(properties)
			.run()) {
			test.accept(context);
		}
	}

	private static Mono<String> onAnotherThread() {
		return Mono.fromCallable(() -> seconds(Deadline.current())).subscribeOn(Schedulers.boundedElastic());
	}

	@SpringBootConfiguration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	@Import(Blocking.class)
	static class Application {

	}

	@RestController
	static class Blocking {

		@GetMapping("/blocking")
		String blocking() {
			return seconds(Deadline.current());
		}

	}

	@Configuration(proxyBeanMethods = false)
	@Import(Reactive.class)
	static class ReactiveApplication {

		@Bean
		RouterFunction<ServerResponse> functional() {
			return RouterFunctions.route(RequestPredicates.GET("/functional"),
					(request) -> ServerResponse.ok().body(onAnotherThread(), String.class));
		}

	}

	@RestController
	static class Reactive {

		@GetMapping("/reactive")
		Mono<String> reactive() {
			return onAnotherThread();
		}

		@GetMapping("/by-hand")
		Mono<String> byHand() {
			return Mono.deferContextual((context) -> Mono.fromCallable(() -> {
				try (Deadline.Scope scope = context.get(Deadline.class).enter()) {
					return seconds(Deadline.current());
				}
			}).subscribeOn(Schedulers.boundedElastic()));
		}

	}

}
