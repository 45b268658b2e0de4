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
import java.sql.SQLException;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;

import javax.sql.DataSource;

import org.cooperativejdbc.autoconfigure.CooperativeJdbcAutoConfiguration;
import org.cooperativejdbc.autoconfigure.EventLoopAutoConfiguration;
import org.cooperativejdbc.autoconfigure.HoldTimeAutoConfiguration;
import org.cooperativejdbc.autoconfigure.actuate.CooperativeJdbcEndpoint;
import org.cooperativejdbc.autoconfigure.actuate.CooperativeJdbcEndpoint.CooperativeJdbcDescriptor;
import org.cooperativejdbc.autoconfigure.actuate.CooperativeJdbcEndpoint.DataSourceDescriptor;
import org.cooperativejdbc.autoconfigure.actuate.CooperativeJdbcEndpoint.EventLoopsDescriptor;
import org.cooperativejdbc.autoconfigure.actuate.CooperativeJdbcEndpoint.QueueDescriptor;
import org.cooperativejdbc.autoconfigure.actuate.CooperativeJdbcEndpoint.WaitsDescriptor;
import org.cooperativejdbc.autoconfigure.actuate.CooperativeJdbcEndpoint.WaitsInFlightDescriptor;
import org.cooperativejdbc.autoconfigure.actuate.CooperativeJdbcEndpointAutoConfiguration;
import org.cooperativejdbc.carrier.EventLoops;
import org.cooperativejdbc.test.SilenceProxy;
import org.cooperativejdbc.test.SilenceProxy.Silence;
import org.cooperativejdbc.test.TestDatabase;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.ApplicationContext;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Each figure of the endpoint moves.
 */
@Timeout(120)
class EndpointFiguresTests {

	private final ApplicationContextRunner contextRunner = new ApplicationContextRunner()
		.withConfiguration(AutoConfigurations.of(CooperativeJdbcAutoConfiguration.class,
				EventLoopAutoConfiguration.class, HoldTimeAutoConfiguration.class,
				CooperativeJdbcEndpointAutoConfiguration.class, DataSourceAutoConfiguration.class))
		.withPropertyValues(TestDatabase.instance().properties())
		.withPropertyValues("management.endpoints.web.exposure.include=cooperativejdbc",
				"cooperative.jdbc.event-loop.threads=1", "cooperative.jdbc.on-event-loop=fail",
				"cooperative.jdbc.cancel-grace=500ms", "cooperative.jdbc.admission.max-waiting=1",
				"spring.datasource.hikari.maximum-pool-size=1");

	@ParameterizedTest
	@ValueSource(strings = { "virtual", "event-loop" })
	void queueAndWaitsInFlightAreSeen(String model) {
		this.contextRunner.withPropertyValues("cooperative.jdbc.model=" + model).run((context) -> {
			QueueDescriptor before = queue(context);
			assertThat(before.places()).isOne();
			assertThat(before.taken()).isZero();
			assertThat(before.waiting()).isZero();
			assertThat(before.unserved()).isZero();
			assertThat(before.longestWait()).isZero();
			assertThat(before.refused())
				.containsOnlyKeys("max-waiting", "expected-wait", "max-wait", "deadlock", "event-loop")
				.containsEntry("max-waiting", 0L);
			Situations situations = new Situations(context);
			CompletableFuture<String> sleeping = situations.query("select pg_sleep(1.5)");
			Situations.awaitThat(() -> inFlight(context).under100ms() == 1);
			assertThat(queue(context).taken()).isOne();
			assertThat(queue(context).waiting()).isZero();
			CompletableFuture<String> waiting = situations.query("select 1");
			Situations.awaitThat(() -> queue(context).waiting() == 1 && queue(context).taken() == 1
					&& queue(context).unserved().toMillis() > 20);
			assertThat(Situations.get(situations.query("select 1"))).isNotEqualTo("done");
			assertThat(queue(context).refused()).containsEntry("max-waiting", 1L);
			Situations.awaitThat(() -> inFlight(context).under1s() == 1);
			Situations.awaitThat(() -> inFlight(context).under10s() == 1
					&& inFlight(context).longest().compareTo(Duration.ofSeconds(1)) >= 0);
			assertThat(Situations.get(sleeping)).isEqualTo("done");
			assertThat(Situations.get(waiting)).isEqualTo("done");
			assertThat(queue(context).longestWait()).isGreaterThan(Duration.ofMillis(500));
			assertThat(inFlight(context)).isEqualTo(new WaitsInFlightDescriptor(0, 0, 0, 0, Duration.ZERO));
		});
	}

