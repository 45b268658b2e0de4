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

package org.cooperativejdbc.benchmark;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link MeasurementFile}.
 */
class MeasurementFileTests {

	@TempDir
	private Path directory;

	@Test
	void rowsAreWrittenInTheOrderOfTheHeaderAndReadAgain() throws IOException {
		Path file = this.directory.resolve("driver.csv");
		Measurement measurement = new Measurement("driver", "event-loop", 32, 2, 1, 14512.34567, 15.25, 1.5, 2.2, 2.9,
				0, 180.5);
		try (MeasurementFile measurements = new MeasurementFile(file)) {
			measurements.add(measurement);
		}
		assertThat(Files.readAllLines(file)).containsExactly(
				"scenario,variant,concurrency,db_latency_ms,round,ops_per_s,cpu_us_per_op,ctx_switches_per_op,"
						+ "p50_ms,p99_ms,errors,rss_mb",
				"driver,event-loop,32,2,1,14512.346,15.25,1.5,2.2,2.9,0,180.5");
		assertThat(MeasurementFile.read(file)).containsExactly(measurement);
	}

	@Test
	void whatThisMachineCannotTellIsNotANumber() throws IOException {
		Path file = this.directory.resolve("driver.csv");
		Measurement measurement = new Measurement("driver", "event-loop", 32, 2, 1, 1, 1, Double.NaN, 1, 1, 0,
				Double.NaN);
		try (MeasurementFile measurements = new MeasurementFile(file)) {
			measurements.add(measurement);
		}
		assertThat(MeasurementFile.read(file)).containsExactly(measurement);
	}

}
