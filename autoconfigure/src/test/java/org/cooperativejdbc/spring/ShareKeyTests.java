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

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

import jakarta.servlet.DispatcherType;
import jakarta.servlet.FilterChain;
import org.cooperativejdbc.LocalRequests;
import org.cooperativejdbc.ShareKey;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Hooks;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.data.jpa.autoconfigure.DataJpaRepositoriesAutoConfiguration;
import org.springframework.boot.hibernate.autoconfigure.HibernateJpaAutoConfiguration;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.core.task.support.ContextPropagatingTaskDecorator;
import org.springframework.mock.web.MockHttpServletRequest;
import org.springframework.mock.web.MockHttpServletResponse;
import org.springframework.scheduling.annotation.Async;
import org.springframework.scheduling.annotation.EnableAsync;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.reactive.function.server.RequestPredicates;
import org.springframework.web.reactive.function.server.RouterFunction;
import org.springframework.web.reactive.function.server.RouterFunctions;
import org.springframework.web.reactive.function.server.ServerResponse;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Which threads have the key that a header of a request has.
 */
class ShareKeyTests {

	private static final String HEADER = "cooperative.jdbc.web.share-header=X-Tenant";

	private static final String PROPAGATION = "spring.reactor.context-propagation=auto";

	@AfterEach
	void disableAutomaticContextPropagation() {
		Hooks.disableAutomaticContextPropagation();
	}

	@Test
	void threadsOfServletRequestsAndOfAsynchronousMethods() {
		run(WebApplicationType.SERVLET, (context) -> {
			assertThat(get(context, "/blocking", "gold")).isEqualTo("gold");
			assertThat(get(context, "/blocking", "silver")).isEqualTo("silver");
			assertThat(get(context, "/blocking", " ")).isEqualTo("none");
			assertThat(get(context, "/blocking", null)).isEqualTo("none");
			assertThat(get(context, "/async", "gold")).isEqualTo("gold");
			assertThat(get(context, "/async", null)).isEqualTo("none");
		}, HEADER);
	}

	@Test
	void asynchronousDispatchGoesOnWithTheKeyOfTheRequest() throws Exception {
		ShareKeyFilter filter = new ShareKeyFilter("X-Tenant");
		MockHttpServletRequest request = new MockHttpServletRequest();
		request.addHeader("x-tenant", "gold");
		List<@Nullable ShareKey> seen = new ArrayList<>();
		FilterChain chain = (chained, response) -> seen.add(ShareKey.current());
		filter.doFilter(request, new MockHttpServletResponse(), chain);
		request.setDispatcherType(DispatcherType.ASYNC);
		filter.doFilter(request, new MockHttpServletResponse(), chain);
		assertThat(seen).containsExactly(new ShareKey("gold"), new ShareKey("gold"));
		assertThat(ShareKey.current()).isNull();
	}

	@Test
	void threadsOfReactiveHandlersWithContextPropagation() {
		run(WebApplicationType.REACTIVE, (context) -> {
			for (String path : List.of("/blocking", "/reactive", "/functional")) {
				assertThat(get(context, path, "gold")).as(path).isEqualTo("gold");
				assertThat(get(context, path, null)).as(path).isEqualTo("none");
			}
			assertThat(get(context, "/by-hand", "gold")).isEqualTo("gold");
		}, HEADER, PROPAGATION);
	}

	/**
	 * The control.
	 */
	@Test
	void nobodyWhereItIsOff() {
		run(WebApplicationType.SERVLET, (context) -> assertThat(get(context, "/blocking", "gold")).isEqualTo("none"),
				HEADER, "cooperative.jdbc.enabled=false");
		run(WebApplicationType.REACTIVE, (context) -> assertThat(get(context, "/reactive", "gold")).isEqualTo("none"),
				HEADER, PROPAGATION, "cooperative.jdbc.model=platform");
	}

	private static String current() {
		ShareKey key = ShareKey.current();
		return (key != null) ? key.value() : "none";
	}

	private static String get(ConfigurableApplicationContext context, String path, @Nullable String tenant) {
		return ((tenant != null) ? LocalRequests.get(context, path, "X-Tenant", tenant)
				: LocalRequests.get(context, path))
			.body();
	}

	private static void run(WebApplicationType type, Consumer<ConfigurableApplicationContext> test,
			String... properties) {
		try (ConfigurableApplicationContext context = new SpringApplicationBuilder(Application.class,
				(type == WebApplicationType.REACTIVE) ? ReactiveApplication.class : Application.class)
			.web(type)
			.properties("server.port=0", "spring.datasource.url=jdbc:h2:mem:share-key",
					"cooperative.jdbc.model=virtual")
			.properties(properties)
			.run()) {
			test.accept(context);
		}
	}

	private static Mono<String> onAnotherThread() {
		return Mono.fromCallable(ShareKeyTests::current).subscribeOn(Schedulers.boundedElastic());
	}

	@SpringBootConfiguration(proxyBeanMethods = false)
	@EnableAutoConfiguration(
			exclude = { HibernateJpaAutoConfiguration.class, DataJpaRepositoriesAutoConfiguration.class })
	@EnableAsync
	@Import({ Blocking.class, Asynchronous.class })
	static class Application {

		@Bean
		ContextPropagatingTaskDecorator contextPropagatingTaskDecorator() {
			return new ContextPropagatingTaskDecorator();
		}

	}

	@RestController
	static class Blocking {

		private final Asynchronous asynchronous;

		Blocking(Asynchronous asynchronous) {
			this.asynchronous = asynchronous;
		}

		@GetMapping("/blocking")
		String blocking() {
			return current();
		}

		@GetMapping("/async")
		String async() {
			return this.asynchronous.key().join();
		}

	}

	static class Asynchronous {

		@Async
		CompletableFuture<String> key() {
			return CompletableFuture.completedFuture(current());
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
			return Mono.deferContextual((context) -> Mono.just(context.get(ShareKey.class).value()));
		}

	}

}
