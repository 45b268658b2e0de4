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
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.locks.LockSupport;

import com.sun.net.httpserver.HttpServer;
import io.micrometer.core.instrument.binder.MeterBinder;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import org.cooperativejdbc.autoconfigure.CooperativeJdbcAutoConfiguration;
import org.cooperativejdbc.autoconfigure.DeadlineAutoConfiguration;
import org.cooperativejdbc.autoconfigure.EventLoopAutoConfiguration;
import org.cooperativejdbc.autoconfigure.HoldTimeAutoConfiguration;
import org.cooperativejdbc.autoconfigure.metrics.CooperativeJdbcMetricsAutoConfiguration;
import org.cooperativejdbc.pool.CooperativeDataSource;
import org.cooperativejdbc.pool.HoldTime;
import org.cooperativejdbc.pool.HoldTimes;
import org.cooperativejdbc.test.TestDatabase;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.autoconfigure.task.TaskExecutionAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceTransactionManagerAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.JdbcTemplateAutoConfiguration;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.boot.transaction.autoconfigure.TransactionAutoConfiguration;
import org.springframework.core.task.AsyncTaskExecutor;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.transaction.annotation.Transactional;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Transactions that hold a connection while the database does nothing for them are named.
 */
@ExtendWith(OutputCaptureExtension.class)
public class HoldTimeTests {

	private static final String SHOP = Shop.class.getName();

	private final ApplicationContextRunner contextRunner = new ApplicationContextRunner()
		.withConfiguration(
				AutoConfigurations.of(CooperativeJdbcAutoConfiguration.class, EventLoopAutoConfiguration.class,
						HoldTimeAutoConfiguration.class, CooperativeJdbcMetricsAutoConfiguration.class,
						DeadlineAutoConfiguration.class, DataSourceAutoConfiguration.class,
						DataSourceTransactionManagerAutoConfiguration.class, JdbcTemplateAutoConfiguration.class,
						TaskExecutionAutoConfiguration.class, TransactionAutoConfiguration.class))
		.withPropertyValues(TestDatabase.instance().properties())
		.withPropertyValues("cooperative.jdbc.hold-time.threshold=1s", "spring.threads.virtual.enabled=true",
				"spring.datasource.hikari.maximum-pool-size=2")
		.withBean(Shop.class);

	private final CountDownLatch answer = new CountDownLatch(1);

	private HttpServer slowService;

	@BeforeEach
	void start() throws IOException {
		this.slowService = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
		this.slowService.createContext("/", (exchange) -> {
			if (exchange.getRequestURI().getPath().equals("/slow")) {
				awaitAnswer();
			}
			exchange.sendResponseHeaders(204, -1);
			exchange.close();
		});
		this.slowService.start();
	}

