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

package org.cooperativejdbc.socket;

import java.io.IOException;
import java.nio.channels.Selector;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;

import org.cooperativejdbc.carrier.EventLoops;

import org.springframework.test.util.ReflectionTestUtils;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What is open before, and must not be more afterwards.
 */
final class Leaks {

	private final EventLoops loops;

	private final long files = files();

	private final int threads = threads();

	Leaks(EventLoops loops) {
		this.loops = loops;
	}

	void assertNone() {
		await("file descriptors", () -> files() <= this.files);
		await("threads", () -> threads() <= this.threads);
		await("selector keys", () -> keys() == 0);
	}

	private static void await(String what, BooleanSupplier gone) {
		long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
		while (!gone.getAsBoolean()) {
			System.gc(); // closes what the driver has dropped
			assertThat(System.nanoTime() - deadline).as("%s leak", what).isNegative();
			ScenarioRun.pause(5);
		}
	}

	private static long files() {
		Path directory = Path.of("/proc/self/fd");
		if (!Files.isDirectory(directory)) {
			return 0;
		}
		try (Stream<Path> files = Files.list(directory)) {
			return files.count();
		}
		catch (IOException ex) {
			throw new AssertionError(ex);
		}
	}

	/**
	 * Not those that pools of threads keep for a minute.
	 */
	private static int threads() {
		return (int) Thread.getAllStackTraces()
			.keySet()
			.stream()
			.filter((thread) -> !thread.getName().startsWith("ForkJoinPool"))
			.filter((thread) -> !thread.getName().startsWith("process reaper"))
			.filter((thread) -> !thread.getName().startsWith("cooperative-jdbc-wakeup-"))
			.count();
	}

	private int keys() {
		List<?> carriers = (List<?>) field(field(this.loops, "carriers"), "carriers");
		return carriers.stream().mapToInt((carrier) -> ((Selector) field(carrier, "selector")).keys().size()).sum();
	}

	private static Object field(Object target, String name) {
		Object value = ReflectionTestUtils.getField(target, name);
		if (value == null) {
			throw new AssertionError("No " + name);
		}
		return value;
	}

}
