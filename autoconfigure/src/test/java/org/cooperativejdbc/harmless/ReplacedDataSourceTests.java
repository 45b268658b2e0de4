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

import javax.sql.DataSource;

import org.cooperativejdbc.CooperativeJdbc;
import org.cooperativejdbc.Finding;
import org.cooperativejdbc.autoconfigure.CooperativeJdbcAutoConfiguration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.mockito.Mockito;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.jdbc.datasource.embedded.EmbeddedDatabase;
import org.springframework.jdbc.datasource.embedded.EmbeddedDatabaseBuilder;
import org.springframework.jdbc.datasource.embedded.EmbeddedDatabaseType;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests that put another data source in the place of the application's, whose pool has
 * settings of its own: an embedded database, as {@code @DataJpaTest} does, or a mock.
 */
class ReplacedDataSourceTests {

	private final ApplicationContextRunner contextRunner = new ApplicationContextRunner()
		.withConfiguration(
				AutoConfigurations.of(CooperativeJdbcAutoConfiguration.class, DataSourceAutoConfiguration.class))
		.withPropertyValues("cooperative.jdbc.model=virtual", "cooperative.jdbc.pools.dataSource.max-waiting=5");

	@ParameterizedTest
	@ValueSource(booleans = { false, true })
	void embedded(boolean starter) {
		assertStarts(starter, Embedded.class);
	}

	@ParameterizedTest
	@ValueSource(booleans = { false, true })
	void mocked(boolean starter) {
		assertStarts(starter, Mocked.class);
	}

	private void assertStarts(boolean starter, Class<?> source) {
		this.contextRunner.withUserConfiguration(source)
			.withPropertyValues("cooperative.jdbc.enabled=" + starter)
			.run((context) -> {
				assertThat(context).hasNotFailed().hasSingleBean(DataSource.class);
				if (starter) {
					assertThat(context.getBean(CooperativeJdbc.class).findings()).extracting(Finding::problem)
						.containsExactly("cooperative.jdbc.pools.dataSource is set, but 'dataSource' is no HikariCP"
								+ " pool that could have a queue");
				}
			});
	}

	@Configuration(proxyBeanMethods = false)
	static class Embedded {

		@Bean
		EmbeddedDatabase dataSource() {
			return new EmbeddedDatabaseBuilder().setType(EmbeddedDatabaseType.H2).generateUniqueName(true).build();
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class Mocked {

		@Bean
		DataSource dataSource() {
			return Mockito.mock();
		}

	}

}
