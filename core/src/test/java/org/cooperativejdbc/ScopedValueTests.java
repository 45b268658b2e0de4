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

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledForJreRange;
import org.junit.jupiter.api.condition.JRE;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What the documentation says of scoped values, which are newer than what the tests are
 * compiled for.
 */
@Timeout(60)
@EnabledForJreRange(min = JRE.JAVA_25, disabledReason = "Scoped values are final since JDK 25")
class ScopedValueTests {

	static final Path SOURCE = Path.of("src", "it", "scoped-values", "ScopedValues.java");

	@Test
	void boundValueStaysOnItsThreadUnlessItIsBoundAnew() throws Exception {
		Process process = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(),
				"-Xshare:auto", "-XX:TieredStopAtLevel=1", "-cp",
				System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
				SOURCE.toString())
			.redirectErrorStream(true)
			.start();
		try {
			List<String> output = process.inputReader().lines().toList();
			assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
			assertThat(output).contains("within: true", "call: false", "executor: false",
					"offload on a platform thread: true", "offload on a virtual thread: false",
					"found: customer 7 of acme");
		}
		finally {
			process.destroyForcibly();
		}
	}

}
