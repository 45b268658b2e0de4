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

import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.search.RequiredSearch;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import org.cooperativejdbc.autoconfigure.CooperativeJdbcAutoConfiguration;
import org.cooperativejdbc.autoconfigure.EventLoopAutoConfiguration;
import org.cooperativejdbc.autoconfigure.HoldTimeAutoConfiguration;
import org.cooperativejdbc.autoconfigure.metrics.CooperativeJdbcMetricsAutoConfiguration;
import org.cooperativejdbc.carrier.NettyEventLoops;
import org.cooperativejdbc.door.CooperativeMetrics;
import org.cooperativejdbc.pool.CooperativePools;
import org.cooperativejdbc.pool.FleetBudget;
import org.cooperativejdbc.pool.InstalledPools;
import org.cooperativejdbc.socket.WaitFigures;
import org.cooperativejdbc.test.SilenceProxy;
import org.cooperativejdbc.test.SilenceProxy.Silence;
import org.cooperativejdbc.test.TestDatabase;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.micrometer.metrics.autoconfigure.MetricsAutoConfiguration;
import org.springframework.boot.micrometer.metrics.autoconfigure.export.simple.SimpleMetricsExportAutoConfiguration;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Each meter moves. Those of hold time do in {@link HoldTimeTests}.
 */
@Timeout(120)
class MetricsTests {

	private final ApplicationContextRunner contextRunner = new ApplicationContextRunner()
		.withConfiguration(AutoConfigurations.of(CooperativeJdbcAutoConfiguration.class,
				EventLoopAutoConfiguration.class, HoldTimeAutoConfiguration.class,
				CooperativeJdbcMetricsAutoConfiguration.class, DataSourceAutoConfiguration.class,
				MetricsAutoConfiguration.class, SimpleMetricsExportAutoConfiguration.class))
		.withPropertyValues(TestDatabase.instance().properties())
		.withPropertyValues("cooperative.jdbc.event-loop.threads=1", "cooperative.jdbc.on-event-loop=fail",
				"cooperative.jdbc.cancel-grace=500ms", "cooperative.jdbc.admission.max-waiting=1",
				"spring.datasource.hikari.maximum-pool-size=1");

	@ParameterizedTest
	@ValueSource(strings = { "virtual", "event-loop" })
	void waitsMoveTheirMeters(String model) {
		this.contextRunner.withPropertyValues("cooperative.jdbc.model=" + model).run((context) -> {
			MeterRegistry registry = context.getBean(MeterRegistry.class);
			Situations situations = new Situations(context);
			CompletableFuture<String> sleeping;
			CompletableFuture<String> waiting;
			try (Connection other = TestDatabase.instance().connect(); Statement lock = other.createStatement()) {
				lock.execute("select pg_advisory_lock(815)");
				sleeping = situations.query("select pg_advisory_lock(815)");
				Situations.awaitThat(() -> gauge(registry, "cooperative.jdbc.wait.active") == 1);
				assertThat(gauge(registry, "cooperative.jdbc.queue.waiting")).isZero();
				waiting = situations.query("select pg_advisory_unlock(815)");
				Situations.awaitThat(() -> gauge(registry, "cooperative.jdbc.queue.waiting") == 1);
				assertThat(Situations.get(situations.query("select 1"))).isNotEqualTo("done");
				assertThat(refused(registry, "max-waiting")).isOne();
				long began = System.nanoTime();
				Situations.awaitThat(() -> System.nanoTime() - began > TimeUnit.MILLISECONDS.toNanos(500));
			}
			assertThat(Situations.get(sleeping)).isEqualTo("done");
			assertThat(Situations.get(waiting)).isEqualTo("done");
			Timer queued = registry.get("cooperative.jdbc.queue.wait").tag("name", "dataSource").timer();
			assertThat(queued.count()).isOne();
			assertThat(queued.totalTime(TimeUnit.MILLISECONDS)).isBetween(0.01, 10_000.0);
			Timer waits = registry.get("cooperative.jdbc.wait").timer();
			assertThat(waits.count()).isPositive();
			assertThat(waits.max(TimeUnit.MILLISECONDS)).isBetween(400.0, 10_000.0);
			assertThat(gauge(registry, "cooperative.jdbc.wait.active")).isZero();
			assertThat(gauge(registry, "cooperative.jdbc.queue.waiting")).isZero();
		});
	}

