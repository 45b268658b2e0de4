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

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

import com.zaxxer.hikari.HikariDataSource;
import org.cooperativejdbc.test.ActiveBackends;
import org.cooperativejdbc.test.TestDatabase;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.publisher.Mono;

import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.SmartLifecycle;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestAttribute;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.server.WebFilter;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Requests of each web server run on event loops, overlap, and are neither lost nor cut
 * when the application shuts down.
 */
@ExtendWith(OutputCaptureExtension.class)
class WebApplicationTests {

	private static final int REQUESTS = 40;

	private final HttpClient client = HttpClient.newHttpClient();

	@ParameterizedTest
	@EnumSource
	void requestsThatWaitForTheDatabaseShareOneEventLoop(Server server) {
		run(server, "event-loop", (context) -> {
			String thread = get(context, "/thread").join().body();
			assertThat(thread).matches("VirtualThread\\[#\\d+," + server.handlerName
					+ "\\d+\\]/runnable@(cooperative-jdbc-loop-1|cooperative-jdbc-carrier-\\d+)");
			int peak = 0;
			for (int round = 1; round <= 10 && peak < REQUESTS; round++) {
				peak = Math.max(peak, peakOf(context, 0.3 * round));
			}
			assertThat(peak).isEqualTo(REQUESTS);
		});
	}

	private int peakOf(ConfigurableApplicationContext context, double seconds) {
		try (ActiveBackends backends = new ActiveBackends("%pg_sleep%")) {
			requests(context, seconds).forEach((response) -> assertThat(response.join().statusCode()).isEqualTo(200));
			return backends.peak();
		}
		catch (InterruptedException ex) {
			throw new IllegalStateException(ex);
		}
	}

	/**
	 * The control: the same requests with one platform thread for them.
	 */
	@Test
	void onePlatformThreadServesOneRequestAtATime() throws InterruptedException {
		try (ConfigurableApplicationContext context = start(Server.TOMCAT, "platform", "server.tomcat.threads.max=1",
				"server.tomcat.threads.min-spare=1"); ActiveBackends backends = new ActiveBackends("%pg_sleep%")) {
			requests(context, 0.02).forEach((response) -> assertThat(response.join().statusCode()).isEqualTo(200));
			assertThat(backends.peak()).isEqualTo(1);
		}
	}

	@ParameterizedTest
	@EnumSource
	void shutdownWaitsForRequestsInFlightAndLeaksNoConnection(Server server) throws Exception {
		ConfigurableApplicationContext context = start(server, "event-loop");
		PoolWatcher watcher = context.getBean(PoolWatcher.class);
		List<CompletableFuture<HttpResponse<String>>> responses = requests(context, 4);
		awaitActive(REQUESTS);
		context.close();
		for (CompletableFuture<HttpResponse<String>> response : responses) {
			assertThat(response.get(30, TimeUnit.SECONDS).statusCode()).isEqualTo(200);
		}
		assertThat(watcher.activeAtTheEnd).isZero();
		assertThat(Thread.getAllStackTraces().keySet())
			.noneMatch((thread) -> thread.getName().startsWith("cooperative-jdbc-carrier-"));
	}

	@Test
	void blockingHandlerIsCarriedByTheLoopThatReceivedTheRequest() {
		try (ConfigurableApplicationContext context = start(Server.NETTY, "event-loop",
				"cooperative.jdbc.event-loop.threads=3", "cooperative.jdbc.event-loop.stall-threshold=1h")) {
			List<String> bodies = new ArrayList<>();
			List<CompletableFuture<HttpResponse<String>>> responses = new ArrayList<>();
			for (int i = 0; i < REQUESTS; i++) {
				responses.add(get(context, "/received"));
			}
			responses.forEach((response) -> bodies.add(response.join().body()));
			assertThat(bodies)
				.allSatisfy((body) -> assertThat(body).matches("(cooperative-jdbc-loop-\\d) carries \\1"));
			assertThat(Set.copyOf(bodies)).hasSizeGreaterThan(1);
		}
	}

	@Test
	void jdbcOnTheThreadOfAnEventLoopIsRefused() {
		run(Server.NETTY, "event-loop", (context) -> {
			HttpResponse<String> response = get(context, "/on-loop").join();
			assertThat(response.statusCode()).isEqualTo(200);
			assertThat(response.body()).contains("Thread 'cooperative-jdbc-loop-1' runs an event loop");
		});
	}

	@Test
	void jdbcOnTheThreadOfAnEventLoopIsRefusedWithVirtualThreadsToo() {
		run(Server.NETTY, "virtual",
				(context) -> assertThat(get(context, "/on-loop").join().body()).contains("runs an event loop"));
	}

