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

import java.util.List;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link Table} and {@link Spread}.
 */
class TableTests {

	@Test
	void theMedianIsTheMiddleOrTheMeanOfTheMiddleTwo() {
		assertThat(Spread.of(List.of(9, 1, 2), Integer::doubleValue)).isEqualTo(new Spread(2, 1, 9));
		assertThat(Spread.of(List.of(9, 1, 2, 4), Integer::doubleValue)).isEqualTo(new Spread(3, 1, 9));
	}

	@Test
	void aRowHasMediansExtremesAndRatios() {
		String table = Table.of(
				List.of(measurement("virtual", 1, 100, 24), measurement("virtual", 2, 120, 26),
						measurement("virtual", 3, 110, 25), measurement("event-loop", 1, 220, 15)),
				(variant) -> "virtual");
		String[] lines = table.split("\n");
		assertThat(lines).hasSize(3);
		assertThat(lines[0]).startsWith("variant").contains("CPU µs/op");
		assertThat(lines[1]).startsWith("virtual ").contains("110 [100–120]").contains("25.0 [24.0–26.0]");
		assertThat(lines[2]).startsWith("event-loop ").contains("220 [220–220]  2.20").contains("0.63");
		assertThat(lines[0]).hasSameSizeAs(lines[1]).hasSameSizeAs(lines[2]);
	}

	@Test
	void aRatioIsTheMedianOfThoseOfTheRounds() {
		String table = Table.of(
				List.of(measurement("virtual", 1, 100, 10), measurement("virtual", 2, 100, 20),
						measurement("virtual", 3, 100, 40), measurement("event-loop", 1, 100, 9),
						measurement("event-loop", 2, 100, 10), measurement("event-loop", 3, 100, 32)),
				(variant) -> "virtual");
		assertThat(table.split("\n")[2]).contains("10.0 [9.00–32.0]  0.80");
	}

	@Test
	void withoutTheReferenceThereAreNoRatios() {
		assertThat(Table.of(List.of(measurement("event-loop", 1, 220, 15)), (variant) -> "virtual"))
			.doesNotContain("1.00");
	}

	@Test
	void ratiosToOtherVariantsAreMediansOfThoseOfTheRounds() {
		String[] lines = Table.ratios(
				List.of(measurement("pgbench", 1, 100, 10), measurement("pgbench", 2, 100, 20),
						measurement("event-loop", 1, 200, 8), measurement("event-loop", 2, 200, 18)),
				List.of("pgbench", "vertx-pg"))
			.split("\n");
		assertThat(lines[0]).matches("variant +÷ pgbench: ops/s +CPU +p99 +÷ vertx-pg: ops/s +CPU +p99");
		assertThat(lines[1].strip()).matches("pgbench +1.00 +1.00 +1.00");
		assertThat(lines[2].strip()).matches("event-loop +2.00 +0.85 +1.00");
	}

	private static Measurement measurement(String variant, int round, double opsPerSecond, double cpuMicros) {
		return new Measurement("driver", variant, 32, 2, round, opsPerSecond, cpuMicros, 0.5, 2, 3, 0, 150);
	}

}
