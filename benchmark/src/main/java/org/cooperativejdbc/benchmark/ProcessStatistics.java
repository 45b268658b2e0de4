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
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;

/**
 * What a process has used up to now. Processor time is that of the whole process, threads
 * that have ended included, in steps of a clock tick (10 ms on Linux); context switches
 * are those of the threads alive. Where there is no {@code /proc}, context switches and
 * memory are not a number.
 *
 * @param nanoTime when it was looked at
 * @param cpu user and system time
 * @param contextSwitches voluntary and involuntary
 * @param rssMegabytes resident memory
 */
public record ProcessStatistics(long nanoTime, Duration cpu, double contextSwitches, double rssMegabytes) {

	public static ProcessStatistics of(ProcessHandle process) {
		Path directory = Path.of("/proc", Long.toString(process.pid()));
		return new ProcessStatistics(System.nanoTime(), process.info().totalCpuDuration().orElse(Duration.ZERO),
				contextSwitches(directory.resolve("task")), status(directory, "VmRSS:") / 1024);
	}

	private static double contextSwitches(Path tasks) {
		if (!Files.isDirectory(tasks)) {
			return Double.NaN;
		}
		try (Stream<Path> threads = Files.list(tasks)) {
			return threads
				.mapToDouble((thread) -> status(thread, "voluntary_ctxt_switches:")
						+ status(thread, "nonvoluntary_ctxt_switches:"))
				.filter(Double::isFinite)
				.sum();
		}
		catch (NoSuchFileException ex) {
			return Double.NaN;
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	private static double status(Path directory, String name) {
		List<String> lines;
		try {
			lines = Files.readAllLines(directory.resolve("status"));
		}
		catch (IOException ex) {
			return Double.NaN;
		}
		return lines.stream()
			.filter((line) -> line.startsWith(name))
			.mapToDouble((line) -> Double.parseDouble(line.substring(name.length()).replace("kB", "").strip()))
			.findFirst()
			.orElse(Double.NaN);
	}

	double secondsSince(ProcessStatistics before) {
		return (this.nanoTime - before.nanoTime) / 1e9;
	}

	/**
	 * Return the processor time between two looks.
	 * @param before the earlier look
	 * @return microseconds
	 */
	public double cpuMicrosSince(ProcessStatistics before) {
		return this.cpu.minus(before.cpu).toNanos() / 1e3;
	}

	/**
	 * Return the context switches between two looks.
	 * @param before the earlier look
	 * @return their number
	 */
	public double contextSwitchesSince(ProcessStatistics before) {
		return this.contextSwitches - before.contextSwitches;
	}

}
