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
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link StallWatch}.
 */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class StallWatchTests {

	@Test
	void threadsThatAWatchHasLentEndWithItEvenIfItFails() throws Exception {
		CountDownLatch lent = new CountDownLatch(1);
		ModelLoop stalled = new ModelLoop(1) {

			@Override
			boolean hasWaiters() {
				return true;
			}

			@Override
			void wakeAll() {
				lent.countDown();
				throw new IllegalStateException("expected");
			}

		};
		try (StallWatch watch = new StallWatch(List.of(stalled), Duration.ofMillis(1))) {
			lent.await();
			assertThat(watch.stalls()).isEqualTo(1);
			awaitNoneLent();
		}
	}

	@Test
	void loopsWithoutWorkAreNotAskedForASignOfLife() throws Exception {
		ModelLoop idle = new ModelLoop(1) {

			@Override
			void ping() {
				throw new IllegalStateException("asked");
			}

		};
		ModelLoop stalled = new ModelLoop(1) {

			@Override
			boolean hasWaiters() {
				return true;
			}

		};
		try (StallWatch watch = new StallWatch(List.of(idle, stalled), Duration.ofMillis(1))) {
			while (watch.stalls() == 0) {
				Thread.onSpinWait();
			}
			assertThat(watch.stalls()).isEqualTo(1);
		}
		awaitNoneLent();
	}

	@Test
	void loopsThatCloseAreNotStalled() throws IOException {
		for (int i = 0; i < 100; i++) {
			EventLoops loops = EventLoops.start(1, Duration.ofHours(1));
			loops.close();
			assertThat(loops.stalls()).isZero();
		}
		awaitNoneLent();
	}

	private static void awaitNoneLent() {
		while (Thread.getAllStackTraces().keySet().stream().anyMatch((thread) -> thread.getName().contains("-lent-"))) {
			Thread.onSpinWait();
		}
	}

}
