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

import org.cooperativejdbc.test.TestDatabase;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.ConfigurableApplicationContext;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * An application with what Spring Boot manages, and nothing wrong, starts with two lines
 * at level INFO and, but for what is wrong with the JDK, without a warning.
 */
@ExtendWith(OutputCaptureExtension.class)
class QuietStartTests {

	@ParameterizedTest
	@CsvSource({ "false, auto, 0", "true, auto, 2", "true, event-loop, 2" })
	void saysNoMoreThanItMust(boolean starter, String model, int lines, CapturedOutput output) {
		try (ConfigurableApplicationContext context = new SpringApplicationBuilder(Application.class)
			.web(WebApplicationType.SERVLET)
			.properties(TestDatabase.instance().properties())
			.properties("server.port=0", "cooperative.jdbc.enabled=" + starter, "cooperative.jdbc.model=" + model,
					"spring.threads.virtual.enabled=true",
					"spring.autoconfigure.exclude=org.springframework.boot.jetty.autoconfigure.servlet.JettyServletWebServerAutoConfiguration")
			.run()) {
			assertThat(context.isActive()).isTrue();
		}
		assertThat(output.toString()
			.lines()
			.filter((line) -> line.contains("Cooperative JDBC"))
			.filter((line) -> line.contains("INFO"))).hasSize(lines);
		assertThat(output.toString().lines().filter((line) -> line.startsWith("    - ")))
			.allMatch((line) -> line.contains("[jdk-"));
		assertThat(output.toString().split("Cooperative JDBC found:", -1)).hasSizeLessThanOrEqualTo(2);
	}

	@SpringBootConfiguration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	static class Application {

	}

}
