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

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

import org.cooperativejdbc.Deadline;
import org.cooperativejdbc.test.ActiveBackends;
import org.cooperativejdbc.test.TestDatabase;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.http.HttpStatus;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.reactive.function.server.RouterFunction;
import org.springframework.web.reactive.function.server.RouterFunctions;
import org.springframework.web.reactive.function.server.ServerResponse;
import org.springframework.web.server.ResponseStatusException;
import org.springframework.web.server.WebFilter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatException;
import static org.awaitility.Awaitility.await;

/**
 * {@code cooperative.jdbc.web.requests}.
 */
@NullUnmarked
class BoundedRequestsTests {

	private static final String LIMIT = "cooperative.jdbc.web.requests.limit=1";

	private static final String QUEUE = "cooperative.jdbc.web.requests.queue-capacity=";

	/**
	 * A web server, and so a kind of application.
	 */
	enum Server {

		TOMCAT(WebApplicationType.SERVLET, "jetty.autoconfigure.servlet.JettyServletWebServerAutoConfiguration"),

		JETTY(WebApplicationType.SERVLET, "tomcat.autoconfigure.servlet.TomcatServletWebServerAutoConfiguration"),

		NETTY(WebApplicationType.REACTIVE, "tomcat.autoconfigure.servlet.TomcatServletWebServerAutoConfiguration");

		private final WebApplicationType type;

		private final String excluded;

		Server(WebApplicationType type, String excluded) {
			this.type = type;
			this.excluded = "org.springframework.boot." + excluded;
		}

	}

	@ParameterizedTest
	@EnumSource
	void requestThatFindsNoPlaceIsAskedToComeBack(Server server) throws Exception {
		run(server, (application) -> {
			CompletableFuture<HttpResponse<String>> held = application.send("/hold");
			application.awaitHeld();
			HttpResponse<String> refused = application.get("/fast");
			assertThat(refused.statusCode()).isEqualTo(503);
			assertThat(refused.headers().allValues("Retry-After")).containsExactly("1");
			assertThat(refused.body()).contains("\"status\":503");
			application.release();
			assertThat(held.get(20, TimeUnit.SECONDS).statusCode()).isEqualTo(200);
			assertThat(application.get("/fast").statusCode()).isEqualTo(200);
		}, LIMIT, QUEUE + 0);
	}

	@ParameterizedTest
	@EnumSource
	void requestsWaitForTheirTurn(Server server) throws Exception {
		run(server, (application) -> {
			CompletableFuture<HttpResponse<String>> held = application.send("/hold");
			application.awaitHeld();
			CompletableFuture<HttpResponse<String>> one = application.send("/fast");
			CompletableFuture<HttpResponse<String>> other = application.send("/fast");
			CompletableFuture.anyOf(one, other).get(20, TimeUnit.SECONDS);
			assertThat(Stream.of(one, other).filter(CompletableFuture::isDone)).hasSize(1);
			application.release();
			assertThat(Stream.of(held, one, other).map((each) -> each.join().statusCode()))
				.containsExactlyInAnyOrder(200, 200, 503);
		}, LIMIT, QUEUE + 1);
	}

	/**
	 * The control.
	 */
	@ParameterizedTest
	@EnumSource
	void nothingIsLimitedThatHasNoLimit(Server server) throws Exception {
		run(server, (application) -> {
			CompletableFuture<HttpResponse<String>> held = application.send("/hold");
			application.awaitHeld();
			assertThat(application.get("/fast").statusCode()).isEqualTo(200);
			application.release();
			assertThat(held.get(20, TimeUnit.SECONDS).statusCode()).isEqualTo(200);
		});
	}

	@ParameterizedTest
	@EnumSource
	void requestsAreHandledAsEver(Server server) throws Exception {
		run(server, (application) -> {
			for (int i = 0; i < 3; i++) {
				assertThat(application.get("/conflict").statusCode()).isEqualTo(409);
				assertThat(application.get("/failing").statusCode()).isEqualTo(500);
				assertThat(application.get("/missing").statusCode()).isEqualTo(404);
				assertThat(application.get("/future").body()).isEqualTo("future");
				assertThat(application.get("/rows").body()).isEqualTo("[1,2,3]");
				assertThat(application.post("/echo", "x".repeat(100_000)).body()).hasSize(100_000);
			}
		}, LIMIT);
	}

	@ParameterizedTest
	@EnumSource
	void requestWhoseDeadlinePassesWhileItWaitsIsAskedToComeBack(Server server) throws Exception {
		run(server, (application) -> {
			CompletableFuture<HttpResponse<String>> held = application.send("/hold");
			application.awaitHeld();
			CompletableFuture<HttpResponse<String>> waiting = application.send("/fast");
			Deadline passed = Deadline.after(Duration.ofSeconds(2));
			await().until(() -> waiting.isDone() || passed.leftNanos() < 0);
			application.release();
			assertThat(waiting.get(20, TimeUnit.SECONDS).statusCode()).isEqualTo(503);
			assertThat(held.get(20, TimeUnit.SECONDS).statusCode()).isEqualTo(200);
		}, LIMIT, "cooperative.jdbc.request-timeout=300ms");
	}

	@ParameterizedTest
	@ValueSource(strings = { "virtual", "event-loop" })
	void functionalEndpointMayBlock(String model) throws Exception {
		run(Server.NETTY, (application) -> {
			assertThat(application.get("/functional").body()).contains("request-").startsWith("VirtualThread");
			assertThat(application.get("/context").body()).isEqualTo("jane true");
		}, LIMIT, "cooperative.jdbc.model=" + model, "cooperative.jdbc.request-timeout=20s");
	}

