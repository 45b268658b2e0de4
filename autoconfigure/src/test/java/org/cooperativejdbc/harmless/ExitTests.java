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

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

import org.cooperativejdbc.test.TestDatabase;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import org.springframework.boot.CommandLineRunner;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * An application that ends itself from within a transaction, whose connection then never
 * comes back: nobody waits for it.
 */
@Timeout(120)
class ExitTests {

	private static final int STATUS = 7;

	@ParameterizedTest
	@CsvSource({ "false, virtual", "true, virtual" })
	void endsWithoutWaitingForItself(boolean starter, String model) throws Exception {
		List<String> command = new ArrayList<>(
				List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-XX:TieredStopAtLevel=1",
						"-cp", System.getProperty("java.class.path"), Application.class.getName()));
		for (String property : TestDatabase.instance().properties()) {
			command.add("--" + property);
		}
		command.addAll(List.of("--cooperative.jdbc.enabled=" + starter, "--cooperative.jdbc.model=" + model,
				"--spring.main.web-application-type=none", "--cooperative.jdbc.cancel-grace=80s",
				"--spring.lifecycle.timeout-per-shutdown-phase=80s"));
		Process process = new ProcessBuilder(command).redirectErrorStream(true)
			.redirectOutput(ProcessBuilder.Redirect.DISCARD)
			.start();
		try {
			assertThat(process.waitFor(40, TimeUnit.SECONDS)).as("ended").isTrue();
			assertThat(process.exitValue()).isEqualTo(STATUS);
		}
		finally {
			process.destroyForcibly();
		}
	}

	@SpringBootConfiguration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	public static class Application {

		public static void main(String[] args) {
			SpringApplication.run(Application.class, args);
		}

		@Bean
		CommandLineRunner exiting(JdbcTemplate jdbc, PlatformTransactionManager transactionManager) {
			return (args) -> new TransactionTemplate(transactionManager).executeWithoutResult((status) -> {
				jdbc.execute("select 1");
				System.exit(STATUS);
			});
		}

	}

}
