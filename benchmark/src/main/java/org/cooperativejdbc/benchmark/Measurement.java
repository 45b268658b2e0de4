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

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;

/**
 * A row of the file: one variant in one round.
 */
@JsonPropertyOrder({ "scenario", "variant", "concurrency", "db_latency_ms", "round", "ops_per_s", "cpu_us_per_op",
		"ctx_switches_per_op", "p50_ms", "p99_ms", "errors", "rss_mb" })
public record Measurement(@JsonProperty("scenario") String scenario, @JsonProperty("variant") String variant,
		@JsonProperty("concurrency") int concurrency, @JsonProperty("db_latency_ms") int latencyMillis,
		@JsonProperty("round") int round, @JsonProperty("ops_per_s") double opsPerSecond,
		@JsonProperty("cpu_us_per_op") double cpuMicros, @JsonProperty("ctx_switches_per_op") double contextSwitches,
		@JsonProperty("p50_ms") double p50Millis, @JsonProperty("p99_ms") double p99Millis,
		@JsonProperty("errors") long errors, @JsonProperty("rss_mb") double rssMegabytes) {

	/**
	 * Digits beyond the third are noise.
	 */
	public Measurement {
		opsPerSecond = round(opsPerSecond);
		cpuMicros = round(cpuMicros);
		contextSwitches = round(contextSwitches);
		p50Millis = round(p50Millis);
		p99Millis = round(p99Millis);
		rssMegabytes = round(rssMegabytes);
	}

	static Measurement of(Cell cell, Variant variant, int round, Sample sample) {
		return new Measurement(cell.scenario(), variant.toString(), cell.concurrency(), cell.latencyMillis(), round,
				sample.opsPerSecond(), sample.cpuMicros(), sample.contextSwitches(), sample.p50Millis(),
				sample.p99Millis(), sample.errors(), sample.rssMegabytes());
	}

	private static double round(double value) {
		return Double.isFinite(value) ? Math.round(value * 1000) / 1000.0 : Double.NaN;
	}

}
