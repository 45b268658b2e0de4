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
import java.lang.ref.WeakReference;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import org.springframework.test.util.ReflectionTestUtils;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link StallWatch}.
 */
@Timeout(value = 300, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class StallWatchTests {

	@Test
	void nothingThatFailsEndsTheWatch() throws Exception {
		CountDownLatch relieved = new CountDownLatch(3);
		Watched stalled = new Watched() {

			@Override
			public void relieve(Shift shift) {
				relieved.countDown();
				throw new OutOfMemoryError("unable to create native thread");
			}

		};
		try (StallWatch watch = new StallWatch(List.of(stalled), Duration.ofMillis(1))) {
			relieved.await();
			assertThat(watch.stalls()).isEqualTo(1);
		}
	}

	@Test
	void watchSleepsWhileThereIsNothingToWatch() throws Exception {
		CountDownLatch relieved = new CountDownLatch(1);
		Watched watched = new Watched() {

			@Override
			public void relieve(Shift shift) {
				relieved.countDown();
			}

		};
		watched.idle = true;
		try (StallWatch watch = new StallWatch(List.of(watched), Duration.ofMillis(1))) {
			awaitSleep(watch);
			watched.idle = false;
			watch.awake();
			relieved.await();
		}
	}

	/**
	 * The thread makes progress in the very moment when it is found stalled, and has
	 * nothing to do from then on.
	 */
	@Test
	void stallThatEndsWhenItIsFoundIsOver() throws Exception {
		CountDownLatch relieved = new CountDownLatch(1);
		AtomicInteger looks = new AtomicInteger();
		Watched watched = new Watched(new Shift(Thread.currentThread()) {

			@Override
			long progress() {
				return (looks.incrementAndGet() <= 2) ? 0 : 1;
			}

		}) {

			@Override
			public void relieve(Shift shift) {
				this.idle = true;
				relieved.countDown();
			}

		};
		try (StallWatch watch = new StallWatch(List.of(watched), Duration.ofMillis(1))) {
			relieved.await();
			awaitSleep(watch);
		}
	}

	@Test
	void loopsThatCloseAreNotStalled() throws IOException {
		for (int i = 0; i < 100; i++) {
			EventLoops loops = EventLoops.start(1, Duration.ofHours(1));
			loops.close();
			assertThat(loops.stalls()).isZero();
		}
	}

	@Test
	void threadsThatWereRelievedEndAndAreForgotten() throws Exception {
		List<WeakReference<Thread>> relieved = new CopyOnWriteArrayList<>();
		try (EventLoops loops = EventLoops.start(1, Duration.ofMillis(1))) {
			for (int i = 0; i < 10; i++) {
				relieved.add(new WeakReference<>(Tasks.run(loops.threadFactory("t-"), () -> {
					Thread thread = Objects.requireNonNull(CarriedThreads.platformThread());
					while (CarrierThread.currentCarrier() != null) {
						Thread.onSpinWait();
					}
					return thread;
				})));
			}
			assertThat(loops.stalls()).isPositive();
			while (loops.carriers().threads() > 1) {
				Tasks.run(loops.threadFactory("t-"), Tasks::carrier);
			}
			while (relieved.stream().anyMatch((thread) -> thread.get() != null)) {
				System.gc();
				Tasks.run(loops.threadFactory("t-"), Tasks::carrier);
			}
		}
	}

	@Test
	void watchOfLoopsThatWereStalledSleeps() throws Exception {
		try (EventLoops loops = EventLoops.start(1, Duration.ofMillis(1))) {
			stall(loops);
			awaitSleep(watch(loops));
		}
		try (EventLoops loops = new NettyEventLoops(1, Duration.ofMillis(1))) {
			stall(loops);
			awaitSleep(watch(loops));
		}
	}

	private static void stall(EventLoops loops) throws Exception {
		Tasks.run(loops.threadFactory("t-"), () -> {
			while (loops.stalls() == 0) {
				Thread.onSpinWait();
			}
			return "stalled";
		});
	}

	private static StallWatch watch(EventLoops loops) {
		return (StallWatch) Objects.requireNonNull(ReflectionTestUtils.getField(loops, EventLoops.class, "stallWatch"));
	}

	private static void awaitSleep(StallWatch watch) {
		Thread thread = (Thread) Objects.requireNonNull(ReflectionTestUtils.getField(watch, "thread"));
		while (thread.getState() != Thread.State.WAITING) {
			LockSupport.parkNanos(1_000_000); // leaves the watch a processor
		}
	}

	private abstract static class Watched implements StallWatch.Watched {

		private final Shift shift;

		volatile boolean idle;

		Watched() {
			this(new Shift(Thread.currentThread()));
		}

		Watched(Shift shift) {
			this.shift = shift;
		}

		@Override
		public boolean isIdle() {
			return this.idle;
		}

		@Override
		public @Nullable Shift shift() {
			return this.shift;
		}

	}

}
