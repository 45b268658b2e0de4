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
import java.nio.ByteBuffer;
import java.nio.channels.Pipe;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;

import org.cooperativejdbc.WaitStrategy;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import org.springframework.util.ReflectionUtils;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link Carrier}.
 */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class CarrierTests {

	@Test
	void selectorThatReturnsWithoutAReasonIsExchanged() throws Exception {
		AtomicInteger opened = new AtomicInteger();
		try (Carriers carriers = new Carriers(1, "carrier-", () -> {
		}) {

			@Override
			Selector openSelector() throws IOException {
				return (opened.getAndIncrement() == 0) ? new FutileSelector() : super.openSelector();
			}

		}) {
			carriers.start();
			while (opened.get() < 2) {
				Thread.onSpinWait();
			}
			assertThat(read(carriers, (task) -> task).get(20, TimeUnit.SECONDS)).isEqualTo(1);
			assertThat(opened).hasValue(2);
		}
	}

	@Test
	void threadThatIsWokenWhereItWaitsDoesNotWakeTheSelectorOnceMore() throws Exception {
		AtomicReference<Thread> driver = new AtomicReference<>();
		AtomicInteger wakeups = new AtomicInteger();
		try (ModelCarriers carriers = new ModelCarriers(1) {

			@Override
			Selector openSelector() {
				return new CountingSelector(driver, wakeups);
			}

		}) {
			driver.set(Thread.ofPlatform().start(() -> carriers.drive(carriers.first())));
			ModelChannel channel = new ModelChannel();
			AtomicBoolean reads = new AtomicBoolean();
			CompletableFuture<Boolean> read = Tasks.start(CarriedThreads.builder(carriers).factory(), () -> {
				while (!channel.take(SelectionKey.OP_READ)) {
					reads.set(true);
					carriers.await(channel, SelectionKey.OP_READ, WaitStrategy.NO_TIMEOUT);
				}
				return true;
			});
			while (!reads.get() || !carriers.first().isWaiting()) {
				Thread.onSpinWait();
			}
			channel.becomesReady(SelectionKey.OP_READ, 1);
			assertThat(read.get(20, TimeUnit.SECONDS)).isTrue();
			assertThat(wakeups).hasValue(0);
		}
	}

	@Test
	void interruptOfTheThreadThatCarriesEndsNothing() throws Exception {
		try (EventLoops loops = EventLoops.start(1, Duration.ofHours(1))) {
			ThreadFactory factory = loops.threadFactory("t-");
			Thread carrier = Objects.requireNonNull(Tasks.run(factory, CarriedThreads::platformThread));
			carrier.interrupt();
			assertThat(Tasks.run(factory, CarriedThreads::platformThread)).isSameAs(carrier);
			while (carrier.isInterrupted()) {
				Thread.onSpinWait();
			}
			assertThat(Tasks.run(factory, CarriedThreads::platformThread)).isSameAs(carrier);
		}
	}

	@Test
	void failureOfTheJdkBetweenTwoThreadsEndsNothing() throws Exception {
		try (EventLoops loops = EventLoops.start(1, Duration.ofHours(1))) {
			ThreadFactory factory = loops.threadFactory("t-");
			Thread carrier = Objects.requireNonNull(Tasks.run(factory, CarriedThreads::platformThread));
			for (Throwable failure : List.of(new OutOfMemoryError("on purpose"),
					new IllegalStateException("on purpose"))) {
				loops.scheduler().execute(() -> ReflectionUtils.rethrowRuntimeException(failure));
				assertThat(Tasks.run(factory, CarriedThreads::platformThread)).isSameAs(carrier);
			}
		}
	}

	@Test
	void pinnedThreadIsAnsweredEvenIfNoOtherThreadIsToBeHad() throws Exception {
		try (Carriers carriers = new Carriers(1, "carrier-", () -> {
		}) {

			@Override
			boolean relieve(Carrier carrier, Shift shift) {
				return false;
			}

		}; StallWatch watch = new StallWatch(carriers.all(), Duration.ofMillis(1))) {
			carriers.start();
			CompletableFuture<Integer> read = read(carriers, PinnedStatementTests.ClassInitializer::pinned);
			while (!read.isDone()) {
				watch.awake();
			}
			assertThat(read.get()).isEqualTo(1);
			assertThat(watch.stalls()).isPositive();
		}
	}

	/**
	 * Have a virtual thread wait for a byte, and send one when it waits.
	 */
	private static CompletableFuture<Integer> read(Carriers carriers, UnaryOperator<Callable<Integer>> pin)
			throws Exception {
		Pipe pipe = Pipe.open();
		pipe.source().configureBlocking(false);
		CountDownLatch waits = new CountDownLatch(1);
		CompletableFuture<Integer> read = Tasks.start(CarriedThreads.builder(carriers).factory(), pin.apply(() -> {
			ByteBuffer bytes = ByteBuffer.allocate(1);
			while (pipe.source().read(bytes) == 0) {
				waits.countDown();
				carriers.await(pipe.source(), SelectionKey.OP_READ, WaitStrategy.NO_TIMEOUT);
			}
			return bytes.position();
		}));
		waits.await();
		pipe.sink().write(ByteBuffer.wrap(new byte[1]));
		return read;
	}

	private static final class CountingSelector extends ModelSelector {

		private final AtomicReference<Thread> thread;

		private final AtomicInteger wakeups;

		/**
		 * Create a selector.
		 * @param thread whose wake-ups are counted
		 * @param wakeups their number
		 */
		CountingSelector(AtomicReference<Thread> thread, AtomicInteger wakeups) {
			super((millis) -> {
			});
			this.thread = thread;
			this.wakeups = wakeups;
		}

		@Override
		public Selector wakeup() {
			if (Thread.currentThread() == this.thread.get()) {
				this.wakeups.incrementAndGet();
			}
			return super.wakeup();
		}

	}

	private static final class FutileSelector extends ModelSelector {

		FutileSelector() {
			super((millis) -> {
			});
		}

		@Override
		public int select(Consumer<SelectionKey> action, long timeoutMillis) {
			return 0;
		}

	}

}
