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

package org.cooperativejdbc.benchmark.chart;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link Charts}.
 */
class ChartsTests {

	@TempDir
	private Path directory;

	@Test
	void eachLoadHasAChartThatNamesItsVariantsAndFigures() throws IOException {
		Files.writeString(this.directory.resolve("driver.csv"),
				"""
						scenario,variant,concurrency,db_latency_ms,round,ops_per_s,cpu_us_per_op,ctx_switches_per_op,p50_ms,p99_ms,errors,rss_mb
						driver,virtual,32,2,1,14500,24.2,2,2.2,3,0,150
						driver,event-loop,32,2,1,14600,15.1,1,2.2,2.9,0,150
						driver,virtual,16,0,1,80000,20,2,2.2,3,0,150
						""");
		new Charts(this.directory).call();
		assertThat(this.directory.resolve("driver-16-0ms.svg")).exists();
		assertThat(this.directory.resolve("driver-32-2ms.svg")).content()
			.contains("<svg", "event-loop", "15.1", "virtual", "24.2", "less is better");
	}

}
