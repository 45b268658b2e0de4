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

import java.io.IOException;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import jakarta.servlet.Filter;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import org.cooperativejdbc.LocalRequests;
import org.cooperativejdbc.pool.PoolOverloadedException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.web.servlet.ServletRegistrationBean;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.core.annotation.Order;
import org.springframework.http.HttpStatus;
import org.springframework.http.ResponseEntity;
import org.springframework.jdbc.CannotGetJdbcConnectionException;
import org.springframework.transaction.CannotCreateTransactionException;
import org.springframework.web.bind.annotation.ControllerAdvice;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.context.request.async.DeferredResult;
import org.springframework.web.context.request.async.WebAsyncTask;
import org.springframework.web.reactive.function.server.RequestPredicates;
import org.springframework.web.reactive.function.server.RouterFunction;
import org.springframework.web.reactive.function.server.RouterFunctions;
import org.springframework.web.reactive.function.server.ServerResponse;
import org.springframework.web.server.ResponseStatusException;
import org.springframework.web.server.WebExceptionHandler;
import org.springframework.web.server.WebFilter;
import org.springframework.web.servlet.HandlerExceptionResolver;
import org.springframework.web.servlet.ModelAndView;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * A request that is refused a connection is answered with 503 and {@code Retry-After},
 * and everything that the user has written about failures comes first.
 */
class OverloadResponseTests {

	private static final String TOMCAT = "org.springframework.boot.jetty.autoconfigure.servlet.JettyServletWebServerAutoConfiguration";

	private static final String JETTY = "org.springframework.boot.tomcat.autoconfigure.servlet.TomcatServletWebServerAutoConfiguration";

	@ParameterizedTest
	@ValueSource(strings = { TOMCAT, JETTY })
	void servletApplicationAsksToComeBack(String excluded) {
		run(WebApplicationType.SERVLET, (context) -> {
			for (String path : new String[] { "/direct", "/nested", "/callable", "/deferred", "/task", "/flux",
					"/future", "/router", "/servlet", "/filter" }) {
				assertRefused(context, path);
			}
			assertThat(LocalRequests.get(context, "/direct").body()).contains("\"status\":503");
			assertThat(LocalRequests.get(context, "/status").statusCode()).isEqualTo(409);
			assertThat(LocalRequests.get(context, "/annotated").statusCode()).isEqualTo(409);
		}, "spring.autoconfigure.exclude=" + excluded);
	}

	@Test
	void reactiveApplicationAsksToComeBack() {
		run(WebApplicationType.REACTIVE, (context) -> {
			for (String path : new String[] { "/direct", "/nested", "/mono", "/flux", "/future", "/functional",
					"/filter" }) {
				assertRefused(context, path);
			}
			assertThat(LocalRequests.get(context, "/direct").body()).contains("\"status\":503");
			assertThat(LocalRequests.get(context, "/status").statusCode()).isEqualTo(409);
			assertThat(LocalRequests.get(context, "/annotated").statusCode()).isEqualTo(409);
		});
	}

