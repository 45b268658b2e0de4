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

import org.cooperativejdbc.autoconfigure.CooperativeJdbcAutoConfiguration;
import org.cooperativejdbc.autoconfigure.actuate.CooperativeJdbcHealthContributorAutoConfiguration;
import org.cooperativejdbc.test.TestDatabase;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import org.springframework.boot.actuate.autoconfigure.endpoint.EndpointAutoConfiguration;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.health.actuate.endpoint.HealthEndpoint;
import org.springframework.boot.health.autoconfigure.actuate.endpoint.HealthEndpointAutoConfiguration;
import org.springframework.boot.health.autoconfigure.registry.HealthContributorRegistryAutoConfiguration;
import org.springframework.boot.health.contributor.Status;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.test.context.runner.WebApplicationContextRunner;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * An application whose readiness includes the health of its pools, and that is run
 * without cooperative ones, as where the starter is switched off for once: it starts.
 */
class HealthGroupTests {

	private static final String GROUP = "management.endpoint.health.group.ready.include";

	private final WebApplicationContextRunner contextRunner = new WebApplicationContextRunner()
		.withConfiguration(AutoConfigurations.of(CooperativeJdbcAutoConfiguration.class,
				CooperativeJdbcHealthContributorAutoConfiguration.class, DataSourceAutoConfiguration.class,
				EndpointAutoConfiguration.class, HealthContributorRegistryAutoConfiguration.class,
				HealthEndpointAutoConfiguration.class))
		.withPropertyValues(TestDatabase.instance().properties());

	@ParameterizedTest
	@CsvSource({ "cooperative.jdbc.model=virtual", "cooperative.jdbc.model=platform",
			"cooperative.jdbc.enabled=false" })
	void groupThatNamesTheIndicatorIsUp(String property) {
		this.contextRunner.withPropertyValues(property, GROUP + "=cooperativeJdbc").run((context) -> {
			assertThat(context).hasNotFailed();
			assertThat(context.getBean(HealthEndpoint.class).healthForPath("ready"))
				.satisfies((health) -> assertThat(health.getStatus()).isEqualTo(Status.UP));
		});
	}

	/**
	 * The control: nobody has asked for it.
	 */
	@ParameterizedTest
	@CsvSource({ "cooperative.jdbc.model=platform", "cooperative.jdbc.enabled=false" })
	void withoutSuchAGroupThereIsNone(String property) {
		this.contextRunner.withPropertyValues(property)
			.run((context) -> assertThat(context).hasNotFailed().doesNotHaveBean("cooperativeJdbcHealthIndicator"));
	}

}