	@ParameterizedTest
	@ValueSource(strings = { "virtual", "event-loop" })
	void whatEndsWaitsMovesItsMeters(String model) throws Exception {
		try (SilenceProxy proxy = new SilenceProxy(TestDatabase.instance())) {
			this.contextRunner
				.withPropertyValues("cooperative.jdbc.model=" + model, "spring.datasource.url=" + proxy.url())
				.run((context) -> {
					MeterRegistry registry = context.getBean(MeterRegistry.class);
					Situations situations = new Situations(context);
					situations.statementIsCanceledAtADeadline();
					assertThat(canceled(registry, "deadline")).isPositive();
					assertThat(canceled(registry, "interrupt")).isZero();
					situations.statementIsCanceledByAnInterrupt();
					assertThat(canceled(registry, "interrupt")).isOne();
					situations.eventLoopIsRefused();
					assertThat(counter(registry.get("cooperative.jdbc.wait.refused"))).isOne();
					assertThat(refused(registry, "event-loop")).isOne();
					assertThat(counter(registry.get("cooperative.jdbc.wait.unanswered"))).isZero();
					try (Connection connection = situations.pool().getConnection()) {
						proxy.silence(Silence.ALL);
						situations.connectionIsClosedForWantOfAnAnswer(connection);
						proxy.silence(Silence.NONE);
					}
					assertThat(counter(registry.get("cooperative.jdbc.wait.unanswered"))).isOne();
				});
		}
	}

	/**
	 * Keys without a weight have one meter together, however many there are.
	 */
	@Test
	void waitsMoveTheMeterOfTheirShare() {
		this.contextRunner
			.withPropertyValues("cooperative.jdbc.model=virtual", "cooperative.jdbc.admission.max-waiting=100",
					"cooperative.jdbc.pools.dataSource.shares.weights.gold=2")
			.run((context) -> {
				MeterRegistry registry = context.getBean(MeterRegistry.class);
				Situations situations = new Situations(context);
				try (Connection connection = situations.pool().getConnection()) {
					List<CompletableFuture<String>> waiting = new ArrayList<>();
					for (String key : List.of("gold", "silver", "bronze")) {
						waiting.add(situations.start(() -> {
							try (ShareKey.Scope scope = new ShareKey(key).enter();
									Connection next = situations.pool().getConnection()) {
								return key;
							}
						}));
					}
					Situations.awaitThat(() -> gauge(registry, "cooperative.jdbc.queue.waiting") == 3);
					connection.close();
					for (CompletableFuture<String> each : waiting) {
						assertThat(Situations.get(each)).isNotNull();
					}
				}
				assertThat(registry.get("cooperative.jdbc.share.wait").timers()).hasSize(2);
				assertThat(registry.get("cooperative.jdbc.share.wait").tag("share", "gold").timer().count()).isOne();
				assertThat(registry.get("cooperative.jdbc.share.wait").tag("share", "other").timer().count())
					.isEqualTo(2);
			});
	}

	@Test
	void budgetIsKnownWhereThePoolWasWarmedUp() {
		ApplicationContextRunner runner = this.contextRunner.withPropertyValues("cooperative.jdbc.model=virtual");
		runner.withPropertyValues("cooperative.jdbc.pool.instances=3", "cooperative.jdbc.pool.surge=1")
			.run((context) -> {
				int budget = Objects.requireNonNull(context.getBean(FleetBudget.class).of("dataSource"));
				assertThat(budget).isPositive();
				assertThat(gauge(context.getBean(MeterRegistry.class), "cooperative.jdbc.pool.budget"))
					.isEqualTo(budget);
			});
		runner.withPropertyValues("cooperative.jdbc.pool.warm-up=false")
			.run((context) -> assertThat(gauge(context.getBean(MeterRegistry.class), "cooperative.jdbc.pool.budget"))
				.isNaN());
	}

	@Test
	void carriersMoveTheirMeters() {
		this.contextRunner.withPropertyValues("cooperative.jdbc.model=event-loop").run((context) -> {
			MeterRegistry registry = context.getBean(MeterRegistry.class);
			Situations situations = new Situations(context);
			Situations.awaitThat(() -> gauge(registry, "cooperative.jdbc.carrier.threads") == 1
					&& gauge(registry, "cooperative.jdbc.carrier.carried") == 0);
			double stalls = counter(registry.get("cooperative.jdbc.carrier.stalls"));
			AtomicBoolean released = new AtomicBoolean();
			CompletableFuture<Boolean> busy = situations.start(() -> {
				while (!released.get()) {
					Thread.onSpinWait();
				}
				return true;
			});
			Situations.awaitThat(() -> counter(registry.get("cooperative.jdbc.carrier.stalls")) > stalls
					&& gauge(registry, "cooperative.jdbc.carrier.threads") == 2);
			assertThat(gauge(registry, "cooperative.jdbc.carrier.carried")).isOne();
			released.set(true);
			assertThat(Situations.get(busy)).isTrue();
			Situations.awaitThat(() -> registry.get("cooperative.jdbc.carrier.round.longest")
				.timeGauge()
				.value(TimeUnit.MILLISECONDS) >= 10);
			assertThat(registry.get("cooperative.jdbc.carrier.round.longest").timeGauge().value(TimeUnit.MILLISECONDS))
				.isLessThan(60_000);
			Situations.awaitThat(() -> gauge(registry, "cooperative.jdbc.carrier.carried") == 0);
			assertThat(counter(registry.get("cooperative.jdbc.carrier.stalls"))).isGreaterThan(stalls);
		});
	}

