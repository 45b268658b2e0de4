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

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

import org.cooperativejdbc.LocalRequests;
import org.cooperativejdbc.test.ActiveBackends;
import org.cooperativejdbc.test.SilenceProxy;
import org.cooperativejdbc.test.SilenceProxy.Silence;
import org.cooperativejdbc.test.TestDatabase;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Import;
import org.springframework.core.task.AsyncTaskExecutor;
import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.transaction.annotation.Transactional;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * A server, or the way to it, that is gone without a word.
 */
@Timeout(60)
class SilentServerTests {

	private static final int SIZE = 4;

	@ParameterizedTest
	@ValueSource(strings = { "virtual", "event-loop" })
	void timeoutOfATransactionEndsItsStatement(String model) throws Exception {
		run(true, model, (context, proxy) -> {
			Reports reports = context.getBean(Reports.class);
			CompletableFuture<String> state = executor(context).submitCompletable(() -> state(reports::within3s));
			awaitActive(1);
			proxy.silence(Silence.ALL);
			assertThat(state).succeedsWithin(Duration.ofSeconds(20)).isEqualTo("08006");
			assertThat(proxy.connects()).as("connects").isLessThan(50);
		});
	}

	@ParameterizedTest
	@CsvSource({ "false, virtual", "true, virtual", "true, event-loop" })
	void interruptEndsAStatement(boolean starter, String model) throws Exception {
		run(starter, model, (context, proxy) -> {
			Reports reports = context.getBean(Reports.class);
			CompletableFuture<String> state = new CompletableFuture<>();
			Future<?> task = executor(context).submit(() -> state.complete(state(reports::unlimited)));
			awaitActive(1);
			proxy.silence(Silence.ALL);
			task.cancel(true);
			assertThat(state.join()).isEqualTo("08006");
		});
	}

	/**
	 * Without the starter a request is not answered.
	 */
	@ParameterizedTest
	@ValueSource(strings = { "virtual", "event-loop" })
	void requestsAreAnsweredInTheirTime(String model) throws Exception {
		run(WebApplicationType.SERVLET, true, model, (context, proxy) -> {
			URI uri = LocalRequests.uri(context, "/");
			HttpRequest request = HttpRequest.newBuilder(uri).build();
			try (HttpClient client = HttpClient.newHttpClient()) {
				List<CompletableFuture<HttpResponse<String>>> responses = new ArrayList<>();
				for (int i = 0; i < SIZE; i++) {
					responses.add(client.sendAsync(request, BodyHandlers.ofString()));
				}
				awaitActive(SIZE);
				proxy.silence(Silence.ALL);
				assertThat(responses)
					.allSatisfy((response) -> assertThat(response.get(15, TimeUnit.SECONDS).body()).startsWith("08"));
				CompletableFuture<HttpResponse<String>> next = client.sendAsync(request, BodyHandlers.ofString());
				assertThat(next.get(15, TimeUnit.SECONDS).body()).isNotEqualTo("none");
				assertThat(proxy.connects()).as("connects").isLessThan(100);
			}
		}, "cooperative.jdbc.request-timeout=4s", "cooperative.jdbc.cancel-grace=1s");
	}

	@ParameterizedTest
	@CsvSource({ "false, virtual", "true, virtual", "true, event-loop" })
	void closingDoesNotWaitForConnectionsThatHang(boolean starter, String model) throws Exception {
		List<CompletableFuture<String>> states = new ArrayList<>();
		long[] began = new long[1];
		run(starter, model, (context, proxy) -> {
			Reports reports = context.getBean(Reports.class);
			for (int i = 0; i < SIZE; i++) {
				states.add(executor(context).submitCompletable(() -> state(reports::unlimited)));
			}
			awaitActive(SIZE);
			proxy.silence(Silence.ALL);
			began[0] = System.nanoTime();
			context.close();
			assertThat(Duration.ofNanos(System.nanoTime() - began[0])).isLessThan(Duration.ofSeconds(15));
		});
		assertThat(states).allSatisfy((state) -> assertThat(state.get(10, TimeUnit.SECONDS)).startsWith("08"));
	}

