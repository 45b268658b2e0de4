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

import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

import org.cooperativejdbc.test.Database;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The sample that is one file without a framework.
 */
@Timeout(120)
class OverlapSampleTests {

	@Test
	void downloadsAndQueriesOverlap() throws Exception {
		Database database = Database.POSTGRESQL;
		Process process = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-cp",
				System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
				Path.of("..", "sample-app", "plain", "Overlap.java").toString(), database.url(), database.username(),
				database.password())
			.redirectErrorStream(true)
			.start();
		try {
			List<String> output = process.inputReader().lines().toList();
			assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
			assertThat(process.exitValue()).as(String.join("\n", output)).isZero();
			List<String> jobs = output.stream().filter((line) -> line.matches(".*(fetch|download).*")).toList();
			assertThat(jobs).hasSize(8);
			assertThat(jobs.subList(0, 4)).allMatch((line) -> line.endsWith("starts"));
			assertThat(jobs.subList(4, 8)).allMatch((line) -> line.endsWith("ends"));
			assertThat(output).anyMatch((line) -> line.endsWith("s  done"));
		}
		finally {
			process.destroyForcibly();
		}
	}

}
