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
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

import org.cooperativejdbc.benchmark.driver.DriverScenario;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.tuple;

/**
 * Tests for {@link Rounds}.
 */
class RoundsTests {

	private static final Cell CELL = new Cell("scenario", "operation", 1, 0);

	@TempDir
	private Path directory;

	private final List<String> events = new ArrayList<>();

	@Test
	void everyRoundBeginsWithAnotherVariant() throws IOException {
		measure(3, 1, recorded("a"), recorded("b"));
		assertThat(this.events).containsExactly("start a", "start b", "a", "b", "b", "a", "a", "b", "close a",
				"close b");
	}

	@Test
	void variantsAreStartedAnewAsOftenAsAskedFor() throws IOException {
		List<Measurement> measurements = measure(1, 2, recorded("a"), recorded("b"));
		assertThat(this.events).containsExactly("start a", "start b", "a", "b", "close a", "close b", "start a",
				"start b", "a", "b", "close a", "close b");
		assertThat(measurements).extracting(Measurement::variant, Measurement::round)
			.containsExactly(tuple("a", 1), tuple("a", 2), tuple("b", 1), tuple("b", 2));
		assertThat(MeasurementFile.read(this.directory.resolve("scenario.csv")))
			.containsExactlyInAnyOrderElementsOf(measurements);
	}

	@Test
	void whatHasBeenStartedIsClosedWhenAVariantFails() {
		assertThatIOException().isThrownBy(() -> measure(1, 2, recorded("a"), (cell, database, options) -> {
			throw new IOException("expected");
		})).withMessage("expected");
		assertThat(this.events).containsExactly("start a", "close a");
	}

	private List<Measurement> measure(int rounds, int starts, Variant... variants) throws IOException {
		Run run = new Run(new DriverScenario(), this.directory);
		new CommandLine(run).parseArgs("--rounds", Integer.toString(rounds), "--starts", Integer.toString(starts));
		Options options = run.options();
		try (Database database = Database.open(options.url(), options.tls(), this.directory);
				MeasurementFile file = new MeasurementFile(this.directory.resolve("scenario.csv"))) {
			PrintStream out = new PrintStream(OutputStream.nullOutputStream());
			return new Rounds(options, database, file, out).measure(CELL, List.of(variants), 1);
		}
	}

	private Variant recorded(String name) {
		return new Recorded(name, this.events);
	}

	private record Recorded(String name, List<String> events) implements Variant, Contestant {

		@Override
		public Contestant start(Cell cell, Database database, Options options) {
			this.events.add("start " + this.name);
			return this;
		}

		@Override
		public void warmUp(int limitSeconds) {
		}

		@Override
		public Sample round(int seconds) {
			this.events.add(this.name);
			return new Sample(1, 1, 1, 1, 1, 0, 1);
		}

		@Override
		public void close() {
			this.events.add("close " + this.name);
		}

		@Override
		public String toString() {
			return this.name;
		}

	}

}
