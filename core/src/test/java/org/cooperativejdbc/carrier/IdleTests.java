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

package org.cooperativejdbc.carrier;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Threads of event loops that have nothing to do, as in the application contexts that a
 * test suite keeps: in the end none of them wakes.
 */
@EnabledOnOs(OS.LINUX)
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class IdleTests {

	private static final int CONTEXTS = 40;

	/**
	 * Linux keeps 15 characters of the name of a thread; which ones is up to the JDK.
	 */
	private static final String THREADS = "\tcoopera";

	@Test
	void loopsThatHaveNothingToDoWakeNoThread() throws Exception {
		Set<String> others = switches(Set.of()).keySet();
		List<EventLoops> contexts = new ArrayList<>();
		try {
			for (int i = 0; i < CONTEXTS; i++) {
				EventLoops loops = EventLoops.start(2);
				contexts.add(loops);
				assertThat(Tasks.run(loops.threadFactory("t-"), () -> "ran")).isEqualTo("ran");
			}
			Map<String, String> before = switches(others);
			assertThat(before).hasSizeGreaterThanOrEqualTo(CONTEXTS * 3);
			while (!switchesAfter(Duration.ofSeconds(1), others).equals(before)) {
				before = switches(others);
			}
		}
		finally {
			contexts.forEach(EventLoops::close);
		}
	}

	private static Map<String, String> switchesAfter(Duration time, Set<String> others) throws Exception {
		Thread.sleep(time);
		return switches(others);
	}

	/**
	 * Return how often each thread of the loops has gone to sleep, without those of
	 * others.
	 */
	private static Map<String, String> switches(Set<String> others) throws IOException {
		Map<String, String> switches = new TreeMap<>();
		try (Stream<Path> threads = Files.list(Path.of("/proc/self/task"))) {
			for (Path thread : threads.toList()) {
				List<String> status = Files.readAllLines(thread.resolve("status"));
				if (status.getFirst().contains(THREADS)) {
					switches.put(thread.getFileName().toString(),
							status.stream()
								.filter((line) -> line.startsWith("voluntary_ctxt_switches"))
								.findFirst()
								.orElseThrow());
				}
			}
		}
		return switches;
	}

}
