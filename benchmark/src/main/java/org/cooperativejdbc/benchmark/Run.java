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
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;

import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.ParameterException;

/**
 * Runs a scenario: all of its cells, and at the end their tables.
 */
@Command(sortOptions = false, sortSynopsis = false, mixinStandardHelpOptions = true)
final class Run implements Callable<Integer> {

	private final Scenario scenario;

	private final Path directory;

	@Mixin
	private Options options = new Options();

	Run(Scenario scenario, Path directory) {
		this.scenario = scenario;
		this.directory = directory;
	}

	Options options() {
		return this.options;
	}

	@Override
	public Integer call() throws IOException {
		List<Variant> variants = new ArrayList<>(variants());
		checkGeometry();
		variants.removeIf(Run::missing);
		String notice = this.scenario.notice();
		if (notice != null) {
			System.out.println(notice);
		}
		String name = this.scenario + (this.options.tls() ? "-tls" : "");
		Files.createDirectories(this.directory);
		List<String> tables = new ArrayList<>();
		try (Database database = open();
				MeasurementFile file = new MeasurementFile(this.directory.resolve(name + ".csv"))) {
			Rounds rounds = new Rounds(this.options, database, file, System.out);
			for (Cell cell : this.scenario.cells(name, this.options)) {
				List<Measurement> measurements = rounds.measure(cell, variants,
						this.options.seconds(this.scenario.seconds()));
				tables.add(cell + "\n\n" + Table.of(measurements, this.scenario::reference));
				if (!this.options.versus().isEmpty()) {
					tables.add(Table.ratios(measurements, this.options.versus()));
				}
			}
			tables.add(this.scenario.conclude(database, this.options, this.directory));
		}
		System.out.println("\n" + String.join("\n", tables));
		return 0;
	}

	private List<? extends Variant> variants() {
		try {
			return this.options.select(this.scenario.variants());
		}
		catch (IllegalArgumentException ex) {
			throw invalid(ex.getMessage());
		}
	}

	private void checkGeometry() {
		if (this.options.distance() != 0 && !this.options.apart()) {
			throw invalid("--distance needs --apart");
		}
		if (this.options.apart()) {
			String reason = (this.options.url() != null)
					? "--apart starts a server of its own, so there can be no --url" : Apart.unavailableReason();
			if (reason != null) {
				throw invalid(reason);
			}
		}
	}

	private ParameterException invalid(@Nullable String message) {
		return new ParameterException(new CommandLine(this).setCommandName("benchmark/run " + this.scenario), message);
	}

	private Database open() throws IOException {
		return this.options.apart() ? Database.openApart(this.options.tls(), this.directory, this.options.distance())
				: Database.open(this.options.url(), this.options.tls(), this.directory);
	}

	private static boolean missing(Variant variant) {
		String reason = variant.missing();
		if (reason != null) {
			System.out.println("Left out: " + variant + " (" + reason + ")");
		}
		return reason != null;
	}

}
