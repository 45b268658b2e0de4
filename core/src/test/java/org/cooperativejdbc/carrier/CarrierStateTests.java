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
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What can be seen of carriers.
 */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class CarrierStateTests {

	private final AtomicBoolean released = new AtomicBoolean();

	@Test
	void threadsAreCountedWhileTheyAreCarried() throws Exception {
		try (EventLoops loops = EventLoops.start(1)) {
			assertThat(loops.carried()).isZero();
			assertThat(loops.threads()).isOne();
			CountDownLatch latch = new CountDownLatch(1);
			CompletableFuture<Boolean> waiting = Tasks.start(loops.threadFactory("t-"), () -> {
				latch.await();
				return true;
			});
			while (loops.carried() == 0) {
				Thread.onSpinWait();
			}
			assertThat(loops.carried()).isOne();
			latch.countDown();
			waiting.get(20, TimeUnit.SECONDS);
			while (loops.carried() != 0) {
				Thread.onSpinWait();
			}
		}
	}

	@ParameterizedTest
	@ValueSource(booleans = { false, true })
	void threadThatComputesMakesOthersWaitAndARoundLong(boolean netty) throws Exception {
		Duration never = Duration.ofHours(1);
		try (EventLoops loops = netty ? new NettyEventLoops(1, never) : EventLoops.start(1, never)) {
			loops.measureRounds();
			Tasks.run(loops.threadFactory("t-"), Tasks::carrier);
			CompletableFuture<Boolean> busy = Tasks.start(loops.threadFactory("t-"), this::compute);
			while (loops.carried() == 0 || loops.states().getFirst().longestRound().toMillis() < 50) {
				Thread.onSpinWait();
			}
			CompletableFuture<String> other = Tasks.start(loops.threadFactory("t-"), Tasks::carrier);
			while (loops.states().getFirst().queued() == 0) {
				Thread.onSpinWait();
			}
			CarrierState state = loops.states().getFirst();
			assertThat(state.queued()).isOne();
			assertThat(state.stuck()).isZero();
			assertThat(state.thread()).startsWith(EventLoops.THREAD_NAME_PREFIX);
			this.released.set(true);
			assertThat(busy.get(20, TimeUnit.SECONDS)).isTrue();
			other.get(20, TimeUnit.SECONDS);
			while (loops.states().getFirst().queued() > 0) {
				Thread.onSpinWait();
			}
			assertThat(loops.states().getFirst().longestRound()).isGreaterThan(Duration.ofMillis(50));
		}
	}

	@Test
	void carrierForWhichThereIsNoOtherThreadIsStuckUntilItComesRound() throws Exception {
		try (Carriers carriers = new Carriers(1, "carrier-", () -> {
		}) {

			@Override
			boolean relieve(Carrier carrier, Shift shift) {
				return false;
			}

		}; StallWatch watch = new StallWatch(carriers.all(), Duration.ofMillis(1))) {
			carriers.start();
			Carrier carrier = carriers.all().getFirst();
			assertThat(carrier.state().stuck()).isZero();
			CompletableFuture<Boolean> busy = Tasks.start(CarriedThreads.builder(carriers).factory(), this::compute);
			while (carrier.state().stuck().toMillis() < 50) {
				watch.awake();
			}
			this.released.set(true);
			busy.get(20, TimeUnit.SECONDS);
			while (!carrier.state().stuck().isZero()) {
				Thread.onSpinWait();
			}
		}
	}

	private boolean compute() {
		while (!this.released.get()) {
			Thread.onSpinWait();
		}
		return true;
	}

	@Test
	void longRoundsAreForgotten() {
		long minute = LongestRound.PERIOD_NANOS;
		LongestRound rounds = new LongestRound(0);
		rounds.ended(0, 50);
		rounds.ended(50, 60);
		assertThat(rounds.nanos(60)).isEqualTo(50);
		rounds.ended(minute, minute + 7);
		assertThat(rounds.nanos(minute + 7)).isEqualTo(50);
		rounds.ended(2 * minute + 10, 2 * minute + 13);
		assertThat(rounds.nanos(2 * minute + 13)).isEqualTo(7);
		assertThat(rounds.nanos(3 * minute + 13)).isEqualTo(3);
		assertThat(rounds.nanos(4 * minute + 13)).isZero();
		rounds.ended(9 * minute, 9 * minute + 1);
		assertThat(rounds.nanos(9 * minute + 1)).isEqualTo(1);
	}

}
