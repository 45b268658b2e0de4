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

package org.cooperativejdbc.loop;

import java.io.IOException;
import java.time.Duration;
import java.util.List;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link StallWatch}.
 */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class StallWatchTests {

	@Test
	void watchOutlivesALoopThatHasEndedAndItsLentThreadsEndWithIt() throws IOException {
		SelectorEventLoop ended = new SelectorEventLoop("ended");
		ended.close();
		try (StallWatch watch = new StallWatch(List.of(ended), Duration.ofMillis(1))) {
			awaitLent(true);
			assertThat(watch.stalls()).isEqualTo(1);
		}
		awaitLent(false);
	}

	@Test
	void loopsThatCloseAreNotStalled() throws IOException {
		for (int i = 0; i < 100; i++) {
			EventLoops loops = EventLoops.start(1, Duration.ofHours(1));
			loops.close();
			assertThat(loops.stalls()).isZero();
		}
		awaitLent(false);
	}

	private static void awaitLent(boolean expected) {
		while (lent() != expected) {
			Thread.onSpinWait();
		}
	}

	private static boolean lent() {
		return Thread.getAllStackTraces().keySet().stream().anyMatch((thread) -> thread.getName().contains("-lent-"));
	}

}
