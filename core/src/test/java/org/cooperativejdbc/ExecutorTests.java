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

package org.cooperativejdbc;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

/**
 * {@link Cooperative#executor}.
 */
@Timeout(60)
class ExecutorTests {

	@ParameterizedTest
	@EnumSource(ConcurrencyModel.class)
	void noMoreTasksRunThanTheLimitAndAllDo(ConcurrencyModel model) throws Exception {
		try (Cooperative cooperative = start(model)) {
			ExecutorService executor = cooperative.executor(3, 1000);
			AtomicInteger running = new AtomicInteger();
			AtomicInteger peak = new AtomicInteger();
			List<Integer> order = Collections.synchronizedList(new ArrayList<>());
			List<Future<Integer>> futures = new ArrayList<>();
			for (int i = 0; i < 500; i++) {
				int number = i;
				futures.add(executor.submit(() -> {
					peak.accumulateAndGet(running.incrementAndGet(), Math::max);
					order.add(number);
					Thread.yield();
					return running.decrementAndGet();
				}));
			}
			for (Future<Integer> future : futures) {
				future.get(20, TimeUnit.SECONDS);
			}
			assertThat(peak.get()).isBetween(1, 3);
			assertThat(order).hasSize(500);
			executor.close();
			assertThat(executor.isTerminated()).isTrue();
		}
	}

	@ParameterizedTest
	@EnumSource(ConcurrencyModel.class)
	void taskThatFindsNoPlaceIsRefused(ConcurrencyModel model) throws Exception {
		try (Cooperative cooperative = start(model)) {
			ExecutorService executor = cooperative.executor(1, 1);
			CountDownLatch go = new CountDownLatch(1);
			Future<Boolean> first = executor.submit(() -> go.await(20, TimeUnit.SECONDS));
			Future<String> second = executor.submit(() -> "second");
			assertThatExceptionOfType(RejectedExecutionException.class).isThrownBy(() -> executor.submit(() -> "third"))
				.withMessage("The executor runs 1 tasks and keeps 1, which is all it may");
			assertThat(second.isDone()).isFalse();
			go.countDown();
			assertThat(first.get(20, TimeUnit.SECONDS)).isTrue();
			assertThat(second.get(20, TimeUnit.SECONDS)).isEqualTo("second");
			assertThat(executor.submit(() -> "fourth").get(20, TimeUnit.SECONDS)).isEqualTo("fourth");
		}
	}

	@ParameterizedTest
	@EnumSource(ConcurrencyModel.class)
	void taskThatFailsLeavesItsPlace(ConcurrencyModel model) throws Exception {
		try (Cooperative cooperative = start(model)) {
			ExecutorService executor = cooperative.executor(1, 1);
			Future<Object> failed = executor.submit(() -> {
				throw new StackOverflowError();
			});
			assertThatExceptionOfType(ExecutionException.class).isThrownBy(() -> failed.get(20, TimeUnit.SECONDS))
				.withCauseInstanceOf(StackOverflowError.class);
			assertThat(executor.submit(() -> "next").get(20, TimeUnit.SECONDS)).isEqualTo("next");
		}
	}

	@ParameterizedTest
	@EnumSource(ConcurrencyModel.class)
	void shutdownNowInterruptsAndReturnsWhatHasNotBegun(ConcurrencyModel model) throws Exception {
		try (Cooperative cooperative = start(model)) {
			ExecutorService executor = cooperative.executor(1, 10);
			CountDownLatch begun = new CountDownLatch(1);
			Future<Object> running = executor.submit(() -> {
				begun.countDown();
				new CountDownLatch(1).await();
				return null;
			});
			executor.submit(() -> "kept");
			begun.await();
			assertThat(executor.isShutdown()).isFalse();
			assertThat(executor.shutdownNow()).hasSize(1);
			assertThat(executor.shutdownNow()).isEmpty();
			assertThatExceptionOfType(ExecutionException.class).isThrownBy(() -> running.get(20, TimeUnit.SECONDS))
				.withCauseInstanceOf(InterruptedException.class);
			assertThat(executor.awaitTermination(20, TimeUnit.SECONDS)).isTrue();
			assertThat(executor.isTerminated()).isTrue();
			assertThatExceptionOfType(RejectedExecutionException.class).isThrownBy(() -> executor.submit(() -> 1));
		}
	}

	@ParameterizedTest
	@EnumSource(ConcurrencyModel.class)
	void interruptMeetsOnlyTheTaskThatIsCanceled(ConcurrencyModel model) throws Exception {
		try (Cooperative cooperative = start(model)) {
			ExecutorService executor = cooperative.executor(1, 1000);
			for (int i = 0; i < 200; i++) {
				Future<Object> canceled = executor.submit(() -> {
					new CountDownLatch(1).await();
					return null;
				});
				Future<Boolean> next = executor.submit(() -> Thread.currentThread().isInterrupted());
				canceled.cancel(true);
				assertThat(next.get(20, TimeUnit.SECONDS)).isFalse();
			}
		}
	}