	/**
	 * The control.
	 */
	@ParameterizedTest
	@EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "NONE")
	void switchedOffItIsAnErrorOfTheServer(WebApplicationType type) {
		for (String off : new String[] { "cooperative.jdbc.enabled=false",
				"cooperative.jdbc.web.overload-response=false" }) {
			run(type, (context) -> {
				for (String path : new String[] { "/direct", "/nested", "/filter" }) {
					HttpResponse<String> response = LocalRequests.get(context, path);
					assertThat(response.statusCode()).as(path).isEqualTo(500);
					assertThat(response.headers().firstValue("Retry-After")).isEmpty();
				}
			}, off);
		}
	}

	@ParameterizedTest
	@EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "NONE")
	void problemDetailsAreThose(WebApplicationType type) {
		run(type, (context) -> {
			assertRefused(context, "/direct");
			HttpResponse<String> response = LocalRequests.get(context, "/direct");
			assertThat(response.headers().firstValue("Content-Type")).hasValue("application/problem+json");
			assertThat(response.body()).contains("\"detail\":\"Please try again later\"");
		}, "spring.mvc.problemdetails.enabled=true", "spring.webflux.problemdetails.enabled=true");
	}

	@ParameterizedTest
	@EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "NONE")
	void handlersOfTheUserComeFirst(WebApplicationType type) {
		run(type, Advice.class, (context) -> assertHandledByTheUser(LocalRequests.get(context, "/direct")));
		run(type, (context) -> assertHandledByTheUser(LocalRequests.get(context, "/handled")));
		run(type, (type == WebApplicationType.SERVLET) ? Resolver.class : Handler.class,
				(context) -> assertHandledByTheUser(LocalRequests.get(context, "/direct")));
	}

	@ParameterizedTest
	@EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "NONE")
	void committedResponsesAreLeftAlone(WebApplicationType type) {
		run(type, (context) -> {
			try {
				HttpResponse<String> response = LocalRequests.get(context, "/committed");
				assertThat(response.statusCode()).isEqualTo(200);
				assertThat(response.headers().firstValue("Retry-After")).isEmpty();
			}
			catch (IllegalStateException ex) {
				assertThat(ex).hasCauseInstanceOf(IOException.class);
			}
		});
	}

	@ParameterizedTest
	@EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "NONE")
	void refusalsAreSeenAsSuchInTheMetrics(WebApplicationType type) {
		run(type, Metrics.class, (context) -> {
			assertRefused(context, "/direct");
			assertRefused(context, "/filter");
			await().untilAsserted(() -> assertThat(context.getBean(MeterRegistry.class)
				.find("http.server.requests")
				.tag("status", "503")
				.timers()
				.stream()
				.mapToLong((timer) -> timer.count())
				.sum()).isEqualTo(2));
		});
	}

	private static void assertRefused(ConfigurableApplicationContext context, String path) {
		HttpResponse<String> response = LocalRequests.get(context, path);
		assertThat(response.statusCode()).as(path).isEqualTo(503);
		assertThat(response.headers().allValues("Retry-After")).as(path).containsExactly("7");
	}

	private static void assertHandledByTheUser(HttpResponse<String> response) {
		assertThat(response.statusCode()).isEqualTo(402);
		assertThat(response.headers().firstValue("Retry-After")).isEmpty();
	}

	private static void run(WebApplicationType type, Consumer<ConfigurableApplicationContext> test,
			String... properties) {
		run(type, Application.class, test, properties);
	}

	private static void run(WebApplicationType type, Class<?> source, Consumer<ConfigurableApplicationContext> test,
			String... properties) {
		try (ConfigurableApplicationContext context = new SpringApplicationBuilder(Application.class, source,
				(type == WebApplicationType.SERVLET) ? ServletApplication.class : ReactiveApplication.class)
			.web(type)
			.properties("server.port=0", "spring.datasource.url=jdbc:h2:mem:overload", "cooperative.jdbc.model=virtual",
					"spring.jpa.open-in-view=false")
			.properties(properties)
			.run()) {
			test.accept(context);
		}
	}

	private static RuntimeException refusal() {
		return new CannotGetJdbcConnectionException("Failed to obtain JDBC Connection",
				new PoolOverloadedException("pool - refused", Duration.ofMillis(6500)));
	}

	@SpringBootConfiguration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	@Import(Refusing.class)
	static class Application {

	}

	@Configuration(proxyBeanMethods = false)
	@Import(ServletRefusing.class)
	static class ServletApplication {

		@Bean
		org.springframework.web.servlet.function.RouterFunction<?> router() {
			return org.springframework.web.servlet.function.RouterFunctions.route().GET("/router", (request) -> {
				throw refusal();
			}).build();
		}

		@Bean
		ServletRegistrationBean<HttpServlet> servlet() {
			return new ServletRegistrationBean<>(new HttpServlet() {

				@Override
				protected void doGet(HttpServletRequest request, HttpServletResponse response) {
					throw refusal();
				}

			}, "/servlet");
		}

		@Bean
		Filter filter() {
			return (request, response, chain) -> {
				if (((HttpServletRequest) request).getRequestURI().equals("/filter")) {
					throw refusal();
				}
				chain.doFilter(request, response);
			};
		}

	}

	@Configuration(proxyBeanMethods = false)
	@Import(ReactiveRefusing.class)
	static class ReactiveApplication {

		@Bean
		RouterFunction<ServerResponse> functional() {
			return RouterFunctions.route(RequestPredicates.GET("/functional"), (request) -> Mono.error(refusal()));
		}

		@Bean
		WebFilter filter() {
			return (exchange, chain) -> exchange.getRequest().getPath().value().equals("/filter")
					? Mono.error(refusal()) : chain.filter(exchange);
		}

	}

	@RestController
	static class Refusing {

		@GetMapping("/direct")
		String direct() {
			throw refusal();
		}

		@GetMapping("/nested")
		String nested() {
			throw new IllegalStateException(new CannotCreateTransactionException("transaction", refusal()));
		}

		@GetMapping("/flux")
		Flux<String> flux() {
			return Flux.error(refusal());
		}

		@GetMapping("/future")
		CompletableFuture<String> future() {
			return CompletableFuture.failedFuture(refusal());
		}

		@GetMapping("/status")
		String status() {
			throw new ResponseStatusException(HttpStatus.CONFLICT, "conflict", refusal());
		}

		@GetMapping("/annotated")
		String annotated() {
			throw new ConflictException(refusal());
		}

	}

	@ResponseStatus(HttpStatus.CONFLICT)
	static class ConflictException extends RuntimeException {

		ConflictException(Throwable cause) {
			super(cause);
		}

	}

	@RestController
	static class ServletRefusing {

		@GetMapping("/handled")
		String handled() {
			throw new HandledException(refusal());
		}

		@ExceptionHandler
		ResponseEntity<String> handle(HandledException ex) {
			return ResponseEntity.status(HttpStatus.PAYMENT_REQUIRED).build();
		}

		@GetMapping("/callable")
		Callable<String> callable() {
			return () -> {
				throw refusal();
			};
		}

		@GetMapping("/deferred")
		DeferredResult<String> deferred() {
			DeferredResult<String> result = new DeferredResult<>();
			result.setErrorResult(refusal());
			return result;
		}

		@GetMapping("/task")
		WebAsyncTask<String> task() {
			return new WebAsyncTask<>(() -> {
				throw refusal();
			});
		}

		@GetMapping("/committed")
		void committed(HttpServletResponse response) throws IOException {
			response.flushBuffer();
			throw refusal();
		}

	}

	@RestController
	static class ReactiveRefusing {

		@GetMapping("/handled")
		String handled() {
			throw new HandledException(refusal());
		}

		@ExceptionHandler
		ResponseEntity<String> handle(HandledException ex) {
			return ResponseEntity.status(HttpStatus.PAYMENT_REQUIRED).build();
		}

		@GetMapping("/mono")
		Mono<String> mono() {
			return Mono.error(OverloadResponseTests::refusal);
		}

		@GetMapping(path = "/committed", produces = "text/event-stream")
		Flux<String> committed() {
			return Flux.just("one").concatWith(Mono.error(OverloadResponseTests::refusal));
		}

	}

	static class HandledException extends RuntimeException {

		HandledException(Throwable cause) {
			super(cause);
		}

	}

	@ControllerAdvice
	static class Advice {

		@ExceptionHandler
		ResponseEntity<String> handle(Exception ex) {
			return ResponseEntity.status(HttpStatus.PAYMENT_REQUIRED).build();
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class Resolver {

		@Bean
		HandlerExceptionResolver resolver() {
			return (request, response, handler, ex) -> {
				response.setStatus(402);
				return new ModelAndView();
			};
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class Handler {

		@Bean
		@Order(-2)
		WebExceptionHandler handler() {
			return (exchange, ex) -> {
				exchange.getResponse().setStatusCode(HttpStatus.PAYMENT_REQUIRED);
				return exchange.getResponse().setComplete();
			};
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class Metrics {

		@Bean
		MeterRegistry meterRegistry() {
			return new SimpleMeterRegistry();
		}

	}

}
