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
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

import org.cooperativejdbc.test.TestDatabase;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link TestDatabase}.
 */
class TestDatabaseTests {

	/**
	 * Small systems have no locale but C, whatever the environment says.
	 */
	@Test
	void embeddedServerStartsWhereTheLocaleIsNotInstalled() throws Exception {
		ProcessBuilder builder = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(),
				"-Dtest.database.embedded=true", "-cp",
				System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
				TestDatabaseMain.class.getName())
			.redirectErrorStream(true);
		builder.environment().put("LC_ALL", "xx_XX.UTF-8");
		Process process = builder.start();
		try {
			CompletableFuture<String> output = CompletableFuture
				.supplyAsync(() -> String.join("\n", process.inputReader().lines().toList()));
			assertThat(process.waitFor(120, TimeUnit.SECONDS)).isTrue();
			assertThat(process.exitValue()).as(output.get(20, TimeUnit.SECONDS)).isZero();
		}
		finally {
			process.destroyForcibly();
		}
	}

}
