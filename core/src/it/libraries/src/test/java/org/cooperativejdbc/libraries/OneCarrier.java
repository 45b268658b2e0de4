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

package org.cooperativejdbc.libraries;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.FutureTask;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;

import org.cooperativejdbc.Cooperative;
import org.cooperativejdbc.CooperativeOptions;
import org.cooperativejdbc.carrier.EventLoops;
import org.cooperativejdbc.carrier.NettyEventLoops;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Virtual threads that have one carrier, to see whether a second one runs while a first
 * one waits.
 */
final class OneCarrier implements AutoCloseable {

	/**
	 * Longer than any test takes.
	 */
	private static final Duration NEVER = Duration.ofHours(1);

	private static final Duration PATIENCE = Duration.ofSeconds(30);

	/**
	 * How often the same must be seen: a library may wait for something else before, and
	 * computes and loads classes in between.
	 */
	private static final int LOOKS = 5;

	private static final Duration TIME_TO_RUN = Duration.ofMillis(100);

	private static final Duration BETWEEN_LOOKS = Duration.ofMillis(20);

	private final ThreadFactory threads;

	private final EventLoops loops;

	private OneCarrier(ThreadFactory threads, EventLoops loops) {
		this.threads = threads;
		this.loops = loops;
	}

	/**
	 * An event loop whose thread nobody relieves.
	 */
	static OneCarrier eventLoop() throws IOException {
		return of(EventLoops.start(1, NEVER));
	}

	/**
	 * An event loop as applications have it, whose thread is relieved when it does not
	 * make progress.
	 */
	static OneCarrier relievedEventLoop() throws IOException {
		return of(EventLoops.start(1));
	}

	/**
	 * An event loop of Netty's, whose thread nobody relieves.
	 */
	static OneCarrier nettyEventLoop() throws IOException {
		return of(new NettyEventLoops(1, NEVER));
	}

	private static OneCarrier of(EventLoops loops) {
		return new OneCarrier(loops.threadFactory("library-"), loops);
	}

	/**
	 * The scheduler of the JDK. The command line says that it has one carrier.
	 */
	static OneCarrier jdk() {
		assertThat(System.getProperty("jdk.virtualThreadScheduler.parallelism")).isEqualTo("1");
		return new OneCarrier(Thread.ofVirtual().name("library-", 1).factory(), null);
	}

	NettyEventLoops nettyLoops() {
		return (NettyEventLoops) this.loops;
	}

	/**
	 * Return how often the event loop has stalled.
	 */
	long stalls() {
		return this.loops.stalls();
	}

	/**
	 * Return what a thread does to its carrier that makes a call, from when it waits
	 * until it is let go on.
	 */
	Effect effectOf(Wait wait) throws Exception {
		return effectOf(wait, wait::call);
	}

	/**
	 * Return the same if the thread offloads the call.
	 */
	Effect effectOfOffloaded(Wait wait) throws Exception {
		try (Cooperative cooperative = Cooperative.start(CooperativeOptions.defaults(), this.loops)) {
			return effectOf(wait, () -> cooperative.offload(wait::call));
		}
	}

	private Effect effectOf(Wait wait, Callable<?> call) throws Exception {
		FutureTask<?> called = new FutureTask<>(call);
		Thread first = this.threads.newThread(called);
		first.start();
		Effect effect;
		try {
			wait.awaitBegun();
			effect = steadyEffect(first);
		}
		catch (AssertionError ex) {
			if (called.isDone()) {
				called.get();
			}
			throw ex;
		}
		finally {
			wait.end();
		}
		called.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
		return effect;
	}

	private Effect steadyEffect(Thread first) throws InterruptedException {
		long start = System.nanoTime();
		Effect last = null;
		int looks = 0;
		while (looks < LOOKS) {
			assertThat(System.nanoTime() - start).as("Time without the same %d times", LOOKS)
				.isLessThan(PATIENCE.toNanos());
			Effect effect = look(first);
			looks = (effect != null && effect == last) ? looks + 1 : 0;
			last = effect;
			assertThat(first.join(BETWEEN_LOOKS)).as("Call has returned before it was let go on").isFalse();
		}
		return last;
	}

	/**
	 * Return what is to be seen now, or {@code null} if nobody keeps the carrier but it
	 * has not run the second thread yet.
	 */
	private Effect look(Thread first) throws InterruptedException {
		Thread second = this.threads.newThread(() -> {
		});
		second.start();
		boolean hasRun = second.join(TIME_TO_RUN);
		if (isCarried(first)) {
			return hasRun ? Effect.REPLACED : Effect.HELD;
		}
		return hasRun ? Effect.FREE : null;
	}

	/**
	 * The JDK says so nowhere else: "VirtualThread[#40,library-1]/waiting@carrier".
	 */
	private static boolean isCarried(Thread virtualThread) {
		return virtualThread.toString().contains("@");
	}

	@Override
	public void close() {
		if (this.loops != null) {
			this.loops.close();
		}
	}

}
