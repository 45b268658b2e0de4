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

package org.cooperativejdbc.benchmark.http;

import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

import org.cooperativejdbc.benchmark.Cell;
import org.cooperativejdbc.benchmark.CompilerActivity;
import org.cooperativejdbc.benchmark.Contestant;
import org.cooperativejdbc.benchmark.Database;
import org.cooperativejdbc.benchmark.ProcessStatistics;
import org.cooperativejdbc.benchmark.Programs;
import org.cooperativejdbc.benchmark.Sample;
import tools.jackson.databind.json.JsonMapper;

/**
 * Requests from <a href="https://github.com/wg/wrk">wrk</a>, which takes the least
 * processor time from the application it shares a machine with.
 */
final class Wrk implements Contestant {

	private static final String PROGRAM = "wrk";

	private static final String SCRIPT = """
			function request()
				return wrk.format(nil, (string.gsub("%s", "{id}", math.random(1, %d))))
			end
			function done(summary, latency, requests)
				local errors = summary.errors
				local failed = errors.connect + errors.read + errors.write + errors.timeout
				print(string.format('{"seconds":%%f,"ok":%%d,"errors":%%d,"p50":%%f,"p99":%%f}', summary.duration / 1e6,
					summary.requests - errors.status, errors.status + failed, latency:percentile(50) / 1e3,
					latency:percentile(99) / 1e3))
			end
			""";

	private final URI server;

	private final ProcessHandle measured;

	private final int clients;

	private final Path script = Files.createTempFile(PROGRAM, ".lua");

	Wrk(URI server, ProcessHandle measured, Cell cell) throws IOException {
		this.server = server;
		this.measured = measured;
		this.clients = cell.concurrency();
		Files.writeString(this.script, SCRIPT.formatted(cell.operation(), Database.ROWS));
	}

	static boolean isPresent() {
		return Programs.isPresent(PROGRAM);
	}

	@Override
	public void warmUp(int limitSeconds) throws IOException {
		Process process = start(limitSeconds + 1);
		CompilerActivity.awaitQuiet(this.measured, limitSeconds);
		process.destroy();
	}

	@Override
	public Sample round(int seconds) throws IOException {
		ProcessStatistics before = ProcessStatistics.of(this.measured);
		Process process = start(seconds);
		String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
		ProcessStatistics after = ProcessStatistics.of(this.measured);
		String summary = Stream.of(output.split("\n"))
			.filter((line) -> line.startsWith("{"))
			.findFirst()
			.orElseThrow(() -> new IOException("wrk failed: " + output));
		return new JsonMapper().readValue(summary, Summary.class).sample(before, after);
	}

	private Process start(int seconds) throws IOException {
		return new ProcessBuilder(PROGRAM, "--threads", "1", "--connections", Integer.toString(this.clients),
				"--duration", seconds + "s", "--timeout", "10s", "--script", this.script.toString(),
				this.server.toString())
			.redirectErrorStream(true)
			.start();
	}

	@Override
	public void close() throws IOException {
		Files.delete(this.script);
	}

	private record Summary(double seconds, long ok, long errors, double p50, double p99) {

		Sample sample(ProcessStatistics before, ProcessStatistics after) {
			return new Sample(this.ok / this.seconds, after.cpuMicrosSince(before) / this.ok,
					after.contextSwitchesSince(before) / this.ok, this.p50, this.p99, this.errors,
					after.rssMegabytes());
		}

	}

}
