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

import java.util.List;

import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.config.MeterFilter;
import io.micrometer.core.instrument.config.MeterFilterReply;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationHandler;
import io.micrometer.observation.ObservationRegistry;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.jdbc.core.JdbcTemplate;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Applications that do more with meters and observations than to count them.
 */
@Timeout(60)
class ObservedApplicationTests {

	/**
	 * As one that writes a protocol. The starter observes waits for connections, for
	 * which the handler needs one, too.
	 */
	@ParameterizedTest
	@CsvSource({ "false, virtual", "true, virtual", "true, event-loop" })
	void observationsAreStoredInTheDatabase(boolean starter, String model) {
		try (ConfigurableApplicationContext context = Trial.start(starter, model, List.of(Stored.class),
				"spring.datasource.hikari.maximum-pool-size=2")) {
			ObservationRegistry registry = context.getBean(ObservationRegistry.class);
			JdbcTemplate jdbc = context.getBean(JdbcTemplate.class);
			Trial.succeed(Trial.inThreads(context, 8, () -> Observation.createNotStarted("work", registry)
				.observe(() -> jdbc.queryForList("select pg_sleep(0.05)"))));
		}
	}

	@ParameterizedTest
	@CsvSource({ "false, virtual", "true, virtual", "true, event-loop" })
	void metersWithUnknownNamesAreRefused(boolean starter, String model) {
		try (ConfigurableApplicationContext context = Trial.start(starter, model, List.of(Refusing.class),
				"cooperative.jdbc.read-only.begin=lazy")) {
			assertThat(context.getBean(JdbcTemplate.class).queryForObject("select 1", Integer.class)).isOne();
			assertThat(context.getBean(MeterRegistry.class).find("hikaricp.connections").gauge()).isNotNull();
		}
	}

	@SpringBootConfiguration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	static class Stored {

		@Bean
		ObservationRegistry observationRegistry(ObjectProvider<JdbcTemplate> jdbc) {
			ObservationRegistry registry = ObservationRegistry.create();
			registry.observationConfig().observationHandler(new Protocol(jdbc));
			return registry;
		}

	}

	record Protocol(ObjectProvider<JdbcTemplate> jdbc) implements ObservationHandler<Observation.Context> {

		@Override
		public boolean supportsContext(Observation.Context context) {
			return true;
		}

		@Override
		public void onStart(Observation.Context context) {
			note(context);
		}

		@Override
		public void onStop(Observation.Context context) {
			note(context);
		}

		private void note(Observation.Context context) {
			assertThat(this.jdbc.getObject().queryForObject("select ?::text", String.class, context.getName()))
				.isEqualTo(context.getName());
		}

	}

	@SpringBootConfiguration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	static class Refusing {

		@Bean
		MeterRegistry meterRegistry() {
			return new SimpleMeterRegistry();
		}

		@Bean
		static MeterFilter catalog() {
			return new MeterFilter() {

				@Override
				public MeterFilterReply accept(Meter.Id id) {
					if (id.getName().startsWith("cooperative.")) {
						throw new IllegalStateException(id.getName() + " is not in the catalog");
					}
					return MeterFilterReply.NEUTRAL;
				}

			};
		}

	}

}
