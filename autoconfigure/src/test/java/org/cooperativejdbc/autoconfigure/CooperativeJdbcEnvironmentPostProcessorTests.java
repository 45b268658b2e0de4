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

package org.cooperativejdbc.autoconfigure;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.context.properties.bind.BindException;
import org.springframework.mock.env.MockEnvironment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests for {@link CooperativeJdbcEnvironmentPostProcessor}.
 */
class CooperativeJdbcEnvironmentPostProcessorTests {

	private final MockEnvironment environment = new MockEnvironment();

	private boolean virtualThreads(WebApplicationType type) {
		SpringApplication application = new SpringApplication();
		application.setWebApplicationType(type);
		new CooperativeJdbcEnvironmentPostProcessor().postProcessEnvironment(this.environment, application);
		return this.environment.getProperty("spring.threads.virtual.enabled", Boolean.class, false);
	}

	@Test
	void servletApplicationStaysAsItIs() {
		assertThat(virtualThreads(WebApplicationType.SERVLET)).isFalse();
	}

	@Test
	void reactiveApplicationGetsVirtualThreads() {
		assertThat(virtualThreads(WebApplicationType.REACTIVE)).isTrue();
	}

	@ParameterizedTest
	@EnumSource
	void propertyWinsOverCodeAndClassPath(WebApplicationType type) {
		this.environment.setProperty("spring.main.web-application-type", "none");
		assertThat(virtualThreads(type)).isFalse();
		this.environment.setProperty("spring.main.web-application-type", "reactive");
		assertThat(virtualThreads(type)).isTrue();
	}

	@Test
	void reactiveApplicationKeepsWhatTheUserSwitchedOff() {
		this.environment.setProperty("spring.threads.virtual.enabled", "false");
		assertThat(virtualThreads(WebApplicationType.REACTIVE)).isFalse();
	}

	@Test
	void explicitModelWinsOverSpringBootsProperty() {
		this.environment.setProperty("spring.threads.virtual.enabled", "false");
		this.environment.setProperty("cooperative.jdbc.model", "virtual");
		assertThat(virtualThreads(WebApplicationType.SERVLET)).isTrue();
		assertThat(DetectedConcurrencyModel.of(this.environment, null).reason())
			.isEqualTo("cooperative.jdbc.model=virtual, which wins over spring.threads.virtual.enabled=false");
	}

	@Test
	void explicitEventLoopSwitchesVirtualThreadsOn() {
		this.environment.setProperty("cooperative.jdbc.model", "event-loop");
		assertThat(virtualThreads(WebApplicationType.NONE)).isTrue();
	}

	@Test
	void nothingHappensWhenDisabled() {
		this.environment.setProperty("cooperative.jdbc.enabled", "false");
		this.environment.setProperty("cooperative.jdbc.model", "virtual");
		assertThat(virtualThreads(WebApplicationType.REACTIVE)).isFalse();
	}

	@Test
	void unknownModelNamesThePropertyAndItsValues() {
		this.environment.setProperty("cooperative.jdbc.model", "fibers");
		assertThatExceptionOfType(BindException.class).isThrownBy(() -> virtualThreads(WebApplicationType.NONE))
			.withMessageContaining("cooperative.jdbc.model");
	}

}
