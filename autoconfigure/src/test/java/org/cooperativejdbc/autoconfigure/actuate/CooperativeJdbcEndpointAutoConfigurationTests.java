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

package org.cooperativejdbc.autoconfigure.actuate;

import java.time.Duration;
import java.util.stream.Stream;

import org.cooperativejdbc.CooperativeJdbc;
import org.cooperativejdbc.CooperativeJdbc.Tuning;
import org.cooperativejdbc.Finding;
import org.cooperativejdbc.autoconfigure.CooperativeJdbcAutoConfiguration;
import org.cooperativejdbc.autoconfigure.EventLoopAutoConfiguration;
import org.cooperativejdbc.autoconfigure.HoldTimeAutoConfiguration;
import org.cooperativejdbc.autoconfigure.actuate.CooperativeJdbcEndpoint.CooperativeJdbcDescriptor;
import org.cooperativejdbc.autoconfigure.actuate.CooperativeJdbcEndpoint.DataSourceDescriptor;
import org.cooperativejdbc.autoconfigure.actuate.CooperativeJdbcEndpoint.EventLoopsDescriptor;
import org.cooperativejdbc.autoconfigure.actuate.CooperativeJdbcEndpoint.WaitsInFlightDescriptor;
import org.cooperativejdbc.autoconfigure.doctor.DoctorAutoConfiguration;
import org.cooperativejdbc.test.TestDatabase;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.json.JsonMapper;

import org.springframework.boot.actuate.autoconfigure.endpoint.condition.ConditionalOnAvailableEndpoint;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link CooperativeJdbcEndpointAutoConfiguration} and
 * {@link CooperativeJdbcEndpoint}.
 */
class CooperativeJdbcEndpointAutoConfigurationTests {

	private final TestDatabase database = TestDatabase.instance();

	private final ApplicationContextRunner contextRunner = new ApplicationContextRunner()
		.withConfiguration(AutoConfigurations.of(CooperativeJdbcAutoConfiguration.class,
				EventLoopAutoConfiguration.class, HoldTimeAutoConfiguration.class, DoctorAutoConfiguration.class,
				CooperativeJdbcEndpointAutoConfiguration.class, DataSourceAutoConfiguration.class))
		.withPropertyValues(this.database.properties())
		.withPropertyValues("cooperative.jdbc.model=event-loop", "cooperative.jdbc.event-loop.threads=1",
				"spring.datasource.hikari.maximum-pool-size=2");

	@Test
	void endpointShowsWhatWasDone() {
		this.contextRunner
			.withPropertyValues("management.endpoints.web.exposure.include=cooperativejdbc",
					"cooperative.jdbc.hold-time.enabled=true")
			.run((context) -> {
				CooperativeJdbc cooperativeJdbc = context.getBean(CooperativeJdbc.class);
				cooperativeJdbc.found(new Finding("example", "problem", "reason", "remedy"));
				CooperativeJdbcDescriptor descriptor = context.getBean(CooperativeJdbcEndpoint.class).cooperativeJdbc();
				assertThat(descriptor.model()).isEqualTo("event-loop");
				assertThat(descriptor.reason()).isEqualTo("cooperative.jdbc.model=event-loop");
				assertThat(descriptor.dataSources().values()).extracting(DataSourceDescriptor::strategy)
					.containsExactly("PostgreSQL socket factory installed");
				assertThat(descriptor.tunings()).extracting(Tuning::setting).contains("tcpKeepAlive");
				assertThat(descriptor.findings()).extracting(Finding::id).contains("example");
				assertThat(descriptor.holdTimes()).isEmpty();
				assertThat(descriptor.eventLoops()).extracting(EventLoopsDescriptor::size).isEqualTo(1);
			});
	}

	@Test
	void endpointShowsNeitherAddressesNorUsersNorSql() {
		this.contextRunner
			.withPropertyValues("management.endpoints.web.exposure.include=cooperativejdbc",
					"cooperative.jdbc.pool.instances=1")
			.run((context) -> {
				String json = JsonMapper.builder()
					.build()
					.writeValueAsString(context.getBean(CooperativeJdbcEndpoint.class).cooperativeJdbc());
				assertThat(json).contains("\"model\":\"event-loop\"")
					.doesNotContain("jdbc:", "localhost", "127.0.0.1", "select ", this.database.url());
			});
	}

	@Test
	void waitsInFlightAreCountedByAge() {
		assertThat(DataSourceDescriptors.waitsInFlight(
				Stream.of(0, 99, 100, 999, 1000, 9999, 10_000, 90_000, 95_000, 70).map(Duration::ofMillis).toList()))
			.isEqualTo(new WaitsInFlightDescriptor(3, 2, 2, 3, Duration.ofSeconds(95)));
	}

	@Test
	void endpointIsAbsentUnlessExposed() {
		this.contextRunner
			.run((context) -> assertThat(context).hasNotFailed().doesNotHaveBean(CooperativeJdbcEndpoint.class));
	}

	@Test
	void backsOffWithoutActuatorAndWhenDisabled() {
		this.contextRunner.withClassLoader(new FilteredClassLoader(ConditionalOnAvailableEndpoint.class))
			.withPropertyValues("management.endpoints.web.exposure.include=*")
			.run((context) -> assertThat(context).hasNotFailed()
				.doesNotHaveBean(CooperativeJdbcEndpointAutoConfiguration.class));
		this.contextRunner
			.withPropertyValues("management.endpoints.web.exposure.include=*", "cooperative.jdbc.enabled=false")
			.run((context) -> assertThat(context).hasNotFailed().doesNotHaveBean(CooperativeJdbcEndpoint.class));
	}

}
