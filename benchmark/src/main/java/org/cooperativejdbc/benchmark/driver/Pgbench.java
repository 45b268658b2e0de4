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

package org.cooperativejdbc.benchmark.driver;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import org.HdrHistogram.Histogram;
import org.cooperativejdbc.benchmark.Cell;
import org.cooperativejdbc.benchmark.Contestant;
import org.cooperativejdbc.benchmark.Database;
import org.cooperativejdbc.benchmark.Database.Target;
import org.cooperativejdbc.benchmark.Options;
import org.cooperativejdbc.benchmark.ProcessStatistics;
import org.cooperativejdbc.benchmark.Programs;
import org.cooperativejdbc.benchmark.Sample;
import org.cooperativejdbc.benchmark.Variant;
import org.jspecify.annotations.Nullable;

/**
 * The benchmark that comes with PostgreSQL, in C: the limit of what a client can do.
 * Latencies are those of a twentieth of its transactions, because it knows no percentiles
 * and writes each latency to a file.
 */
final class Pgbench implements Variant {

	private static final Pattern TPS = Pattern.compile("tps = ([0-9.]+) \\(without initial connection time\\)");

	private static final Pattern TRANSACTIONS = Pattern.compile("actually processed: ([0-9]+)");

	private static final Pattern FAILED = Pattern.compile("failed transactions: ([0-9]+)");

	@Override
	public @Nullable String missing() {
		return Programs.isPresent("pgbench") ? null : "no pgbench on the PATH; it comes with PostgreSQL";
	}

	@Override
	public Contestant start(Cell cell, Database database, Options options) throws IOException {
		return new Runs(cell, database);
	}

	@Override
	public String toString() {
		return "pgbench";
	}

	private static final class Runs implements Contestant {

		private final int connections;

		private final Database database;

		private final Target target;

		private final Path directory = Files.createTempDirectory("pgbench");

		private Runs(Cell cell, Database database) throws IOException {
			this.connections = cell.concurrency();
			this.database = database;
			this.target = database.target(cell);
			Files.writeString(script(), """
					\\set id random(1, %d)
					%s;
					""".formatted(Database.ROWS, Query.withParameter(":id")));
		}

		private Path script() {
			return this.directory.resolve("select.sql");
		}

		@Override
		public void warmUp(int limitSeconds) {
		}

		@Override
		public Sample round(int seconds) throws IOException {
			deleteLogs();
			Process process = start(seconds);
			ProcessStatistics last = watch(process.toHandle());
			String report = new String(process.getInputStream().readAllBytes());
			double transactions = find(TRANSACTIONS, report);
			Histogram latencies = latencies();
			return new Sample(find(TPS, report), last.cpu().toNanos() / 1e3 / transactions,
					last.contextSwitches() / transactions, latencies.getValueAtPercentile(50) / 1000.0,
					latencies.getValueAtPercentile(99) / 1000.0, (long) find(FAILED, report), last.rssMegabytes());
		}

		private Process start(int seconds) throws IOException {
			int threads = Math.min(this.connections, Runtime.getRuntime().availableProcessors());
			List<String> command = new ArrayList<>(List.of("pgbench", "--no-vacuum", "--protocol=prepared",
					"--file=" + script(), "--client=" + this.connections, "--jobs=" + threads, "--time=" + seconds,
					"--log", "--log-prefix=" + this.directory.resolve("log"), "--sampling-rate=0.05"));
			command.addAll(List.of("--host=" + this.target.host(), "--port=" + this.target.port(),
					"--username=" + this.target.username(), this.target.database()));
			ProcessBuilder builder = new ProcessBuilder(this.database.client(command))
				.redirectError(ProcessBuilder.Redirect.INHERIT);
			builder.environment()
				.putAll(Map.of("PGPASSWORD", this.target.password(), "PGSSLMODE", this.target.sslMode(), "PGOPTIONS",
						"-c search_path=" + this.target.searchPath()));
			return builder.start();
		}

		/**
		 * Look at the process until it has ended, and return what was seen last.
		 */
		private static ProcessStatistics watch(ProcessHandle process) {
			ProcessStatistics last = ProcessStatistics.of(process);
			try {
				while (process.isAlive()) {
					TimeUnit.MILLISECONDS.sleep(10);
					ProcessStatistics now = ProcessStatistics.of(process);
					last = (now.contextSwitches() >= last.contextSwitches()) ? now : last;
				}
			}
			catch (InterruptedException ex) {
				Thread.currentThread().interrupt();
			}
			return last;
		}

		private static double find(Pattern pattern, String report) throws IOException {
			Matcher matcher = pattern.matcher(report);
			if (!matcher.find()) {
				throw new IOException("pgbench failed: " + report);
			}
			return Double.parseDouble(matcher.group(1));
		}

		private Histogram latencies() throws IOException {
			Histogram histogram = new Histogram(2);
			try (DirectoryStream<Path> logs = Files.newDirectoryStream(this.directory, "log*")) {
				for (Path log : logs) {
					try (Stream<String> lines = Files.lines(log)) {
						lines.forEach((line) -> histogram.recordValue(Long.parseLong(line.split(" ")[2])));
					}
				}
			}
			return histogram;
		}

		private void deleteLogs() throws IOException {
			try (DirectoryStream<Path> logs = Files.newDirectoryStream(this.directory, "log*")) {
				for (Path log : logs) {
					Files.delete(log);
				}
			}
		}

		@Override
		public void close() throws IOException {
			deleteLogs();
			Files.delete(script());
			Files.delete(this.directory);
		}

	}

}
