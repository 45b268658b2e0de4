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
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Measures the variants of a cell against each other. All of them are started and warmed
 * up, then each runs once in each round, so that whatever changes on the machine changes
 * for all. Every round starts with another one. Two JVMs that run the same code differ,
 * so all of that may be done more than once.
 */
final class Rounds {

	private final Options options;

	private final Database database;

	private final MeasurementFile file;

	private final PrintStream out;

	Rounds(Options options, Database database, MeasurementFile file, PrintStream out) {
		this.options = options;
		this.database = database;
		this.file = file;
		this.out = out;
	}

	List<Measurement> measure(Cell cell, List<? extends Variant> variants, int seconds) throws IOException {
		this.out.println("\n" + cell);
		this.database.latency(cell.latencyMillis());
		List<Measurement> measurements = new ArrayList<>();
		for (int start = 0; start < this.options.starts(); start++) {
			measurements.addAll(measure(cell, variants, start * this.options.rounds(), seconds));
		}
		List<String> names = variants.stream().map(Variant::toString).toList();
		measurements.sort((one, other) -> names.indexOf(one.variant()) - names.indexOf(other.variant()));
		return measurements;
	}

	private List<Measurement> measure(Cell cell, List<? extends Variant> variants, int roundsBefore, int seconds)
			throws IOException {
		Map<Variant, Contestant> contestants = new LinkedHashMap<>();
		try {
			for (Variant variant : variants) {
				this.out.println("  warming up " + variant);
				Contestant contestant = variant.start(cell, this.database, this.options);
				contestants.put(variant, contestant);
				contestant.warmUp(this.options.warmUp());
			}
			return measure(cell, contestants, roundsBefore, seconds);
		}
		finally {
			for (Contestant contestant : contestants.values()) {
				contestant.close();
			}
		}
	}

	private List<Measurement> measure(Cell cell, Map<Variant, Contestant> contestants, int roundsBefore, int seconds)
			throws IOException {
		List<Measurement> measurements = new ArrayList<>();
		List<Map.Entry<Variant, Contestant>> order = new ArrayList<>(contestants.entrySet());
		for (int round = roundsBefore + 1; round <= roundsBefore + this.options.rounds(); round++) {
			for (Map.Entry<Variant, Contestant> entry : order) {
				Variant variant = entry.getKey();
				Measurement measurement = Measurement.of(cell, variant, round, entry.getValue().round(seconds));
				this.file.add(measurement);
				measurements.add(measurement);
				this.out.printf("  round %d %s: %.0f ops/s, %.1f µs%n", round, variant, measurement.opsPerSecond(),
						measurement.cpuMicros());
			}
			Collections.rotate(order, -1);
		}
		return measurements;
	}

}