	@Test
	void jdbcOnTheThreadOfAnEventLoopIsReportedOnceWhereItIsToBeReported(CapturedOutput output) {
		try (ConfigurableApplicationContext context = start(Server.NETTY, "event-loop",
				"cooperative.jdbc.on-event-loop=warn")) {
			assertThat(get(context, "/on-loop").join().body()).isEqualTo("reached");
			assertThat(get(context, "/on-loop").join().body()).isEqualTo("reached");
		}
		assertThat(output).containsOnlyOnce("Thread 'cooperative-jdbc-loop-1' runs an event loop");
	}

	@Test
	void jdbcOnTheThreadOfAnEventLoopWorksWhereItIsAllowed(CapturedOutput output) {
		try (ConfigurableApplicationContext context = start(Server.NETTY, "event-loop",
				"cooperative.jdbc.on-event-loop=allow")) {
			assertThat(get(context, "/on-loop").join().body()).isEqualTo("reached");
		}
		assertThat(output).doesNotContain("runs an event loop");
	}

	/**
	 * The only connection is in use, so that borrowing it would not end.
	 */
	@Test
	void transactionOnTheThreadOfAnEventLoopIsRefusedBeforeAConnectionIsBorrowed() throws Exception {
		try (ConfigurableApplicationContext context = start(Server.NETTY, "event-loop",
				"spring.datasource.hikari.maximum-pool-size=1");
				Connection inUse = context.getBean(HikariDataSource.class).getConnection()) {
			assertThat(inUse.isClosed()).isFalse();
			assertThat(get(context, "/transaction-on-loop").orTimeout(20, TimeUnit.SECONDS).join().body())
				.contains("Thread 'cooperative-jdbc-loop-1' runs an event loop");
		}
	}

	@ParameterizedTest
	@ValueSource(strings = { "virtual", "event-loop" })
	void statementOfAClientThatDisconnectsIsCancelled(String model) throws Exception {
		try (ConfigurableApplicationContext context = start(Server.NETTY, model)) {
			try (Socket client = request(context, "/sleep?seconds=67")) {
				awaitCount("%pg_sleep(67.0)%", 1);
			}
			awaitCount("%pg_sleep(67.0)%", 0);
		}
	}

	/**
	 * The control: nobody interrupts the handler.
	 */
	@Test
	void statementOfAClientThatDisconnectsGoesOnWhereInterruptsAreDeferred() throws Exception {
		try (ConfigurableApplicationContext context = start(Server.NETTY, "event-loop",
				"cooperative.jdbc.interrupt=defer")) {
			try (Socket client = request(context, "/sleep?seconds=2.5")) {
				awaitCount("%pg_sleep(2.5)%", 1);
			}
			assertThat(get(context, "/thread").join().statusCode()).isEqualTo(200);
			assertThat(ActiveBackends.count("%pg_sleep(2.5)%")).isEqualTo(1);
		}
	}

	private static Socket request(ConfigurableApplicationContext context, String path) throws IOException {
		Socket socket = new Socket(InetAddress.getLoopbackAddress(),
				context.getEnvironment().getRequiredProperty("local.server.port", Integer.class));
		socket.getOutputStream()
			.write(("GET " + path + " HTTP/1.1\r\nHost: localhost\r\n\r\n").getBytes(StandardCharsets.US_ASCII));
		return socket;
	}

	private static void awaitActive(int count) throws Exception {
		long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
		while (ActiveBackends.count("%pg_sleep%") < count) {
			assertThat(System.nanoTime()).isLessThan(deadline);
		}
	}

	private static void awaitCount(String statement, int count) throws Exception {
		long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
		while (ActiveBackends.count(statement) != count) {
			assertThat(System.nanoTime()).as(statement).isLessThan(deadline);
		}
	}

	private List<CompletableFuture<HttpResponse<String>>> requests(ConfigurableApplicationContext context,
			double seconds) {
		List<CompletableFuture<HttpResponse<String>>> responses = new ArrayList<>();
		for (int i = 0; i < REQUESTS; i++) {
			responses.add(get(context, "/sleep?seconds=" + seconds));
		}
		return responses;
	}