	private static AsyncTaskExecutor executor(ConfigurableApplicationContext context) {
		return context.getBean("applicationTaskExecutor", AsyncTaskExecutor.class);
	}

	private static void awaitActive(int count) {
		await().until(() -> ActiveBackends.count("%pg_sleep(31)%") == count);
	}

	/**
	 * Return the SQLState of a statement that fails. The rollback fails after it, and
	 * what that throws comes out of the transaction.
	 */
	private static String state(Runnable statement) {
		try {
			statement.run();
		}
		catch (RuntimeException ex) {
			assertThat(Reports.state.get()).as(() -> ex.toString()).isNotNull();
		}
		Thread.interrupted();
		return Reports.state.get();
	}

	private static void run(boolean starter, String model, ThrowingBiConsumer test) throws Exception {
		run(WebApplicationType.NONE, starter, model, test);
	}

	private static void run(WebApplicationType type, boolean starter, String model, ThrowingBiConsumer test,
			String... properties) throws Exception {
		TestDatabase database = TestDatabase.instance();
		try (SilenceProxy proxy = new SilenceProxy(database);
				ConfigurableApplicationContext context = new SpringApplicationBuilder(Application.class).web(type)
					.properties("spring.datasource.url=" + proxy.url(),
							"spring.datasource.username=" + database.username(),
							"spring.datasource.password=" + database.password(),
							"spring.datasource.hikari.maximum-pool-size=" + SIZE,
							"spring.datasource.hikari.connection-timeout=1500", "spring.threads.virtual.enabled=true",
							"server.port=0", "cooperative.jdbc.enabled=" + starter, "cooperative.jdbc.model=" + model,
							"cooperative.jdbc.cancel-grace=500ms")
					.properties(properties)
					.run()) {
			try {
				test.accept(context, proxy);
			}
			finally {
				terminate();
			}
		}
	}

	/**
	 * The statements go on in the server.
	 */
	private static void terminate() throws SQLException {
		try (var connection = TestDatabase.instance().connect(); var statement = connection.createStatement()) {
			statement.execute("select pg_terminate_backend(pid) from pg_stat_activity "
					+ "where query like '%pg_sleep(31)%' and pid <> pg_backend_pid()");
		}
	}

	@SpringBootConfiguration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	@Import({ Reports.class, Requests.class })
	static class Application {

	}

	@RestController
	static class Requests {

		private final Reports reports;

		Requests(Reports reports) {
			this.reports = reports;
		}

		@GetMapping("/")
		String report() {
			Reports.state.remove();
			try {
				this.reports.unlimited();
			}
			catch (RuntimeException ex) {
				return (Reports.state.get() != null) ? Reports.state.get() : Reports.findState(ex);
			}
			return "none";
		}

	}

	@FunctionalInterface
	private interface ThrowingBiConsumer {

		void accept(ConfigurableApplicationContext context, SilenceProxy proxy) throws Exception;

	}

	static class Reports {

		private static final ThreadLocal<String> state = new ThreadLocal<>();

		private final JdbcTemplate jdbc;

		Reports(JdbcTemplate jdbc) {
			this.jdbc = jdbc;
		}

		private static String findState(Throwable ex) {
			return (ex instanceof SQLException failure) ? String.valueOf(failure.getSQLState())
					: (ex.getCause() != null) ? findState(ex.getCause()) : ex.toString();
		}

		@Transactional(timeout = 3)
		void within3s() {
			unlimited();
		}

		@Transactional
		void unlimited() {
			try {
				this.jdbc.execute("select pg_sleep(31)");
				state.set("none");
			}
			catch (DataAccessException ex) {
				state.set(findState(ex));
				throw ex;
			}
		}

	}

}