	@ParameterizedTest
	@ValueSource(strings = { "virtual", "event-loop" })
	void clientThatDisconnectsCancelsItsStatement(String model) throws Exception {
		run(Server.NETTY, (application) -> {
			try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), application.port())) {
				socket.getOutputStream()
					.write("GET /sleep HTTP/1.1\r\nHost: localhost\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
				awaitSleeping(1);
			}
			awaitSleeping(0);
			assertThat(application.get("/functional").statusCode()).isEqualTo(200);
		}, LIMIT, "cooperative.jdbc.model=" + model);
	}

	@ParameterizedTest
	@ValueSource(strings = { "limit=0", "limit=1,queue-capacity=-1" })
	void whatCannotBeIsAClearError(String properties) {
		String[] all = properties.split(",");
		for (int i = 0; i < all.length; i++) {
			all[i] = "cooperative.jdbc.web.requests." + all[i];
		}
		assertThatException().isThrownBy(() -> run(Server.TOMCAT, (application) -> {
		}, all))
			.satisfies((ex) -> assertThat(ex)
				.hasStackTraceContaining(all[all.length - 1].substring(0, all[all.length - 1].indexOf('='))));
	}

	private static void awaitSleeping(int count) throws Exception {
		long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
		while (ActiveBackends.count("%pg_sleep(74)%") != count) {
			assertThat(System.nanoTime()).isLessThan(end);
		}
	}

	private static void run(Server server, Test test, String... properties) throws Exception {
		try (ConfigurableApplicationContext context = new SpringApplicationBuilder(Config.class,
				(server.type == WebApplicationType.SERVLET) ? Config.class : Functional.class)
			.web(server.type)
			.properties(TestDatabase.instance().properties())
			.properties("server.port=0", "spring.threads.virtual.enabled=true",
					"spring.data.jpa.repositories.enabled=false",
					"spring.autoconfigure.exclude=" + server.excluded
							+ ",org.springframework.boot.hibernate.autoconfigure.HibernateJpaAutoConfiguration")
			.properties(properties)
			.run(); HttpClient client = HttpClient.newHttpClient()) {
			Application application = new Application(context, client);
			try {
				test.run(application);
			}
			finally {
				application.release();
			}
		}
	}

	private interface Test {

		void run(Application application) throws Exception;

	}

	private record Application(ConfigurableApplicationContext context, HttpClient client) {

		int port() {
			return this.context.getEnvironment().getRequiredProperty("local.server.port", Integer.class);
		}

		CompletableFuture<HttpResponse<String>> send(String path) {
			return this.client.sendAsync(request(path).build(), BodyHandlers.ofString());
		}

		HttpResponse<String> get(String path) throws IOException, InterruptedException {
			return this.client.send(request(path).build(), BodyHandlers.ofString());
		}

		HttpResponse<String> post(String path, String body) throws IOException, InterruptedException {
			return this.client.send(request(path).POST(BodyPublishers.ofString(body)).build(), BodyHandlers.ofString());
		}

		private HttpRequest.Builder request(String path) {
			return HttpRequest.newBuilder(URI.create("http://localhost:" + port() + path))
				.timeout(Duration.ofSeconds(20));
		}

		void awaitHeld() throws InterruptedException {
			assertThat(this.context.getBean(Controller.class).held.await(20, TimeUnit.SECONDS)).isTrue();
		}

		void release() {
			this.context.getBean(Controller.class).go.countDown();
		}

	}

	@SpringBootConfiguration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	static class Config {

		@Bean
		Controller controller() {
			return new Controller();
		}

	}

	@RestController
	static class Controller {

		private final CountDownLatch held = new CountDownLatch(1);

		private final CountDownLatch go = new CountDownLatch(1);

		@GetMapping("/hold")
		String hold() throws InterruptedException {
			this.held.countDown();
			this.go.await(20, TimeUnit.SECONDS);
			return "held";
		}

		@GetMapping("/fast")
		String fast() {
			return "fast";
		}

		@GetMapping("/conflict")
		String conflict() {
			throw new ResponseStatusException(HttpStatus.CONFLICT);
		}

		@GetMapping("/failing")
		String failing() {
			throw new IllegalStateException("failed");
		}

		@GetMapping("/future")
		CompletableFuture<String> future() {
			return CompletableFuture.supplyAsync(() -> "future");
		}

		@GetMapping("/rows")
		Flux<Integer> rows() {
			return Flux.range(1, 3);
		}

		@PostMapping("/echo")
		String echo(@RequestBody String body) {
			return body;
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class Functional {

		@Bean
		@Order(Ordered.HIGHEST_PRECEDENCE)
		WebFilter user() {
			return (exchange, chain) -> chain.filter(exchange).contextWrite((context) -> context.put("user", "jane"));
		}

		@Bean
		RouterFunction<ServerResponse> functional(JdbcTemplate jdbcTemplate) {
			return RouterFunctions.route().GET("/functional", (request) -> {
				jdbcTemplate.queryForObject("select 1", Integer.class);
				return ServerResponse.ok().bodyValue(Thread.currentThread().toString());
			}).GET("/sleep", (request) -> {
				jdbcTemplate.execute("select pg_sleep(74)");
				return ServerResponse.ok().build();
			})
				.GET("/context",
						(request) -> Mono.deferContextual((context) -> ServerResponse.ok()
							.bodyValue(context.get("user") + " " + context.hasKey(Deadline.class))))
				.build();
		}

	}

}
