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

import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link Carriers}: how its threads share the work.
 */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class CarriersTests {

	@Test
	void threadOfALoopThatComputesIsRelievedByAnother() throws Exception {
		try (EventLoops loops = EventLoops.start(2, Duration.ofHours(1))) {
			ThreadFactory factory = loops.threadFactory("t-");
			CompletableFuture<String> computing = new CompletableFuture<>();
			CompletableFuture<String> other = new CompletableFuture<>();
			CompletableFuture<String> end = Tasks.start(factory, () -> {
				computing.complete(Tasks.carrier());
				while (!other.isDone()) {
					Thread.onSpinWait();
				}
				return "ended";
			});
			String carrier = computing.get(20, TimeUnit.SECONDS);
			other.complete(Tasks.run(factory, Tasks::carrier));
			assertThat(end.get(20, TimeUnit.SECONDS)).isEqualTo("ended");
			assertThat(other.get()).startsWith(EventLoops.THREAD_NAME_PREFIX).isNotEqualTo(carrier);
			assertThat(loops.stalls()).isZero();
		}
	}

	@ParameterizedTest
	@ValueSource(ints = { 1, 2 })
	void whatAThreadHasWokenRunsWhileItComputes(int threads) throws Exception {
		try (EventLoops loops = EventLoops.start(threads)) {
			assertThat(Tasks.run(loops.threadFactory("t-"), () -> computeUntilChildHasRun(loops))).isEqualTo("child");
		}
	}

	@Test
	void whatAThreadHasWokenRunsWhileItComputesAndTheOthersAreBusy() throws Exception {
		try (EventLoops loops = EventLoops.start(2)) {
			ThreadFactory factory = loops.threadFactory("t-");
			CompletableFuture<String> computation = Tasks.start(factory, () -> computeUntilChildHasRun(loops));
			CompletableFuture<String> busy = Tasks.start(factory, () -> yieldUntil(computation));
			assertThat(computation.get(20, TimeUnit.SECONDS)).isEqualTo("child");
			assertThat(busy.get(20, TimeUnit.SECONDS)).isEqualTo("child");
		}
	}

	@Test
	void whatAThreadHasWokenRunsElsewhereWhenTheLoopEnds() throws Exception {
		EventLoops loops = EventLoops.start(2, Duration.ofHours(1));
		try {
			CountDownLatch computing = new CountDownLatch(1);
			CompletableFuture<String> computation = Tasks.start(loops.threadFactory("t-"), () -> {
				CompletableFuture<String> child = Tasks.start(loops.threadFactory("c-"), () -> "child");
				computing.countDown();
				return spinUntil(child);
			});
			assertThat(computing.await(20, TimeUnit.SECONDS)).isTrue();
			loops.close();
			assertThat(computation.get(20, TimeUnit.SECONDS)).isEqualTo("child");
		}
		finally {
			loops.close();
		}
	}

	@Test
	void threadsThatAlwaysHaveSomethingToDoKeepNobodyWaiting() throws Exception {
		try (EventLoops loops = EventLoops.start(1, Duration.ofHours(1))) {
			CompletableFuture<String> other = new CompletableFuture<>();
			CountDownLatch yielding = new CountDownLatch(1);
			CompletableFuture<String> busy = Tasks.start(loops.threadFactory("t-"), () -> {
				yielding.countDown();
				return yieldUntil(other);
			});
			assertThat(yielding.await(20, TimeUnit.SECONDS)).isTrue();
			Tasks.start(loops.threadFactory("o-"), () -> other.complete("other"));
			assertThat(busy.get(20, TimeUnit.SECONDS)).isEqualTo("other");
		}
	}

	@Test
	void threadsThatComputeSpreadOverAllCarriers() throws Exception {
		try (Carriers carriers = new Carriers(8, "carrier-", () -> {
		})) {
			carriers.start();
			assertThat(carriersOf(carriers, startAtOnce(9, CarriedThreads.builder(carriers).factory()))).hasSize(9);
		}
	}

	/**
	 * The children of a carried thread start where it is carried, and where it computes
	 * until all of them run.
	 */
	@Test
	void childrenThatComputeSpreadOverAllCarriers() throws Exception {
		try (Carriers carriers = new Carriers(8, "carrier-", () -> {
		})) {
			carriers.start();
			CompletableFuture<List<CompletableFuture<String>>> started = new CompletableFuture<>();
			Tasks.start(CarriedThreads.builder(carriers).factory(), () -> {
				List<CompletableFuture<String>> children = startAtOnce(8, Thread.ofVirtual().factory());
				started.complete(children);
				while (!children.stream().allMatch(CompletableFuture::isDone)) {
					Thread.onSpinWait();
				}
				return null;
			});
			assertThat(carriersOf(carriers, started.get(20, TimeUnit.SECONDS))).hasSize(8);
		}
	}

	/**
	 * Start threads none of which ends, or lets another one run, before all of them run.
	 */
	private static List<CompletableFuture<String>> startAtOnce(int count, ThreadFactory factory) {
		AtomicInteger running = new AtomicInteger();
		return Stream.generate(() -> Tasks.start(factory, () -> {
			running.incrementAndGet();
			while (running.get() < count) {
				Thread.onSpinWait();
			}
			return Tasks.carrier();
		})).limit(count).toList();
	}

	/**
	 * Return what carries the threads. One more computes than there are carriers, and
	 * once a carrier is relieved of one, as by the watch.
	 */
	private static Set<String> carriersOf(Carriers carriers, List<CompletableFuture<String>> threads) {
		Carrier late = null;
		while (late == null) {
			late = carriers.all().stream().filter(CarriersTests::computesAndIsLate).findAny().orElse(null);
		}
		late.relieve(Objects.requireNonNull(late.shift()));
		return threads.stream().map(CompletableFuture::join).collect(Collectors.toSet());
	}

	private static boolean computesAndIsLate(Carrier carrier) {
		Shift shift = carrier.shift();
		return shift != null && shift.isRunning() && carrier.isLate();
	}

	private static String computeUntilChildHasRun(EventLoops loops) {
		return spinUntil(Tasks.start(loops.threadFactory("c-"), () -> "child"));
	}

	private static String spinUntil(CompletableFuture<String> end) {
		while (!end.isDone()) {
			Thread.onSpinWait();
		}
		return end.join();
	}

	private static String yieldUntil(CompletableFuture<String> end) {
		while (!end.isDone()) {
			Thread.yield();
		}
		return end.join();
	}

}
