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
import java.nio.channels.Selector;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

import io.netty.util.concurrent.ThreadAwareExecutor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledForJreRange;
import org.junit.jupiter.api.condition.JRE;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link Wakeups}, with carriers whose wake-up takes a monitor, as that of a
 * selector does.
 */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class WakeupsTests {

	private final Object wakeupMonitor = new Object();

	private final BlockingQueue<Thread> wakers = new LinkedBlockingQueue<>();

	@Test
	@EnabledForJreRange(min = JRE.JAVA_24, disabledReason = "Before JEP 491 a monitor pins virtual threads")
	void virtualThreadThatIsBlockedWhereALoopIsWokenGoesOn() throws Exception {
		try (Carriers carriers = carriers(); StallWatch watch = new StallWatch(carriers.all(), Duration.ofMillis(10))) {
			carriers.start();
			Object monitor = new Object();
			Thread first;
			Thread second;
			synchronized (this.wakeupMonitor) {
				synchronized (monitor) {
					first = startBlocked(carriers, monitor);
					second = startBlocked(carriers, this.wakeupMonitor);
					this.wakers.clear();
				}
				Thread waker = this.wakers.take();
				assertThat(waker.getName()).isNotEqualTo(Wakeups.UNBLOCKER);
				awaitBlocked(waker);
			}
			first.join();
			second.join();
			assertThat(watch).isNotNull();
		}
	}

	@Test
	void watchThatAsksForASignOfLifeIsNotBlocked() throws Exception {
		CountDownLatch asked = new CountDownLatch(1);
		NettyEventLoop loop = new NettyEventLoop(new ThreadAwareExecutor() {

			@Override
			public boolean isExecutorThread(Thread thread) {
				return false;
			}

			@Override
			public void execute(Runnable task) {
				synchronized (WakeupsTests.this.wakeupMonitor) {
					task.run();
					asked.countDown();
				}
			}

		});
		loop.initialize();
		Shift shift = Objects.requireNonNull(loop.shift());
		asked.await();
		long progress = shift.progress();
		synchronized (this.wakeupMonitor) {
			Thread watch = Thread.ofPlatform().start(loop::shift);
			watch.join();
			assertThat(shift.progress()).isEqualTo(progress);
		}
		while (shift.progress() == progress) {
			Thread.onSpinWait();
		}
	}

	private Carriers carriers() throws IOException {
		return new Carriers(1, "wakeups-", () -> {
		}) {

			@Override
			Selector openSelector() {
				return new ModelSelector((millis) -> LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(millis))) {

					@Override
					public Selector wakeup() {
						WakeupsTests.this.wakers.add(Thread.currentThread());
						synchronized (WakeupsTests.this.wakeupMonitor) {
							return super.wakeup();
						}
					}

				};
			}

		};
	}

	private static Thread startBlocked(Carriers carriers, Object monitor) {
		Thread thread = CarriedThreads.builder(carriers).name("blocked").unstarted(() -> {
			synchronized (monitor) {
				Objects.requireNonNull(monitor);
			}
		});
		thread.start();
		awaitBlocked(thread);
		return thread;
	}

	private static void awaitBlocked(Thread thread) {
		while (thread.getState() != Thread.State.BLOCKED) {
			Thread.onSpinWait();
		}
	}

}