	private void awaitAnswer() {
		try {
			this.answer.await();
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
	}

	@AfterEach
	void stop() {
		this.answer.countDown();
		this.slowService.stop(0);
	}

	/**
	 * The service answers when its caller has been named, and until then somebody waits
	 * for a connection.
	 */
	@ParameterizedTest
	@ValueSource(strings = { "virtual", "event-loop" })
	void transactionThatCallsAServiceIsNamedAndItsTwinThatQueriesIsNot(String model, CapturedOutput output) {
		URI service = URI.create("http://localhost:" + this.slowService.getAddress().getPort());
		new Client().fetch(service.resolve("/fast"));
		this.contextRunner.withPropertyValues("cooperative.jdbc.model=" + model).run((context) -> {
			Shop shop = context.getBean(Shop.class);
			AsyncTaskExecutor executor = context.getBean(AsyncTaskExecutor.class);
			var order = executor.submitCompletable(() -> shop.orderAfterCall(service.resolve("/slow")));
			List<CompletableFuture<Void>> reports = new ArrayList<>(List.of(executor.submitCompletable(shop::report)));
			CooperativeDataSource pool = context.getBean(CooperativeDataSource.class);
			await().until(() -> pool.getPlacesTaken() == 2);
			await().atMost(Duration.ofSeconds(30)).until(() -> {
				if (reports.stream().filter((report) -> !report.isDone()).count() < 2) {
					reports.add(executor.submitCompletable(shop::report));
				}
				return output.getOut().contains("A connection is held while the database does nothing");
			});
			this.answer.countDown();
			order.join();
			reports.forEach(CompletableFuture::join);
			HoldTimes holdTimes = context.getBean(HoldTimes.class);
			HoldTime called = holdTimes.results().getFirst();
			assertThat(called.callSite()).isEqualTo(SHOP + "#orderAfterCall");
			assertThat(called.idle()).isBetween(Duration.ofSeconds(1), called.held());
			assertThat(called.place()).isEqualTo(Client.class.getName() + "#fetch");
			assertThat(holdTimes.results()).hasSize(1);
			assertThat(holdTimes.held()).isGreaterThan(called.held().plusMillis(2500));
			assertThat(output)
				.containsOnlyOnce("A connection is held while the database does nothing for it and others wait for one")
				.contains("its thread waits in " + Client.class.getName() + "#fetch");
			SimpleMeterRegistry registry = new SimpleMeterRegistry();
			context.getBeansOfType(MeterBinder.class).values().forEach((binder) -> binder.bindTo(registry));
			double held = registry.get("cooperative.jdbc.hold.time").functionCounter().count();
			assertThat(held).isEqualTo(holdTimes.held().toNanos() / 1e9);
			assertThat(registry.get("cooperative.jdbc.hold.idle.time").functionCounter().count()).isBetween(1.0,
					held - 2.5);
		});
	}

	/**
	 * Only our sockets tell what the database does.
	 */
	@Test
	void connectionsOfOtherDriversAreNotJudged(CapturedOutput output) {
		this.contextRunner
			.withPropertyValues("cooperative.jdbc.model=virtual", "spring.datasource.url=jdbc:h2:mem:hold",
					"spring.datasource.username=sa", "spring.datasource.password=",
					"spring.datasource.hikari.maximum-pool-size=1")
			.run((context) -> {
				JdbcTemplate jdbc = context.getBean(JdbcTemplate.class);
				jdbc.execute("create alias pause for \"" + HoldTimeTests.class.getName() + ".pause\"");
				AsyncTaskExecutor executor = context.getBean(AsyncTaskExecutor.class);
				var first = executor.submitCompletable(() -> jdbc.execute("call pause()"));
				executor.submitCompletable(() -> jdbc.execute("call pause()")).join();
				first.join();
				assertThat(context.getBean(HoldTimes.class).held()).isZero();
				assertThat(output).doesNotContain("A connection is held while the database does nothing");
			});
	}

	public static int pause() {
		LockSupport.parkNanos(Duration.ofSeconds(1).toNanos());
		return 1;
	}

	@Test
	void nothingIsMeasuredWhenOff() {
		this.contextRunner
			.withPropertyValues("cooperative.jdbc.model=virtual", "cooperative.jdbc.hold-time.enabled=false")
			.run((context) -> assertThat(context).hasNotFailed().doesNotHaveBean(HoldTimes.class));
	}

	@Test
	void thresholdMustBePositive() {
		this.contextRunner
			.withPropertyValues("cooperative.jdbc.model=virtual", "cooperative.jdbc.hold-time.threshold=0ms")
			.run((context) -> assertThat(context.getStartupFailure())
				.hasStackTraceContaining("Property cooperative.jdbc.hold-time.threshold with value 'PT0S' is invalid"));
	}

	static class Client {

		void fetch(URI uri) {
			try (HttpClient client = HttpClient.newHttpClient()) {
				client.send(HttpRequest.newBuilder(uri).build(), BodyHandlers.discarding());
			}
			catch (IOException ex) {
				throw new IllegalStateException(ex);
			}
			catch (InterruptedException ex) {
				Thread.currentThread().interrupt();
			}
		}

	}

	static class Shop {

		private final JdbcTemplate jdbcTemplate;

		private final Client client = new Client();

		Shop(JdbcTemplate jdbcTemplate) {
			this.jdbcTemplate = jdbcTemplate;
		}

		@Transactional
		void orderAfterCall(URI uri) {
			this.jdbcTemplate.queryForObject("select 1", Integer.class);
			this.client.fetch(uri);
		}

		@Transactional
		void report() {
			this.jdbcTemplate.execute("select pg_sleep(1.5)");
		}

	}

}
