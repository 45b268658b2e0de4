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

import java.util.stream.Stream;

import org.cooperativejdbc.test.TestDatabase;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.test.util.TestPropertyValues;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import org.springframework.jdbc.core.JdbcTemplate;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * An auto-configured context that no {@code SpringApplication} has made, as where Spring
 * Boot is part of another container: its environment knows neither relaxed names nor the
 * conversions of Spring Boot.
 */
class PlainContextTests {

	@ParameterizedTest
	@CsvSource({ "false, virtual", "true, platform", "true, virtual", "true, event-loop" })
	void starts(boolean starter, String model) {
		try (AnnotationConfigApplicationContext context = new AnnotationConfigApplicationContext()) {
			TestPropertyValues.of(Stream.concat(Stream.of(TestDatabase.instance().properties()),
					Stream.of("cooperative.jdbc.enabled=" + starter, "cooperative.jdbc.model=" + model,
							"spring.threads.virtual.enabled=true", "spring.lifecycle.timeout-per-shutdown-phase=5s")))
				.applyTo(context);
			context.register(Application.class);
			context.refresh();
			assertThat(context.getBean(JdbcTemplate.class).queryForObject("select 1", Integer.class)).isOne();
		}
	}

	@SpringBootConfiguration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	static class Application {

	}

}
