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
		.withPropertyValues("cooperative.jdbc.hold-time.threshold=200ms", "spring.threads.virtual.enabled=true",
				"spring.datasource.hikari.maximum-pool-size=2")
		.withBean(Shop.class);

	private HttpServer slowService;

	@BeforeEach
	void start() throws IOException {
		this.slowService = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
		this.slowService.createContext("/", (exchange) -> {
			LockSupport.parkNanos(Duration.ofSeconds(2).toNanos());
			exchange.sendResponseHeaders(204, -1);
			exchange.close();
		});
		this.slowService.start();
	}

	@AfterEach
	void stop() {
		this.slowService.stop(0);
	}

	@ParameterizedTest
	@ValueSource(strings = { "virtual", "event-loop" })
	void transactionThatCallsAServiceIsNamedAndItsTwinThatQueriesIsNot(String model, CapturedOutput output) {
		URI service = URI.create("http://localhost:" + this.slowService.getAddress().getPort());
		this.contextRunner.withPropertyValues("cooperative.jdbc.model=" + model).run((context) -> {
			Shop shop = context.getBean(Shop.class);
			AsyncTaskExecutor executor = context.getBean(AsyncTaskExecutor.class);
			var order = executor.submitCompletable(() -> shop.orderAfterCall(service));
			var report = executor.submitCompletable(shop::report);
			CooperativeDataSource pool = context.getBean(CooperativeDataSource.class);
			await().until(() -> pool.getPlacesTaken() == 2);
			executor.submitCompletable(shop::report).join();
			order.join();
			report.join();
			HoldTimes holdTimes = context.getBean(HoldTimes.class);
			HoldTime called = holdTimes.results().getFirst();
			assertThat(called.callSite()).isEqualTo(SHOP + "#orderAfterCall");
			assertThat(called.idle()).isBetween(Duration.ofMillis(1500), called.held());
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
			assertThat(registry.get("cooperative.jdbc.hold.idle.time").functionCounter().count()).isBetween(1.5,
					held / 2);
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
