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

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import org.jspecify.annotations.Nullable;

/**
 * The medians of a cell for people: each with its extremes, and the columns that matter
 * with their ratio, round by round, to the variant that everything is compared with.
 */
public final class Table {

	private static final List<String> HEADER = List.of("variant", "ops/s", "×", "CPU µs/op", "×", "ctx/op", "p50 ms",
			"p99 ms", "×", "errors", "RSS MB");

	private Table() {
	}

	/**
	 * Return the table of the rounds of one cell.
	 * @param rounds the rows of the cell
	 * @param reference names the variant that the ratios of another one refer to
	 * @return lines of text
	 */
	public static String of(List<Measurement> rounds, UnaryOperator<String> reference) {
		Map<String, List<Measurement>> variants = variants(rounds);
		List<List<String>> rows = new ArrayList<>();
		rows.add(HEADER);
		variants.forEach((variant, measurements) -> rows
			.add(row(variant, measurements, variants.get(reference.apply(variant)))));
		return format(rows);
	}

	/**
	 * Return the table of the ratios to some variants.
	 * @param rounds the rows of the cell
	 * @param references the variants that the others are divided by
	 * @return lines of text
	 */
	static String ratios(List<Measurement> rounds, List<String> references) {
		Map<String, List<Measurement>> variants = variants(rounds);
		List<List<String>> rows = new ArrayList<>();
		rows.add(
				Stream
					.concat(Stream.of("variant"),
							references.stream()
								.flatMap((reference) -> Stream.of("÷ " + reference + ": ops/s", "CPU", "p99")))
					.toList());
		variants
			.forEach(
					(variant,
							measurements) -> rows.add(Stream
								.concat(Stream.of(variant),
										references.stream()
											.map(variants::get)
											.flatMap((reference) -> Stream.of(
													ratio(measurements, reference, Measurement::opsPerSecond),
													ratio(measurements, reference, Measurement::cpuMicros),
													ratio(measurements, reference, Measurement::p99Millis))))
								.toList()));
		return format(rows);
	}

	private static Map<String, List<Measurement>> variants(List<Measurement> rounds) {
		return rounds.stream()
			.collect(Collectors.groupingBy(Measurement::variant, LinkedHashMap::new, Collectors.toList()));
	}

	private static List<String> row(String variant, List<Measurement> rounds, @Nullable List<Measurement> reference) {
		return List.of(variant, spread(rounds, Measurement::opsPerSecond),
				ratio(rounds, reference, Measurement::opsPerSecond), spread(rounds, Measurement::cpuMicros),
				ratio(rounds, reference, Measurement::cpuMicros), median(rounds, Measurement::contextSwitches),
				median(rounds, Measurement::p50Millis), spread(rounds, Measurement::p99Millis),
				ratio(rounds, reference, Measurement::p99Millis),
				Long.toString(rounds.stream().mapToLong(Measurement::errors).sum()),
				median(rounds, Measurement::rssMegabytes));
	}

	private static String spread(List<Measurement> rounds, ToDoubleFunction<Measurement> column) {
		return Spread.of(rounds, column).format();
	}

	private static String median(List<Measurement> rounds, ToDoubleFunction<Measurement> column) {
		return Spread.of(rounds, column).formatMedian();
	}

	/**
	 * The median of the ratios of each round: the speed of a machine differs more from
	 * round to round than within one.
	 */
	private static String ratio(List<Measurement> rounds, @Nullable List<Measurement> reference,
			ToDoubleFunction<Measurement> column) {
		Map<Integer, Measurement> references = (reference != null)
				? reference.stream().collect(Collectors.toMap(Measurement::round, Function.identity())) : Map.of();
		List<Double> ratios = rounds.stream()
			.filter((measurement) -> references.containsKey(measurement.round()))
			.map((measurement) -> column.applyAsDouble(measurement)
					/ column.applyAsDouble(Objects.requireNonNull(references.get(measurement.round()))))
			.toList();
		return ratios.isEmpty() ? ""
				: String.format(Locale.ROOT, "%.2f", Spread.of(ratios, Double::doubleValue).median());
	}

	private static String format(List<List<String>> rows) {
		int[] widths = IntStream.range(0, rows.get(0).size())
			.map((column) -> rows.stream().mapToInt((row) -> row.get(column).length()).max().orElse(0))
			.toArray();
		return rows.stream().map((row) -> format(row, widths)).collect(Collectors.joining("\n", "", "\n"));
	}

	private static String format(List<String> row, int[] widths) {
		StringBuilder line = new StringBuilder();
		for (int column = 0; column < widths.length; column++) {
			String padding = " ".repeat(widths[column] - row.get(column).length());
			line.append((column == 0) ? row.get(column) + padding : "  " + padding + row.get(column));
		}
		return line.toString();
	}

}
