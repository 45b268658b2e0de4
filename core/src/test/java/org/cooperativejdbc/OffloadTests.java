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

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;

import org.cooperativejdbc.carrier.EventLoops;
import org.cooperativejdbc.carrier.NettyEventLoops;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

/**
 * {@link Cooperative#offload}.
 */
@Timeout(60)
class OffloadTests {

	@ParameterizedTest
	@EnumSource(ConcurrencyModel.class)
	void taskRunsOnAPlatformThreadAndItsFailureIsThrown(ConcurrencyModel model) throws Exception {
		try (Cooperative cooperative = start(model, 1)) {
			assertThat(cooperative.call(() -> cooperative.offload(() -> Thread.currentThread().isVirtual()))
				.get(20, TimeUnit.SECONDS)).isFalse();
			IOException failure = new IOException("failed");
			CompletableFuture<Object> failed = cooperative.call(() -> cooperative.offload(() -> {
				throw failure;
			}));
			assertThatExceptionOfType(ExecutionException.class).isThrownBy(() -> failed.get(20, TimeUnit.SECONDS))
				.withCause(failure);
			assertThat(cooperative.offload(() -> Thread.currentThread())).isSameAs(Thread.currentThread());
		}
	}

	@ParameterizedTest
	@EnumSource(ConcurrencyModel.class)
	void taskMayOffloadAgain(ConcurrencyModel model) throws Exception {
		try (Cooperative cooperative = start(model, 1)) {
			assertThat(cooperative.call(() -> cooperative.offload(() -> cooperative.offload(() -> "nested")))
				.get(20, TimeUnit.SECONDS)).isEqualTo("nested");
		}
	}

	@ParameterizedTest
	@EnumSource(value = ConcurrencyModel.class, names = { "VIRTUAL", "EVENT_LOOP" })
	void noMoreTasksRunThanThereAreThreads(ConcurrencyModel model) throws Exception {
		try (Cooperative cooperative = start(model, 2)) {
			AtomicInteger running = new AtomicInteger();
			AtomicInteger peak = new AtomicInteger();
			List<CompletableFuture<Integer>> calls = new ArrayList<>();
			for (int i = 0; i < 100; i++) {
				calls.add(cooperative.call(() -> cooperative.offload(() -> {
					peak.accumulateAndGet(running.incrementAndGet(), Math::max);
					Thread.yield();
					return running.decrementAndGet();
				})));
			}
			for (CompletableFuture<Integer> call : calls) {
				call.get(20, TimeUnit.SECONDS);
			}
			assertThat(peak.get()).isBetween(1, 2);
		}
	}

	/**
	 * The thread does not go on before the task has ended, because both may use the same
	 * connection.
	 */
	@ParameterizedTest
	@EnumSource(value = ConcurrencyModel.class, names = { "VIRTUAL", "EVENT_LOOP" })
	void interruptIsPassedOnAndTheEndIsWaitedFor(ConcurrencyModel model) throws Exception {
		try (Cooperative cooperative = start(model, 1)) {
			CountDownLatch begun = new CountDownLatch(1);
			CompletableFuture<List<Object>> seen = new CompletableFuture<>();
			CompletableFuture<Object> call = cooperative.call(() -> {
				List<Object> events = new ArrayList<>();
				try {
					cooperative.offload(() -> {
						begun.countDown();
						try {
							new CountDownLatch(1).await();
						}
						catch (InterruptedException ex) {
							events.add("interrupted");
							Thread.currentThread().interrupt();
						}
						return null;
					});
					events.add("went on");
					events.add(Thread.interrupted());
				}
				finally {
					seen.complete(events);
				}
				return null;
			});
			begun.await();
			call.cancel(true);
			assertThat(seen.get(20, TimeUnit.SECONDS)).containsExactly("interrupted", "went on", true);
			assertThat(cooperative.call(() -> cooperative.offload(() -> Thread.currentThread().isInterrupted()))
				.get(20, TimeUnit.SECONDS)).as("interrupt of a later task").isFalse();
		}
	}