	private CompletableFuture<HttpResponse<String>> get(ConfigurableApplicationContext context, String path) {
		String port = context.getEnvironment().getRequiredProperty("local.server.port");
		return this.client.sendAsync(HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path)).build(),
				BodyHandlers.ofString());
	}

	private void run(Server server, String model, Consumer<ConfigurableApplicationContext> test) {
		try (ConfigurableApplicationContext context = start(server, model)) {
			test.accept(context);
		}
	}

	private static ConfigurableApplicationContext start(Server server, String model, String... properties) {
		return new SpringApplicationBuilder(Application.class).sources(server.sources)
			.web(server.type)
			.properties(TestDatabase.instance().properties())
			.properties("server.port=0", "cooperative.jdbc.model=" + model, "cooperative.jdbc.event-loop.threads=1",
					"cooperative.jdbc.event-loop.stall-threshold=200ms",
					"spring.datasource.hikari.maximum-pool-size=" + REQUESTS, "spring.jpa.open-in-view=false",
					"spring.autoconfigure.exclude=" + String.join(",", server.excluded))
			.properties(properties)
			.run();
	}

	enum Server {

		TOMCAT(WebApplicationType.SERVLET, "tomcat-handler-", new Class<?>[0],
				"org.springframework.boot.jetty.autoconfigure.servlet.JettyServletWebServerAutoConfiguration"),

		JETTY(WebApplicationType.SERVLET, "jetty-", new Class<?>[0],
				"org.springframework.boot.tomcat.autoconfigure.servlet.TomcatServletWebServerAutoConfiguration"),

		NETTY(WebApplicationType.REACTIVE, "task-", new Class<?>[] { OnLoopConfiguration.class },
				"org.springframework.boot.tomcat.autoconfigure.reactive.TomcatReactiveWebServerAutoConfiguration",
				"org.springframework.boot.jetty.autoconfigure.reactive.JettyReactiveWebServerAutoConfiguration");

		private final WebApplicationType type;

		private final String handlerName;

		private final Class<?>[] sources;

		private final String[] excluded;

		Server(WebApplicationType type, String handlerName, Class<?>[] sources, String... excluded) {
			this.type = type;
			this.handlerName = handlerName;
			this.sources = sources;
			this.excluded = excluded;
		}

	}

	@SpringBootConfiguration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	static class Application {

		@Bean
		BlockingController blockingController(JdbcClient jdbcClient) {
			return new BlockingController(jdbcClient);
		}

		@Bean
		PoolWatcher poolWatcher(HikariDataSource pool) {
			return new PoolWatcher(pool);
		}

	}

	@RestController
	static class BlockingController {

		private final JdbcClient jdbcClient;

		BlockingController(JdbcClient jdbcClient) {
			this.jdbcClient = jdbcClient;
		}

		@GetMapping("/thread")
		String thread() {
			return Thread.currentThread().toString();
		}

		@GetMapping("/sleep")
		String sleep(@RequestParam double seconds) {
			this.jdbcClient.sql("select pg_sleep(" + seconds + ")").query().listOfRows();
			return Thread.currentThread().toString();
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class OnLoopConfiguration {

		@Bean
		WebFilter receivingThread() {
			return (exchange, chain) -> {
				exchange.getAttributes().put("receivingThread", Thread.currentThread().getName());
				return chain.filter(exchange);
			};
		}

		@Bean
		OnLoopController onLoopController(JdbcClient jdbcClient, PlatformTransactionManager transactionManager) {
			return new OnLoopController(jdbcClient, new TransactionTemplate(transactionManager));
		}

	}

	/**
	 * Calls the database where a reactive application must not: on the loop's thread.
	 */
	@RestController
	static class OnLoopController {

		private final JdbcClient jdbcClient;

		private final TransactionTemplate transaction;

		OnLoopController(JdbcClient jdbcClient, TransactionTemplate transaction) {
			this.jdbcClient = jdbcClient;
			this.transaction = transaction;
		}

		@GetMapping("/received")
		String received(@RequestAttribute String receivingThread) {
			String thread = Thread.currentThread().toString();
			return receivingThread + " carries " + thread.substring(thread.indexOf('@') + 1);
		}

		@GetMapping("/on-loop")
		Mono<String> onLoop() {
			return Mono.fromCallable(() -> this.jdbcClient.sql("select 'reached'").query(String.class).single())
				.onErrorResume((ex) -> Mono.just(rootMessage(ex)));
		}

		@GetMapping("/transaction-on-loop")
		Mono<String> transactionOnLoop() {
			return Mono.fromCallable(() -> {
				this.transaction.setName("org.cooperativejdbc.OnLoopController.transactionOnLoop");
				return this.transaction.execute((status) -> "begun");
			}).onErrorResume((ex) -> Mono.just(ex.getMessage() + ": " + rootMessage(ex)));
		}

		private static String rootMessage(Throwable ex) {
			return (ex.getCause() != null) ? rootMessage(ex.getCause()) : String.valueOf(ex.getMessage());
		}

	}

	/**
	 * Stopped after the web server and before the pool is closed.
	 */
	static class PoolWatcher implements SmartLifecycle {

		private final HikariDataSource pool;

		private int activeAtTheEnd = -1;

		private boolean running;

		PoolWatcher(HikariDataSource pool) {
			this.pool = pool;
		}

		@Override
		public void start() {
			this.running = true;
		}

		@Override
		public void stop() {
			this.activeAtTheEnd = this.pool.getHikariPoolMXBean().getActiveConnections();
			this.running = false;
		}

		@Override
		public boolean isRunning() {
			return this.running;
		}

		@Override
		public int getPhase() {
			return Integer.MIN_VALUE;
		}

	}

}
