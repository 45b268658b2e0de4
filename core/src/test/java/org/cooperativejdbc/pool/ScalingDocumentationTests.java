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

package org.cooperativejdbc.pool;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

import org.cooperativejdbc.pool.FleetSimulation.Result;
import org.cooperativejdbc.pool.FleetSimulation.Setup;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

/**
 * The tables of {@code docs/scaling.md} are what {@link FleetSimulation} and Little's law
 * say, and what the simulation says of a single machine is what was measured on one.
 */
class ScalingDocumentationTests {

	private static final Path DOCUMENTATION = Path.of("..", "docs", "scaling.md");

	private static final Path MEASUREMENTS = Path.of("..", "docs", "internals", "measurements.md");

	private static final int USABLE = 397;

	private static final int SLOTS = 32;

	private static final double SECONDS = 0.005;

	private static final double RATE = 5000;

	@Test
	void tableOfTheFleetIsThatOfTheSimulation() throws IOException {
		List<String> rows = new ArrayList<>();
		for (int instances : new int[] { 1, 4, 10, 40, 100, 200, 390, 1000 }) {
			int size = Math.min(PoolSize.TARGET, USABLE / instances);
			String own = (size > 0) ? row(size, run(instances, size, Integer.MAX_VALUE)) : "none left | – | – | –";
			int pooled = Math.clamp(4 * SLOTS / instances, 4, PoolSize.TARGET);
			rows.add(String.format(Locale.ROOT, "| %,d | %s | %s |", instances, own,
					row(pooled, run(instances, pooled, SLOTS))));
		}
		assertThat(rows("| instances |")).isEqualTo(rows);
	}

	private static String row(int size, Result result) {
		return String.format(Locale.ROOT, "%d | %.1f %% | %.0f ms | %d", size, 100 * result.waited(),
				1000 * result.p99(), result.peak());
	}

	private static Result run(int instances, int size, int connections) {
		return FleetSimulation.run(new Setup(instances, size, connections, SLOTS, SECONDS, false, RATE, 0));
	}

	@Test
	void tableOfReplicasIsThatOfLittlesLaw() throws IOException {
		List<String> rows = new ArrayList<>();
		double one = SLOTS / SECONDS;
		for (int replicas : new int[] { 0, 1, 2, 4, 9, 20 }) {
			rows.add(String.format(Locale.ROOT, "| %d | %,.0f | %,.0f | %,.0f |", replicas,
					capacity(one, replicas, 0.5), capacity(one, replicas, 0.8), capacity(one, replicas, 0.95)));
		}
		assertThat(rows("| replicas |")).isEqualTo(rows);
	}

	/**
	 * Reads can be done by any server, and the rest by the primary only.
	 */
	private static double capacity(double one, int replicas, double reads) {
		return Math.min(one * (replicas + 1), one / (1 - reads));
	}

	/**
	 * The measured figures stand among the others, and are near to what is simulated.
	 */
	@Test
	void simulationIsNearToWhatWasMeasured() throws IOException {
		List<Point> points = List.of(
				new Point(32, 32, 2.18, 14_494, 2.18, "| `event-loop` | 14,494 [13,186–14,582] |", " | 2.18 |"),
				new Point(16, 16, 0.47, 34_210, 0.47, "| `event-loop` | 34,210 [29,689–35,213] |", " | 0.47 |"),
				new Point(5000, 16, 20, 696, 7000, "| `webmvc-virtual` (Spring Boot as it is) | 696 | 7.0 s,", ""),
				new Point(5000, 16, 20, 728, 6800, "| `webflux-virtual` (Spring Boot as it is) | 728 | 6.8 s,", ""));
		List<String> rows = new ArrayList<>();
		for (Point point : points) {
			assertThat(Files.readAllLines(MEASUREMENTS))
				.anyMatch((line) -> line.startsWith(point.row()) && line.contains(point.cell()));
			Result result = FleetSimulation
				.run(Setup.closed(point.clients(), point.connections(), point.millis() / 1000));
			assertThat(point.rate() / result.rate()).isCloseTo(1, within(0.15));
			assertThat(point.p50() / (1000 * result.p50())).isCloseTo(1, within(0.15));
			rows.add(String.format(Locale.ROOT, "| %,d | %d | %s ms | %,.0f | %,.0f | %s | %s |", point.clients(),
					point.connections(), number(point.millis()), result.rate(), point.rate(),
					number(1000 * result.p50()) + " ms", number(point.p50()) + " ms"));
		}
		assertThat(rows("| clients |")).isEqualTo(rows);
	}

	private static String number(double value) {
		return (value < 10) ? String.format(Locale.ROOT, "%.2f", value) : String.format(Locale.ROOT, "%,.0f", value);
	}

	private static List<String> rows(String header) throws IOException {
		List<String> lines = Files.readAllLines(DOCUMENTATION);
		int first = lines.stream().map((line) -> line.startsWith(header)).toList().indexOf(true);
		assertThat(first).as("table " + header).isNotNegative();
		return lines.stream().skip(first + 2).takeWhile((line) -> line.startsWith("|")).toList();
	}

	/**
	 * What was measured.
	 *
	 * @param clients how many clients
	 * @param connections on how many connections
	 * @param millis for how long each request holds one
	 * @param rate how many were served a second
	 * @param p50 how long they took, in milliseconds
	 * @param row how the row of the measurement begins
	 * @param cell what is in it, too
	 */
	private record Point(int clients, int connections, double millis, double rate, double p50, String row,
			String cell) {

	}

}
