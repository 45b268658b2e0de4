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
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * What a process has used up to now. Processor time is that of the whole process, threads
 * that have ended included, in steps of a clock tick (10 ms on Linux); context switches
 * are those of the threads alive, so that those between two looks leave out threads that
 * have ended in between. Where there is no {@code /proc}, context switches and memory are
 * not a number.
 *
 * @param nanoTime when it was looked at
 * @param cpu user and system time
 * @param contextSwitchesByThread voluntary and involuntary, by thread
 * @param rssMegabytes resident memory
 */
public record ProcessStatistics(long nanoTime, Duration cpu, Map<String, Double> contextSwitchesByThread,
		double rssMegabytes) {

	public static ProcessStatistics of(ProcessHandle process) {
		Path directory = Path.of("/proc", Long.toString(process.pid()));
		return new ProcessStatistics(System.nanoTime(), process.info().totalCpuDuration().orElse(Duration.ZERO),
				contextSwitches(directory.resolve("task")), status(directory, "VmRSS:") / 1024);
	}

	private static Map<String, Double> contextSwitches(Path tasks) {
		if (!Files.isDirectory(tasks)) {
			return Map.of();
		}
		try (Stream<Path> threads = Files.list(tasks)) {
			Map<String, Double> contextSwitches = new HashMap<>();
			threads.forEach((thread) -> contextSwitches.put(thread.getFileName().toString(),
					status(thread, "voluntary_ctxt_switches:") + status(thread, "nonvoluntary_ctxt_switches:")));
			return contextSwitches;
		}
		catch (NoSuchFileException ex) {
			return Map.of();
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
	 * Return the context switches up to now.
	 * @return their number, not a number where it is not known
	 */
	public double contextSwitches() {
		return contextSwitchesBeyond(Map.of());
	}

	/**
	 * Return the context switches between two looks.
	 * @param before the earlier look
	 * @return their number, not a number where it is not known
	 */
	public double contextSwitchesSince(ProcessStatistics before) {
		return contextSwitchesBeyond(before.contextSwitchesByThread);
	}

	private double contextSwitchesBeyond(Map<String, Double> before) {
		return this.contextSwitchesByThread.isEmpty() ? Double.NaN
				: this.contextSwitchesByThread.entrySet()
					.stream()
					.mapToDouble((thread) -> thread.getValue() - before.getOrDefault(thread.getKey(), 0.0))
					.filter(Double::isFinite)
					.sum();
	}

}