	/**
	 * A thread that begins when another one ends has nothing of that one's: it may be the
	 * identity of another user.
	 */
	@ParameterizedTest
	@EnumSource(ConcurrencyModel.class)
	void inheritableThreadLocalsAreThoseOfTheThreadThatSubmits(ConcurrencyModel model) throws Exception {
		InheritableThreadLocal<@Nullable String> user = new InheritableThreadLocal<>();
		try (Cooperative cooperative = start(model)) {
			ExecutorService executor = cooperative.executor(1, 10);
			CountDownLatch go = new CountDownLatch(1);
			user.set("A");
			Future<String> first = executor.submit(() -> {
				go.await();
				return user.get();
			});
			user.set("B");
			Future<String> second = executor.submit(user::get);
			user.remove();
			Future<String> third = executor.submit(user::get);
			go.countDown();
			assertThat(first.get(20, TimeUnit.SECONDS)).isEqualTo("A");
			assertThat(second.get(20, TimeUnit.SECONDS)).isEqualTo("B");
			assertThat(third.get(20, TimeUnit.SECONDS)).isNull();
		}
		finally {
			user.remove();
		}
	}

	@ParameterizedTest
	@EnumSource(ConcurrencyModel.class)
	void closingRunsWhatIsKeptInTheTimeThereIs(ConcurrencyModel model) throws Exception {
		Future<String> kept;
		try (Cooperative cooperative = start(model)) {
			ExecutorService executor = cooperative.executor(1, 10);
			executor.submit(() -> "first");
			kept = executor.submit(() -> "kept");
		}
		assertThat(kept.get(20, TimeUnit.SECONDS)).isEqualTo("kept");
	}

	@ParameterizedTest
	@EnumSource(ConcurrencyModel.class)
	void nobodyWaitsForATaskThatCloseHasPrevented(ConcurrencyModel model) throws Exception {
		Future<Object> running;
		Future<String> kept;
		try (Cooperative cooperative = Cooperative
			.start(CooperativeOptions.defaults().withModel(model).withCloseTimeout(Duration.ofMillis(50)))) {
			ExecutorService executor = cooperative.executor(1, 10);
			running = executor.submit(() -> {
				new CountDownLatch(1).await();
				return null;
			});
			kept = executor.submit(() -> "kept");
		}
		assertThatExceptionOfType(ExecutionException.class).isThrownBy(() -> running.get(20, TimeUnit.SECONDS))
			.withCauseInstanceOf(InterruptedException.class);
		assertThatExceptionOfType(CancellationException.class).isThrownBy(() -> kept.get(20, TimeUnit.SECONDS));
	}

	/**
	 * Threads submit while others end and one shuts down: what was taken has run or was
	 * returned when all have ended, and nothing runs afterwards.
	 */
	@ParameterizedTest
	@EnumSource(ConcurrencyModel.class)
	void nothingIsLostAndNothingRunsAfterTheEnd(ConcurrencyModel model) throws Exception {
		try (Cooperative cooperative = start(model)) {
			for (int round = 0; round < 100; round++) {
				ExecutorService executor = cooperative.executor(2, 3);
				Tally tally = new Tally(2);
				List<CompletableFuture<?>> submitters = new ArrayList<>();
				for (int i = 0; i < 4; i++) {
					submitters.add(CompletableFuture.runAsync(() -> tally.submit(executor, 50)));
				}
				boolean now = round % 2 == 0;
				if (now) {
					tally.returned(executor.shutdownNow().size());
				}
				else if (round % 3 == 0) {
					executor.shutdown();
				}
				CompletableFuture.allOf(submitters.toArray(CompletableFuture[]::new)).get(20, TimeUnit.SECONDS);
				executor.shutdown();
				assertThat(executor.awaitTermination(20, TimeUnit.SECONDS)).isTrue();
				tally.verifyEnd();
			}
		}
	}

	@Test
	void badValuesAreClearErrors() {
		try (Cooperative cooperative = Cooperative.start(CooperativeOptions.defaults())) {
			assertThatIllegalArgumentException().isThrownBy(() -> cooperative.executor(0, 1))
				.withMessage("'limit' must be positive, but is 0");
			assertThatIllegalArgumentException().isThrownBy(() -> cooperative.executor(1, -1))
				.withMessage("'queueCapacity' must not be negative, but is -1");
		}
	}

	private static Cooperative start(ConcurrencyModel model) {
		return Cooperative.start(CooperativeOptions.defaults().withModel(model).withThreads(2));
	}

	/**
	 * Counts tasks.
	 */
	private static final class Tally {

		private final int limit;

		private final AtomicInteger taken = new AtomicInteger();

		private final AtomicInteger running = new AtomicInteger();

		private final AtomicInteger ended = new AtomicInteger();

		private final AtomicInteger tooMany = new AtomicInteger();

		private Tally(int limit) {
			this.limit = limit;
		}

		private void submit(ExecutorService executor, int tasks) {
			for (int i = 0; i < tasks; i++) {
				try {
					executor.execute(this::run);
					this.taken.incrementAndGet();
				}
				catch (RejectedExecutionException ex) {
					Thread.yield();
				}
			}
		}

		private void run() {
			if (this.running.incrementAndGet() > this.limit) {
				this.tooMany.incrementAndGet();
			}
			Thread.yield();
			this.ended.incrementAndGet();
			this.running.decrementAndGet();
		}

		private void returned(int tasks) {
			this.ended.addAndGet(tasks);
		}

		private void verifyEnd() {
			assertThat(this.ended.get()).isEqualTo(this.taken.get());
			assertThat(this.tooMany.get()).isZero();
			assertThat(this.running.get()).isZero();
		}

	}

}