	/**
	 * Those of Netty's loops are measured once somebody wants to know.
	 */
	@Test
	void roundsOfNettyMoveTheirMeter() throws Exception {
		try (NettyEventLoops loops = new NettyEventLoops(1, Duration.ofHours(1))) {
			MeterRegistry registry = new SimpleMeterRegistry();
			new CooperativeMetrics(new InstalledPools(), new WaitFigures(), loops, null, null).bindTo(registry);
			Thread busy = loops.threadFactory("busy-").newThread(() -> {
				long start = System.nanoTime();
				while (System.nanoTime() - start < TimeUnit.MILLISECONDS.toNanos(20)) {
					Thread.onSpinWait();
				}
			});
			busy.start();
			busy.join();
			Situations.awaitThat(() -> registry.get("cooperative.jdbc.carrier.round.longest")
				.timeGauge()
				.value(TimeUnit.MILLISECONDS) >= 20);
		}
	}

	@Test
	void threadsThatCanRunMoveTheQueueOfTheirCarrier() {
		this.contextRunner
			.withPropertyValues("cooperative.jdbc.model=event-loop", "cooperative.jdbc.event-loop.stall-threshold=1h")
			.run((context) -> {
				MeterRegistry registry = context.getBean(MeterRegistry.class);
				Situations situations = new Situations(context);
				AtomicBoolean released = new AtomicBoolean();
				CompletableFuture<Boolean> busy = situations.start(() -> {
					while (!released.get()) {
						Thread.onSpinWait();
					}
					return true;
				});
				CompletableFuture<Boolean> next = situations.start(() -> true);
				Situations.awaitThat(() -> gauge(registry, "cooperative.jdbc.carrier.queue") == 1);
				released.set(true);
				assertThat(Situations.get(busy)).isTrue();
				assertThat(Situations.get(next)).isTrue();
				assertThat(gauge(registry, "cooperative.jdbc.carrier.queue")).isZero();
			});
	}

	/**
	 * As those of tenants.
	 */
	@Test
	void poolsThatComeAndGoBringTheirMetersAndTakeThemAlong() {
		this.contextRunner.withPropertyValues("cooperative.jdbc.model=virtual").run((context) -> {
			MeterRegistry registry = context.getBean(MeterRegistry.class);
			HikariConfig config = new HikariConfig();
			config.setJdbcUrl("jdbc:h2:mem:tenant");
			try (HikariDataSource tenant = context.getBean(CooperativePools.class).create("tenant", config)) {
				tenant.getConnection().close();
				assertThat(registry.find("cooperative.jdbc.queue.waiting").tag("name", "tenant").meters()).hasSize(1);
			}
			assertThat(registry.find("cooperative.jdbc.queue.waiting").tag("name", "tenant").meters()).isEmpty();
			assertThat(registry.find("cooperative.jdbc.queue.waiting").tag("name", "dataSource").meters()).hasSize(1);
		});
	}

	@Test
	void metersAreThoseOfEachRegistryAndAbsentWithWhatTheyMeasure() {
		ApplicationContextRunner runner = this.contextRunner.withPropertyValues("cooperative.jdbc.model=virtual");
		runner.run((context) -> {
			CooperativeMetrics metrics = context.getBean(CooperativeMetrics.class);
			SimpleMeterRegistry other = new SimpleMeterRegistry();
			metrics.bindTo(other);
			assertThat(Situations.get(new Situations(context).query("select pg_sleep(0.1)"))).isEqualTo("done");
			assertThat(other.get("cooperative.jdbc.wait").timer().count()).isPositive();
			assertThat(context.getBean(MeterRegistry.class).get("cooperative.jdbc.wait").timer().count()).isPositive();
		});
		runner.withPropertyValues("cooperative.jdbc.enabled=false")
			.run((context) -> assertThat(context).hasNotFailed().doesNotHaveBean(CooperativeMetrics.class));
		runner.withClassLoader(new FilteredClassLoader("io.micrometer.core"))
			.run((context) -> assertThat(context).hasNotFailed()
				.doesNotHaveBean(CooperativeJdbcMetricsAutoConfiguration.class));
		runner.withPropertyValues("cooperative.jdbc.hold-time.enabled=false")
			.run((context) -> assertThat(
					context.getBean(MeterRegistry.class).find("cooperative.jdbc.hold.time").meters())
				.isEmpty());
	}

	private static double gauge(MeterRegistry registry, String name) {
		return registry.get(name).gauge().value();
	}

	private static double canceled(MeterRegistry registry, String cause) {
		return counter(registry.get("cooperative.jdbc.wait.canceled").tag("cause", cause));
	}

	private static double refused(MeterRegistry registry, String reason) {
		return counter(registry.get("cooperative.jdbc.queue.refused").tag("reason", reason));
	}

	private static double counter(RequiredSearch search) {
		return search.functionCounter().count();
	}

}
