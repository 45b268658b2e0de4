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
import java.util.Map;

import javax.sql.DataSource;

import org.cooperativejdbc.pool.CooperativeDataSource;
import org.flywaydb.core.Flyway;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.jdbc.core.JdbcTemplate;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Flyway, which borrows two connections at once on the thread that starts the
 * application, before anything was warmed up.
 */
@Timeout(60)
class MigrationTests {

	@ParameterizedTest
	@CsvSource({ "false, virtual", "true, virtual", "true, event-loop" })
	void databaseIsMigratedAtStartup(boolean starter, String model) {
		try (ConfigurableApplicationContext context = Trial.start(starter, model, List.of(Application.class),
				"spring.datasource.hikari.maximum-pool-size=2", "spring.datasource.hikari.connection-timeout=5000")) {
			assertThat(context.getBean(JdbcTemplate.class)
				.queryForObject("select count(*) from migrated.things", Integer.class)).isEqualTo(2);
			assertThat(context.getBean(Flyway.class).info().applied()).hasSizeGreaterThanOrEqualTo(2);
			assertThat(context.getBeansOfType(CooperativeDataSource.class).values())
				.allSatisfy((pool) -> assertThat(pool.getPlacesTaken()).isZero());
			context.getBean(Flyway.class).clean();
		}
	}

	@SpringBootConfiguration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	static class Application {

		@Bean(initMethod = "migrate")
		Flyway flyway(DataSource dataSource) {
			return Flyway.configure()
				.dataSource(dataSource)
				.locations("classpath:migrations")
				.schemas("migrated")
				.placeholders(Map.of("table", "migrated.things"))
				.cleanDisabled(false)
				.load();
		}

	}

}