	@Test
	void whatEndsWaitsIsSeen() throws Exception {
		try (SilenceProxy proxy = new SilenceProxy(TestDatabase.instance())) {
			this.contextRunner
				.withPropertyValues("cooperative.jdbc.model=virtual", "spring.datasource.url=" + proxy.url())
				.run((context) -> {
					Situations situations = new Situations(context);
					assertThat(waits(context)).isEqualTo(new WaitsDescriptor(0, 0, 0, 0));
					situations.statementIsCanceledAtADeadline();
					assertThat(waits(context).canceledByDeadline()).isPositive();
					assertThat(waits(context).canceledByInterrupt()).isZero();
					situations.statementIsCanceledByAnInterrupt();
					assertThat(waits(context).canceledByInterrupt()).isOne();
					situations.eventLoopIsRefused();
					assertThat(waits(context).refusedOnEventLoops()).isOne();
					assertThat(waits(context).unanswered()).isZero();
					try (Connection connection = situations.pool().getConnection()) {
						proxy.silence(Silence.ALL);
						situations.connectionIsClosedForWantOfAnAnswer(connection);
						proxy.silence(Silence.NONE);
					}
					assertThat(waits(context).unanswered()).isOne();
				});
		}
	}

	@Test
	void eventLoopsAreSeen() {
		this.contextRunner.withPropertyValues("cooperative.jdbc.model=event-loop").run((context) -> {
			Situations.awaitThat(() -> eventLoops(context).threads() == 1 && eventLoops(context).carried() == 0);
			EventLoopsDescriptor before = eventLoops(context);
			assertThat(before.size()).isOne();
			assertThat(before.loops()).singleElement()
				.satisfies((loop) -> assertThat(loop.thread()).startsWith(EventLoops.THREAD_NAME_PREFIX))
				.satisfies((loop) -> assertThat(loop.queued()).isZero())
				.satisfies((loop) -> assertThat(loop.stuck()).isZero());
			AtomicBoolean released = new AtomicBoolean();
			CompletableFuture<Boolean> busy = new Situations(context).start(() -> {
				while (!released.get()) {
					Thread.onSpinWait();
				}
				return true;
			});
			Situations.awaitThat(() -> eventLoops(context).stalls() > before.stalls()
					&& eventLoops(context).threads() == 2 && eventLoops(context).carried() == 1);
			assertThat(eventLoops(context).size()).isOne();
			released.set(true);
			assertThat(Situations.get(busy)).isTrue();
			Situations.awaitThat(() -> eventLoops(context).loops().getFirst().longestRound().toMillis() >= 10
					&& eventLoops(context).carried() == 0);
		});
	}

	@Test
	void callSitesThatHoldConnectionsIdleAreSeen() {
		this.contextRunner
			.withPropertyValues("cooperative.jdbc.model=virtual", "cooperative.jdbc.hold-time.threshold=20ms")
			.run((context) -> {
				assertThat(describe(context).holdTimes()).isEmpty();
				Situations situations = new Situations(context);
				assertThat(Situations.get(situations.start(() -> holdIdle(situations.pool())))).isTrue();
				assertThat(describe(context).holdTimes()).singleElement().satisfies((holdTime) -> {
					assertThat(holdTime.callSite()).isEqualTo(EndpointFiguresTests.class.getName() + "#holdIdle");
					assertThat(holdTime.idle()).isBetween(Duration.ofMillis(50), holdTime.held());
				});
			});
	}

	private static boolean holdIdle(DataSource pool) throws SQLException {
		try (Connection connection = pool.getConnection()) {
			LockSupport.parkNanos(Duration.ofMillis(60).toNanos());
			return connection.isValid(1);
		}
	}

	@Test
	void poolOfAnotherDriverHasAQueueAndTellsWhyNothingIsInstalled() {
		this.contextRunner
			.withPropertyValues("cooperative.jdbc.model=virtual", "spring.datasource.url=jdbc:h2:mem:endpoint",
					"spring.datasource.username=sa", "spring.datasource.password=")
			.run((context) -> {
				DataSourceDescriptor descriptor = dataSource(context);
				assertThat(descriptor.strategy()).isEqualTo("h2 has no socket factory to install");
				assertThat(descriptor.queue()).isNotNull();
			});
	}

	private static CooperativeJdbcDescriptor describe(ApplicationContext context) {
		return context.getBean(CooperativeJdbcEndpoint.class).cooperativeJdbc();
	}

	private static DataSourceDescriptor dataSource(ApplicationContext context) {
		return Objects.requireNonNull(describe(context).dataSources().get("dataSource"));
	}

	private static QueueDescriptor queue(ApplicationContext context) {
		return Objects.requireNonNull(dataSource(context).queue());
	}

	private static WaitsInFlightDescriptor inFlight(ApplicationContext context) {
		return Objects.requireNonNull(dataSource(context).waitsInFlight());
	}

	private static WaitsDescriptor waits(ApplicationContext context) {
		return Objects.requireNonNull(describe(context).waits());
	}

	private static EventLoopsDescriptor eventLoops(ApplicationContext context) {
		return Objects.requireNonNull(describe(context).eventLoops());
	}

}
