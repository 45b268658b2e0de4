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

package org.cooperativejdbc.carrier;

import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The JDK starts the threads that poll its sockets once, when the first virtual thread
 * waits for one, so that takes a JVM of its own.
 */
class JdkPollerTests {

	@Test
	void pollersOfTheJdkAreNotCarriedByTheLoopThatFirstWaitsForASocketOfTheJdk() throws Exception {
		Process process = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(),
				"--add-opens=java.base/java.lang=ALL-UNNAMED", "-cp",
				System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
				JdkPollerMain.class.getName())
			.redirectErrorStream(true)
			.start();
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
