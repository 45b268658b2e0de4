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

import org.cooperativejdbc.carrier.CarriedThreads;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.ConfigurableApplicationContext;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatException;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

/**
 * What a user reads when an application with bad settings is started.
 */
@ExtendWith(OutputCaptureExtension.class)
class FailureAnalyzerTests {

	@Test
	void unknownModel(CapturedOutput output) {
		assertThatException().isThrownBy(() -> start("cooperative.jdbc.model=fibers"));
		assertThat(output).contains("cooperative.jdbc.model", "fibers", "AUTO", "EVENT_LOOP", "PLATFORM", "VIRTUAL");
	}

	@ParameterizedTest
	@ValueSource(ints = { 0, -1 })
	void noEventLoops(int threads, CapturedOutput output) {
		assertThatException().isThrownBy(() -> start("cooperative.jdbc.event-loop.threads=" + threads));
		assertThat(output).contains("cooperative.jdbc.event-loop.threads", "'" + threads + "'",
				"There must be at least one event loop.");
	}

	@ParameterizedTest
	@CsvSource(delimiter = '|', quoteCharacter = '"',
			textBlock = """
					pools.dataSource.max-wait=2s | must be shorter than the 'connection-timeout' of the data source 'dataSource', which is 1000 ms
					pools.dataSource.reserve=3   | must be less than the 'maximum-pool-size' of the data source 'dataSource', which is 3
					pools.dataSource.max-wait=0s | It must be a positive duration
					pools.jdbcTemplate.enabled=true | The bean 'jdbcTemplate' is no HikariCP pool
					admission.max-wait=0s        | It must be a positive duration
					admission.max-waiting=-1     | It must not be negative
					admission.reserve=-1         | It must not be negative
					request-timeout=0s           | It must be a positive duration
					cancel-grace=0s              | It must be a positive duration
					""")
	void limitsThatDoNotFit(String property, String message, CapturedOutput output) {
		assertThatException()
			.isThrownBy(() -> start("cooperative.jdbc." + property, "spring.datasource.hikari.connection-timeout=1000",
					"spring.datasource.hikari.maximum-pool-size=3", "cooperative.jdbc.model=virtual"));
		assertThat(output).contains("cooperative.jdbc.", message);
	}

	@Test
	void limitIsLookedAtWhereNothingElseIsCreatedAtStartup(CapturedOutput output) {
		assertThatException().isThrownBy(() -> start("cooperative.jdbc.cancel-grace=0s",
				"cooperative.jdbc.model=platform", "spring.main.lazy-initialization=true"));
		assertThat(output).contains("cooperative.jdbc.cancel-grace", "It must be a positive duration");
	}

	/**
	 * What was set for all pools is made to fit each of them.
	 */
	@ParameterizedTest
	@ValueSource(strings = { "admission.max-wait=2s", "admission.reserve=3", "request-timeout=400ms" })
	void limitsForAllPoolsAreMadeToFit(String property) {
		start("cooperative.jdbc." + property, "spring.datasource.hikari.connection-timeout=1000",
				"spring.datasource.hikari.maximum-pool-size=3", "cooperative.jdbc.model=virtual");
	}

	@Test
	void uncooperativeDataSource(CapturedOutput output) {
		assertThatException()
			.isThrownBy(() -> start("cooperative.jdbc.model=virtual", "cooperative.jdbc.required=true"));
		assertThat(output).contains("The data source 'dataSource' is not cooperative: h2 has no socket factory",
				"'cooperative.jdbc.required' is true", "Use PostgreSQL");
	}

	@Test
	@Tag("java-lang-closed")
	void eventLoopInAClosedJvmNamesTheLineToAdd(CapturedOutput output) {
		assumeTrue(CarriedThreads.unavailableReason() != null);
		assertThatException().isThrownBy(() -> start("cooperative.jdbc.model=event-loop"));
		assertThat(output).contains("'event-loop' is not available: java.lang not open", CarriedThreads.OPEN_OPTION,
				"Add-Opens: java.base/java.lang");
	}

	@Test
	void unrelatedFailureIsNotAnalyzed() {
		assertThat(new UncooperativeDataSourceFailureAnalyzer().analyze(new IllegalStateException())).isNull();
		assertThat(new ConcurrencyModelUnavailableFailureAnalyzer().analyze(new IllegalStateException())).isNull();
	}

	private static void start(String... properties) {
		try (ConfigurableApplicationContext context = new SpringApplicationBuilder(Application.class)
			.web(WebApplicationType.NONE)
			.properties("spring.datasource.url=jdbc:h2:mem:failures")
			.properties(properties)
			.run()) {
			assertThat(context.isActive()).isTrue();
		}
	}

	@SpringBootConfiguration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	static class Application {

	}

}
