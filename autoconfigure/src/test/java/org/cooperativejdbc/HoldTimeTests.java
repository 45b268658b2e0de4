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
import java.util.Map;
import java.util.concurrent.locks.LockSupport;

import com.sun.net.httpserver.HttpServer;
import io.micrometer.core.instrument.binder.MeterBinder;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import org.cooperativejdbc.autoconfigure.CooperativeJdbcAutoConfiguration;
import org.cooperativejdbc.autoconfigure.EventLoopAutoConfiguration;
import org.cooperativejdbc.autoconfigure.HoldTimeAutoConfiguration;
import org.cooperativejdbc.autoconfigure.TransactionLimitsAutoConfiguration;
import org.cooperativejdbc.autoconfigure.metrics.HoldTimeMetricsAutoConfiguration;
import org.cooperativejdbc.pool.HoldTime;
import org.cooperativejdbc.pool.HoldTimes;
import org.cooperativejdbc.test.TestDatabase;
import org.jspecify.annotations.Nullable;
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
import org.springframework.test.util.ReflectionTestUtils;
import org.springframework.transaction.CannotCreateTransactionException;
import org.springframework.transaction.IllegalTransactionStateException;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.TransactionDefinition;
import org.springframework.transaction.annotation.Transactional;
import org.springframework.transaction.support.AbstractPlatformTransactionManager;
import org.springframework.transaction.support.DefaultTransactionStatus;
import org.springframework.transaction.support.TransactionSynchronization;
import org.springframework.transaction.support.TransactionSynchronizationManager;
import org.springframework.transaction.support.TransactionTemplate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Transactions that hold a connection while the database does nothing for them are named.
 */
@ExtendWith(OutputCaptureExtension.class)
class HoldTimeTests {

	private static final String SHOP = Shop.class.getName();

