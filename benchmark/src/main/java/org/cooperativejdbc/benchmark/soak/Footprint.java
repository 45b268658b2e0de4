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

package org.cooperativejdbc.benchmark.soak;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import com.sun.management.HotSpotDiagnosticMXBean;
import com.sun.management.HotSpotDiagnosticMXBean.ThreadDumpFormat;

/**
 * What this process has while nothing runs. Where there is no {@code /proc}, files are
 * not counted.
 *
 * @param sockets open sockets
 * @param files open files, sockets included
 * @param threads platform threads
 * @param virtualThreads virtual threads
 * @param heapMegabytes heap in use after garbage collection
 */
record Footprint(int sockets, int files, int threads, int virtualThreads, double heapMegabytes) {

	/**
	 * By how many files and threads each the last third of a run may exceed the first: a
	 * connection that is being exchanged, a thread of the JVM's own.
	 */
	private static final double MORE = 8;

	/**
	 * By which factor the heap may.
	 */
	private static final double HEAP_FACTOR = 1.2;

	private static final double HEAP_MORE = 4;

	private static final Path FILES = Path.of("/proc/self/fd");

	private static final Pattern VIRTUAL = Pattern.compile("#\\d+ \".*\" virtual.*");

	static Footprint take() throws IOException {
		List<String> files = openFiles();
		return new Footprint((int) files.stream().filter((file) -> file.startsWith("socket:")).count(), files.size(),
				ManagementFactory.getThreadMXBean().getThreadCount(), virtual(), heap());
	}

	private static List<String> openFiles() throws IOException {
		List<String> targets = new ArrayList<>();
		if (Files.isDirectory(FILES)) {
			try (Stream<Path> files = Files.list(FILES)) {
				for (Path file : files.toList()) {
					if (Files.isSymbolicLink(file)) {
						targets.add(Files.readSymbolicLink(file).toString());
					}
				}
			}
		}
		return targets;
	}

	private static int virtual() throws IOException {
		Path dump = dumpThreads("soak");
		try (Stream<String> lines = Files.lines(dump)) {
			return (int) lines.filter((line) -> VIRTUAL.matcher(line).matches()).count();
		}
		finally {
			Files.delete(dump);
		}
	}

	static Path dumpThreads(String prefix) throws IOException {
		Path dump = Files.createTempFile(prefix, ".threads");
		Files.delete(dump);
		ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class)
			.dumpThreads(dump.toAbsolutePath().toString(), ThreadDumpFormat.TEXT_PLAIN);
		return dump;
	}

	private static double heap() {
		System.gc();
		System.gc();
		return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed() / 1e6;
	}

	/**
	 * Return what has grown from the first to the last third of a run, by the medians.
	 */
	static List<String> growth(List<Footprint> all) {
		List<String> grown = new ArrayList<>();
		compare("files", all, Footprint::files, 1, MORE, grown);
		compare("threads", all, Footprint::threads, 1, MORE, grown);
		compare("virtual threads", all, Footprint::virtualThreads, 1, MORE, grown);
		compare("megabytes of heap", all, Footprint::heapMegabytes, HEAP_FACTOR, HEAP_MORE, grown);
		return grown;
	}

	private static void compare(String what, List<Footprint> all, ToDoubleFunction<Footprint> figure, double factor,
			double more, List<String> grown) {
		int third = all.size() / 3;
		if (third > 0) {
			double first = median(all.subList(0, third), figure);
			double last = median(all.subList(all.size() - third, all.size()), figure);
			if (last > first * factor + more) {
				grown
					.add(String.format(Locale.ROOT, "%.1f %s in the last third, %.1f in the first", last, what, first));
			}
		}
	}

	private static double median(List<Footprint> some, ToDoubleFunction<Footprint> figure) {
		double[] sorted = some.stream().mapToDouble(figure).sorted().toArray();
		return sorted[sorted.length / 2];
	}

	@Override
	public String toString() {
		return String.format(Locale.ROOT, "%d sockets, %d files, %d threads, %d virtual threads, %.1f MB of heap",
				this.sockets, this.files, this.threads, this.virtualThreads, this.heapMegabytes);
	}

}
