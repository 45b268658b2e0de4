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
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

import org.cooperativejdbc.autoconfigure.CooperativeJdbcAutoConfiguration;
import org.cooperativejdbc.autoconfigure.EventLoopAutoConfiguration;
import org.cooperativejdbc.autoconfigure.actuate.CooperativeJdbcHealthContributorAutoConfiguration;
import org.cooperativejdbc.autoconfigure.actuate.CooperativeJdbcHealthIndicator;
import org.cooperativejdbc.carrier.CarrierState;
import org.cooperativejdbc.carrier.EventLoops;
import org.cooperativejdbc.test.TestDatabase;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.mockito.BDDMockito;
import org.mockito.Mockito;

import org.springframework.boot.actuate.autoconfigure.endpoint.EndpointAutoConfiguration;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.autoconfigure.availability.ApplicationAvailabilityAutoConfiguration;
import org.springframework.boot.health.actuate.endpoint.HealthEndpointGroup;
import org.springframework.boot.health.actuate.endpoint.HealthEndpointGroups;
import org.springframework.boot.health.autoconfigure.actuate.endpoint.AvailabilityProbesAutoConfiguration;
import org.springframework.boot.health.autoconfigure.actuate.endpoint.HealthEndpointAutoConfiguration;
import org.springframework.boot.health.autoconfigure.application.AvailabilityHealthContributorAutoConfiguration;
import org.springframework.boot.health.autoconfigure.registry.HealthContributorRegistryAutoConfiguration;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.boot.health.contributor.Status;
import org.springframework.boot.health.registry.HealthContributorRegistry;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.context.runner.WebApplicationContextRunner;
import org.springframework.context.ApplicationContext;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Health is down when nobody is served for long and when an event loop is stuck, and at
 * no other time.
 */
@Timeout(120)
class HealthTests {

	private static final AutoConfigurations AUTO_CONFIGURATIONS = AutoConfigurations.of(
			CooperativeJdbcAutoConfiguration.class, EventLoopAutoConfiguration.class,
			CooperativeJdbcHealthContributorAutoConfiguration.class, DataSourceAutoConfiguration.class);

	private final ApplicationContextRunner contextRunner = new ApplicationContextRunner()
		.withConfiguration(AUTO_CONFIGURATIONS)
		.withPropertyValues(TestDatabase.instance().properties())
		.withPropertyValues("cooperative.jdbc.model=virtual", "spring.datasource.hikari.maximum-pool-size=1",
				"spring.datasource.hikari.connection-timeout=3000");

	@Test
	void downWhileNobodyIsServedForLongerThanTheyMayWait() {
		this.contextRunner.withPropertyValues("cooperative.jdbc.health.down-after=1ms").run((context) -> {
			Situations situations = new Situations(context);
			assertThat(health(context).getStatus()).isEqualTo(Status.UP);
			CompletableFuture<String> second;
			try (Connection held = situations.pool().getConnection()) {
				CompletableFuture<String> first = situations.query("select 1");
				Situations.awaitThat(() -> situations.pool().unserved().toMillis() > 1500);
				assertThat(health(context).getStatus()).isEqualTo(Status.UP);
				second = situations.query("select 1");
				Situations.awaitThat(() -> health(context).getStatus().equals(Status.DOWN));
				assertThat(situations.pool().unserved()).isGreaterThan(Duration.ofSeconds(3));
				assertThat(health(context).getDetails()).isEqualTo(Map.of("unserved", Set.of("dataSource")));
				assertThat(Situations.get(first)).isNotEqualTo("done");
			}
			assertThat(Situations.get(second)).isNotNull();
			assertThat(health(context).getStatus()).isEqualTo(Status.UP);
			assertThat(health(context).getDetails()).isEmpty();
		});
	}

	/**
	 * Long statements are no reason, however long the queue is, as long as it moves.
	 */
	@Test
	void upBeforeTheTimeThatIsSet() {
		this.contextRunner.withPropertyValues("cooperative.jdbc.health.down-after=1h").run((context) -> {
			Situations situations = new Situations(context);
			try (Connection held = situations.pool().getConnection()) {
				CompletableFuture<String> first = situations.query("select 1");
				Situations.awaitThat(() -> situations.pool().unserved().toMillis() > 1500);
				CompletableFuture<String> second = situations.query("select 1");
				Situations.awaitThat(first::isDone);
				assertThat(situations.pool().unserved()).isGreaterThan(Duration.ofMillis(2999));
				assertThat(health(context).getStatus()).isEqualTo(Status.UP);
				assertThat(Situations.get(second)).isNotEqualTo("done");
			}
		});
	}