	@ParameterizedTest
	@EnumSource(value = ConcurrencyModel.class, names = { "VIRTUAL", "EVENT_LOOP" })
	void taskThatHasNotBegunIsGivenUp(ConcurrencyModel model) throws Exception {
		try (Cooperative cooperative = start(model, 1)) {
			CountDownLatch begun = new CountDownLatch(1);
			CountDownLatch go = new CountDownLatch(1);
			CompletableFuture<Object> first = cooperative.call(() -> cooperative.offload(() -> {
				begun.countDown();
				go.await();
				return "first";
			}));
			begun.await();
			AtomicInteger ran = new AtomicInteger();
			CompletableFuture<Object> late = cooperative
				.call(() -> Cooperative.within(Duration.ofMillis(50), () -> cooperative.offload(ran::incrementAndGet)));
			assertThatExceptionOfType(ExecutionException.class).isThrownBy(() -> late.get(20, TimeUnit.SECONDS))
				.withCauseInstanceOf(TimeoutException.class);
			CompletableFuture<Object> interrupted = cooperative.call(() -> {
				Thread.currentThread().interrupt();
				return cooperative.offload(ran::incrementAndGet);
			});
			assertThatExceptionOfType(ExecutionException.class).isThrownBy(() -> interrupted.get(20, TimeUnit.SECONDS))
				.withCauseInstanceOf(InterruptedException.class);
			CompletableFuture<Thread> waiting = new CompletableFuture<>();
			CompletableFuture<Throwable> thrown = new CompletableFuture<>();
			CompletableFuture<Object> canceled = cooperative.call(() -> {
				waiting.complete(Thread.currentThread());
				try {
					return cooperative.offload(ran::incrementAndGet);
				}
				catch (InterruptedException ex) {
					thrown.complete(ex);
					throw ex;
				}
			});
			Thread thread = waiting.get(20, TimeUnit.SECONDS);
			while (thread.getState() != Thread.State.WAITING) {
				Thread.onSpinWait();
			}
			canceled.cancel(true);
			assertThat(thrown.get(20, TimeUnit.SECONDS)).isInstanceOf(InterruptedException.class);
			go.countDown();
			assertThat(first.get(20, TimeUnit.SECONDS)).isEqualTo("first");
			assertThat(ran).hasValue(0);
		}
	}

	@ParameterizedTest
	@EnumSource(value = ConcurrencyModel.class, names = { "VIRTUAL", "EVENT_LOOP" })
	void nobodyWaitsForATaskThatCloseHasPrevented(ConcurrencyModel model) throws Exception {
		CountDownLatch begun = new CountDownLatch(1);
		CountDownLatch go = new CountDownLatch(1);
		CompletableFuture<Object> first;
		CompletableFuture<Object> second;
		try (Cooperative cooperative = Cooperative.start(CooperativeOptions.defaults()
			.withModel(model)
			.withOffloadThreads(1)
			.withCloseTimeout(Duration.ZERO)
			.withCancelGrace(Duration.ofMillis(200)))) {
			first = cooperative.call(() -> cooperative.offload(() -> {
				begun.countDown();
				awaitUninterruptibly(go);
				return "first";
			}));
			begun.await();
			second = cooperative.call(() -> cooperative.offload(() -> "second"));
		}
		assertThatExceptionOfType(ExecutionException.class).isThrownBy(() -> second.get(20, TimeUnit.SECONDS))
			.satisfies((ex) -> assertThat(ex.getCause()).isInstanceOfAny(RejectedExecutionException.class,
					InterruptedException.class));
		go.countDown();
		assertThat(first.get(20, TimeUnit.SECONDS)).isEqualTo("first");
	}

	private static void awaitUninterruptibly(CountDownLatch latch) {
		boolean ended = false;
		while (!ended) {
			try {
				ended = latch.await(1, TimeUnit.MINUTES);
			}
			catch (InterruptedException ex) {
				ended = false;
			}
		}
	}

	@Test
	void threadOfAnEventLoopIsRefusedAtOnce() throws Exception {
		try (NettyEventLoops loops = new NettyEventLoops(1, EventLoops.DEFAULT_STALL_THRESHOLD);
				Cooperative cooperative = Cooperative.start(CooperativeOptions.defaults(), loops)) {
			loops.group()
				.submit(() -> assertThatIllegalStateException().isThrownBy(() -> cooperative.offload(() -> 1))
					.withMessageContaining("Cooperative.offload"))
				.get(20, TimeUnit.SECONDS);
		}
	}

	private static Cooperative start(ConcurrencyModel model, int threads) {
		return Cooperative
			.start(CooperativeOptions.defaults().withModel(model).withThreads(2).withOffloadThreads(threads));
	}

}