	private final ApplicationContextRunner contextRunner = new ApplicationContextRunner()
		.withConfiguration(
				AutoConfigurations.of(CooperativeJdbcAutoConfiguration.class, EventLoopAutoConfiguration.class,
						HoldTimeAutoConfiguration.class, HoldTimeMetricsAutoConfiguration.class,
						TransactionLimitsAutoConfiguration.class, DataSourceAutoConfiguration.class,
						DataSourceTransactionManagerAutoConfiguration.class, JdbcTemplateAutoConfiguration.class,
						TaskExecutionAutoConfiguration.class, TransactionAutoConfiguration.class))
		.withPropertyValues(TestDatabase.instance().properties())
		.withPropertyValues("cooperative.jdbc.hold-time.interval=10ms", "spring.threads.virtual.enabled=true",
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
			order.join();
			report.join();
			HoldTimes holdTimes = context.getBean(HoldTimes.class);
			HoldTime called = holdTime(holdTimes, "orderAfterCall");
			assertThat(called.idleShare()).isGreaterThan(0.8);
			assertThat(called.place()).isEqualTo(Client.class.getName() + "#fetch");
			assertThat(called.placeShare()).isGreaterThan(0.8);
			HoldTime queried = holdTime(holdTimes, "report");
			assertThat(queried.samples()).isPositive();
			assertThat(queried.idleShare()).isLessThan(0.2);
			assertThat(holdTimes.results().getFirst()).isEqualTo(called);
			assertThat(output).containsOnlyOnce("Transactions of " + SHOP + "#orderAfterCall hold a connection "
					+ "while the database does nothing for them: most of their time they wait in "
					+ Client.class.getName() + "#fetch");
			assertThat(output).doesNotContain("Transactions of " + SHOP + "#report");
			SimpleMeterRegistry registry = new SimpleMeterRegistry();
			context.getBeansOfType(MeterBinder.class).values().forEach((binder) -> binder.bindTo(registry));
			assertThat(registry.get("cooperative.jdbc.hold.samples").functionCounter().count())
				.isEqualTo(called.samples() + queried.samples());
			assertThat(registry.get("cooperative.jdbc.hold.idle.samples").functionCounter().count()).isBetween(1.0,
					(double) holdTimes.samples());
		});
	}

	@Test
	void nothingIsMeasuredWhenOff() {
		this.contextRunner
			.withPropertyValues("cooperative.jdbc.model=virtual", "cooperative.jdbc.hold-time.enabled=false")
			.run((context) -> assertThat(context).hasNotFailed()
				.doesNotHaveBean(HoldTimes.class)
				.doesNotHaveBean(MeterBinder.class));
	}

	@Test
	void transactionsThatHaveEndedAreNotSeen() {
		this.contextRunner.withPropertyValues("cooperative.jdbc.model=virtual").run((context) -> {
			HoldTimes holdTimes = context.getBean(HoldTimes.class);
			Shop shop = context.getBean(Shop.class);
			shop.report();
			try {
				shop.fail();
			}
			catch (IllegalStateException ex) {
				assertThat(ex).hasMessage("rolled back");
			}
			assertThat(running(holdTimes)).isEmpty();
		});
	}

	/**
	 * That {@code beforeCommit} fails with a {@code TransactionException} is told to no
	 * listener, and a transaction that does not begin has no end.
	 */
	@Test
	void transactionsWhoseEndIsNotToldAreNotSeen() {
		this.contextRunner.withPropertyValues("cooperative.jdbc.model=virtual").run((context) -> {
			HoldTimes holdTimes = context.getBean(HoldTimes.class);
			PlatformTransactionManager manager = context.getBean(PlatformTransactionManager.class);
			assertThatExceptionOfType(IllegalTransactionStateException.class)
				.isThrownBy(() -> new TransactionTemplate(manager).executeWithoutResult((status) -> {
					assertThat(running(holdTimes)).hasSize(1);
					TransactionSynchronizationManager.registerSynchronization(new TransactionSynchronization() {

						@Override
						public void beforeCommit(boolean readOnly) {
							throw new IllegalTransactionStateException("before commit");
						}

					});
				}));
			assertThat(running(holdTimes)).isEmpty();
			TransactionTemplate unknownIsolation = new TransactionTemplate(manager, new TransactionDefinition() {

				@Override
				public int getIsolationLevel() {
					return 99;
				}

			});
			assertThatExceptionOfType(CannotCreateTransactionException.class)
				.isThrownBy(() -> unknownIsolation.executeWithoutResult((status) -> {
				}));
			assertThat(running(holdTimes)).isEmpty();
		});
	}

	/**
	 * Like those of JMS.
	 */
	@Test
	void transactionsWithoutADataSourceAreNotSeen() {
		this.contextRunner.withPropertyValues("cooperative.jdbc.model=virtual")
			.withBean(NoDataSource.class)
			.run((context) -> {
				HoldTimes holdTimes = context.getBean(HoldTimes.class);
				NoDataSource manager = context.getBean(NoDataSource.class);
				assertThat(manager.getTransactionExecutionListeners()).isNotEmpty();
				new TransactionTemplate(manager)
					.executeWithoutResult((status) -> assertThat(running(holdTimes)).isEmpty());
			});
	}

	private static @Nullable Map<?, ?> running(HoldTimes holdTimes) {
		return (Map<?, ?>) ReflectionTestUtils.getField(holdTimes, "running");
	}

	@Test
	void intervalMustBePositive() {
		this.contextRunner
			.withPropertyValues("cooperative.jdbc.model=virtual", "cooperative.jdbc.hold-time.interval=0ms")
			.run((context) -> assertThat(context.getStartupFailure())
				.hasStackTraceContaining("Property cooperative.jdbc.hold-time.interval with value 'PT0S' is invalid"));
	}

	private static HoldTime holdTime(HoldTimes holdTimes, String method) {
		return holdTimes.results()
			.stream()
			.filter((holdTime) -> holdTime.transaction().equals(SHOP + "#" + method))
			.findAny()
			.orElseThrow();
	}

	@SuppressWarnings("serial")
	static class NoDataSource extends AbstractPlatformTransactionManager {

		@Override
		protected Object doGetTransaction() {
			return new Object();
		}

		@Override
		protected void doBegin(Object transaction, TransactionDefinition definition) {
		}

		@Override
		protected void doCommit(DefaultTransactionStatus status) {
		}

		@Override
		protected void doRollback(DefaultTransactionStatus status) {
		}

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

		@Transactional
		void fail() {
			throw new IllegalStateException("rolled back");
		}

	}

}
