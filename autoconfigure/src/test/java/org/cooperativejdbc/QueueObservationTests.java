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
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;

import javax.sql.DataSource;

import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationHandler;
import io.micrometer.observation.ObservationRegistry;
import org.cooperativejdbc.autoconfigure.CooperativeJdbcAutoConfiguration;
import org.cooperativejdbc.autoconfigure.EventLoopAutoConfiguration;
import org.cooperativejdbc.autoconfigure.metrics.QueueObservationAutoConfiguration;
import org.cooperativejdbc.door.QueueObservation;
import org.cooperativejdbc.spring.ObservedQueues;
import org.cooperativejdbc.test.TestDatabase;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.boot.LazyInitializationBeanFactoryPostProcessor;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * A wait for a connection is observed as a part of what its thread does, and a borrow
 * without a wait is not observed.
 */
@Timeout(60)
class QueueObservationTests {

	private final ApplicationContextRunner contextRunner = new ApplicationContextRunner()
		.withConfiguration(
				AutoConfigurations.of(CooperativeJdbcAutoConfiguration.class, EventLoopAutoConfiguration.class,
						QueueObservationAutoConfiguration.class, DataSourceAutoConfiguration.class))
		.withPropertyValues(TestDatabase.instance().properties())
		.withPropertyValues("spring.datasource.hikari.maximum-pool-size=1");

	@ParameterizedTest
	@ValueSource(strings = { "virtual", "event-loop" })
	void onlyBorrowsThatWaitAreObservedUnderTheCurrentObservation(String model) {
		ObservationRegistry registry = ObservationRegistry.create();
		Queue<Observation.Context> observed = new ConcurrentLinkedQueue<>();
		registry.observationConfig().observationHandler(new Stopped(observed));
		this.contextRunner.withPropertyValues("cooperative.jdbc.model=" + model)
			.withInitializer(
					(context) -> context.addBeanFactoryPostProcessor(new LazyInitializationBeanFactoryPostProcessor()))
			.withBean(ObservationRegistry.class, () -> registry)
			.run((context) -> {
				context.getBean(DataSource.class);
				Situations situations = new Situations(context);
				assertThat(Situations.get(situations.query("select 1"))).isEqualTo("done");
				assertThat(observed).isEmpty();
				CompletableFuture<Boolean> waiting;
				try (Connection held = situations.pool().getConnection()) {
					waiting = situations.start(() -> {
						Observation request = Observation.start("request", registry);
						try (Observation.Scope scope = request.openScope();
								Connection connection = situations.pool().getConnection()) {
							return connection.isValid(1);
						}
					});
					Situations.awaitThat(() -> situations.pool().getThreadsInQueue() == 1);
				}
				assertThat(Situations.get(waiting)).isTrue();
				assertThat(observed).singleElement().satisfies((wait) -> {
					assertThat(wait.getName()).isEqualTo(QueueObservation.NAME);
					assertThat(wait.getContextualName()).isEqualTo("wait for connection");
					assertThat(Objects.requireNonNull(wait.getParentObservation()).getContextView().getName())
						.isEqualTo("request");
					assertThat(wait.getLowCardinalityKeyValues())
						.extracting((pair) -> pair.getKey() + "=" + pair.getValue())
						.containsExactlyInAnyOrder("name=dataSource", "outcome=admitted");
				});
			});
	}

	@Test
	void waitThatEndsWithoutAConnectionIsObserved() {
		ObservationRegistry registry = ObservationRegistry.create();
		Queue<Observation.Context> observed = new ConcurrentLinkedQueue<>();
		registry.observationConfig().observationHandler(new Stopped(observed));
		this.contextRunner
			.withPropertyValues("cooperative.jdbc.model=virtual", "spring.datasource.hikari.connection-timeout=250")
			.withBean(ObservationRegistry.class, () -> registry)
			.run((context) -> {
				Situations situations = new Situations(context);
				try (Connection held = situations.pool().getConnection()) {
					assertThat(Situations.get(situations.query("select 1"))).isNotEqualTo("done");
				}
				assertThat(observed).singleElement()
					.satisfies((wait) -> assertThat(wait.getLowCardinalityKeyValues())
						.anyMatch((pair) -> pair.getKey().equals("outcome") && pair.getValue().equals("ended")));
			});
	}

	@Test
	void nothingIsObservedWithoutARegistry() {
		this.contextRunner.withPropertyValues("cooperative.jdbc.model=virtual")
			.run((context) -> assertThat(context).hasNotFailed().doesNotHaveBean(ObservedQueues.class));
	}

	private record Stopped(Queue<Observation.Context> stopped) implements ObservationHandler<Observation.Context> {

		@Override
		public void onStart(Observation.Context context) {
			context.put(Stopped.class, this);
		}

		@Override
		public void onStop(Observation.Context context) {
			if (context.containsKey(Stopped.class)) {
				this.stopped.add(context);
			}
		}

		@Override
		public boolean supportsContext(Observation.Context context) {
			return true;
		}

	}

}