	@Test
	void downWhileAnEventLoopIsStuck() {
		EventLoops loops = Mockito.mock();
		this.contextRunner.withBean(EventLoops.class, () -> loops)
			.withPropertyValues("cooperative.jdbc.pool.warm-up=false")
			.run((context) -> {
				BDDMockito.given(loops.states()).willReturn(List.of(state(Duration.ofSeconds(59))));
				assertThat(health(context).getStatus()).isEqualTo(Status.UP);
				BDDMockito.given(loops.states()).willReturn(List.of(state(Duration.ofSeconds(61))));
				assertThat(health(context).getStatus()).isEqualTo(Status.DOWN);
				assertThat(health(context).getDetails()).isEqualTo(Map.of("stuck", List.of("loop-1")));
			});
	}

	private static CarrierState state(Duration stuck) {
		return new CarrierState("loop-1", 1, Duration.ofHours(1), stuck);
	}

	@ParameterizedTest
	@ValueSource(booleans = { false, true })
	void memberOfTheReadinessGroupOnlyWhereTheUserSaysSo(boolean included) {
		new WebApplicationContextRunner().withConfiguration(AUTO_CONFIGURATIONS)
			.withConfiguration(AutoConfigurations.of(EndpointAutoConfiguration.class,
					ApplicationAvailabilityAutoConfiguration.class,
					AvailabilityHealthContributorAutoConfiguration.class,
					HealthContributorRegistryAutoConfiguration.class, HealthEndpointAutoConfiguration.class,
					AvailabilityProbesAutoConfiguration.class))
			.withPropertyValues(TestDatabase.instance().properties())
			.withPropertyValues("cooperative.jdbc.model=virtual", "management.endpoint.health.probes.enabled=true")
			.withPropertyValues(included
					? new String[] {
							"management.endpoint.health.group.readiness.include=readinessState,cooperativeJdbc" }
					: new String[0])
			.run((context) -> {
				assertThat(context).hasNotFailed();
				assertThat(context.getBean(HealthContributorRegistry.class).getContributor("cooperativeJdbc"))
					.isNotNull();
				HealthEndpointGroups groups = context.getBean(HealthEndpointGroups.class);
				assertThat(groups.getPrimary().isMember("cooperativeJdbc")).isTrue();
				assertThat(group(groups, "readiness").isMember("cooperativeJdbc")).isEqualTo(included);
				assertThat(group(groups, "liveness").isMember("cooperativeJdbc")).isFalse();
			});
	}

	private static HealthEndpointGroup group(HealthEndpointGroups groups, String name) {
		return Objects.requireNonNull(groups.get(name));
	}

	@Test
	void absentWhenOffAndWithoutTheLibrary() {
		this.contextRunner.withPropertyValues("management.health.cooperativejdbc.enabled=false")
			.run((context) -> assertThat(context).hasNotFailed().doesNotHaveBean(CooperativeJdbcHealthIndicator.class));
		this.contextRunner.withPropertyValues("cooperative.jdbc.enabled=false")
			.run((context) -> assertThat(context).hasNotFailed().doesNotHaveBean(CooperativeJdbcHealthIndicator.class));
		this.contextRunner.withClassLoader(new FilteredClassLoader(HealthIndicator.class))
			.run((context) -> assertThat(context).hasNotFailed()
				.doesNotHaveBean(CooperativeJdbcHealthContributorAutoConfiguration.class));
	}

	@Test
	void timeMustBePositive() {
		this.contextRunner.withPropertyValues("cooperative.jdbc.health.down-after=0s")
			.run((context) -> assertThat(context.getStartupFailure())
				.hasStackTraceContaining("Property cooperative.jdbc.health.down-after with value 'PT0S' is invalid"));
	}

	private static Health health(ApplicationContext context) {
		return Objects.requireNonNull(context.getBean(CooperativeJdbcHealthIndicator.class).health());
	}

}
