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

import com.zaxxer.hikari.HikariDataSource;
import org.cooperativejdbc.CooperativeJdbc;
import org.cooperativejdbc.CooperativeJdbc.Tuning;
import org.cooperativejdbc.test.TestDatabase;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.jdbc.DataSourceBuilder;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.core.env.Environment;
import org.springframework.jdbc.core.JdbcTemplate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatException;

/**
 * A second pool with one connection and little patience, for health or notifications,
 * beside limits that were set with the first one in mind.
 */
@ExtendWith(OutputCaptureExtension.class)
class SmallPoolTests {

	@ParameterizedTest
	@CsvSource({ "false, virtual, true", "true, platform, true", "true, virtual, true", "true, event-loop, true",
			"false, virtual, false", "true, platform, false", "true, virtual, false", "true, event-loop, false" })
	void limitsForAllPoolsAreMadeToFitEachPool(boolean starter, String model, boolean postgresql,
			CapturedOutput output) {
		try (ConfigurableApplicationContext context = start(postgresql, "cooperative.jdbc.enabled=" + starter,
				"cooperative.jdbc.model=" + model, "cooperative.jdbc.admission.enabled=true",
				"cooperative.jdbc.admission.max-wait=1s", "cooperative.jdbc.admission.reserve=1",
				"cooperative.jdbc.request-timeout=400ms")) {
			for (String name : new String[] { "dataSource", "small" }) {
				HikariDataSource pool = context.getBean(name, HikariDataSource.class);
				assertThat(new JdbcTemplate(pool).queryForObject("select 1", Integer.class)).isOne();
			}
			if (starter) {
				assertThat(context.getBean(CooperativeJdbc.class).tunings())
					.filteredOn((tuning) -> tuning.reason().contains("cooperative.jdbc.admission"))
					.extracting(Tuning::toString)
					.containsExactlyInAnyOrder(
							"small: max-wait=416ms (its connection-timeout is 500 ms, "
									+ "cooperative.jdbc.admission.max-wait 1000 ms)",
							"small: reserve=0 (its maximum-pool-size is 1, cooperative.jdbc.admission.reserve 1)");
				assertThat(output.toString().split("small: max-wait=416ms", -1)).as("said once").hasSize(2);
				assertThat(output.toString().split("small: reserve=0", -1)).as("said once").hasSize(2);
			}
		}
	}

	@ParameterizedTest
	@CsvSource(delimiter = '|', quoteCharacter = '"',
			textBlock = """
					pools.small.max-wait=1s     | shorter than the 'connection-timeout' of the data source 'small', which is 500 ms
					pools.small.max-wait=500ms  | shorter than the 'connection-timeout' of the data source 'small', which is 500 ms
					pools.small.max-wait=0s     | must be a positive duration
					pools.small.max-wait=-1s    | must be a positive duration
					pools.small.max-waiting=-1  | must not be negative
					pools.small.reserve=1       | less than the 'maximum-pool-size' of the data source 'small', which is 1
					pools.small.reserve=-1      | must not be negative
					pools.jdbcTemplate.reserve=0 | 'jdbcTemplate' is no HikariCP pool that could have a queue. Remove the property.
					admission.max-wait=-1s      | must be a positive duration
					request-timeout=-1s         | must be a positive duration
					cancel-grace=-1s            | must be a positive duration
					event-loop.stall-threshold=0s | must be a positive duration
					pool.instances=0            | at least one instance
					pool.surge=-1               | must not be negative
					pools.small.shares.weights.gold=0 | must be at least 1
					pools.small.shares.default-weight=0 | must be at least 1
					admission.shares.weights.gold=-1 | must be at least 1
					web.share-header=           | must be the name of a header
					""")
	void badValueIsNamedWithItsRemedy(String property, String message, CapturedOutput output) {
		assertThatException()
			.isThrownBy(() -> start(true, "cooperative.jdbc.model=virtual", "cooperative.jdbc." + property));
		assertThat(output).contains("'cooperative.jdbc."
				+ property.substring(0, property.indexOf('=')).replaceFirst("jdbcTemplate.reserve", "jdbcTemplate")
				+ "'", message);
	}

	private static ConfigurableApplicationContext start(boolean postgresql, String... properties) {
		return new SpringApplicationBuilder(Application.class).web(WebApplicationType.NONE)
			.properties(TestDatabase.instance().properties())
			.properties("small.url=" + (postgresql ? TestDatabase.instance().url() : "jdbc:h2:mem:small"))
			.properties(properties)
			.run();
	}

	@SpringBootConfiguration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	static class Application {

		@Bean
		HikariDataSource dataSource(Environment environment) {
			return pool(environment, "spring.datasource.url");
		}

		@Bean(defaultCandidate = false)
		HikariDataSource small(Environment environment) {
			HikariDataSource pool = pool(environment, "small.url");
			pool.setMaximumPoolSize(1);
			pool.setConnectionTimeout(500);
			return pool;
		}

		private static HikariDataSource pool(Environment environment, String url) {
			return DataSourceBuilder.create()
				.type(HikariDataSource.class)
				.url(environment.getRequiredProperty(url))
				.username(environment.getProperty("spring.datasource.username"))
				.password(environment.getProperty("spring.datasource.password"))
				.build();
		}

	}

}
