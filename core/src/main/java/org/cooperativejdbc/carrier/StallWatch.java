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
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;

/**
 * Watches event loops for one that does not come round: a virtual thread is pinned to its
 * carrier while it waits (by a native frame, a class initializer or, before JDK 24, a
 * monitor), computes without end, or the loop's own thread waits for a lock that is to
 * pass to one of the threads it carries, which without help would never end. Until the
 * loop comes round again, its virtual threads run on threads that the watch lends.
 */
final class StallWatch implements AutoCloseable {

	/**
	 * The most threads lent to one event loop.
	 */
	private static final int MAX_LENT = 16;

	/**
	 * The time that a stall lasts at least before it is logged: shorter ones, as while
	 * classes are loaded, are no cause for concern.
	 */
	private static final long LOG_AFTER_NANOS = TimeUnit.SECONDS.toNanos(1);

	private static final Log logger = LogFactory.getLog(StallWatch.class);

	private final List<Watched> watched;

	private final long thresholdNanos;

	private final AtomicLong stalls = new AtomicLong();

	private volatile boolean closed;

	private final Thread thread;

	StallWatch(List<? extends EventLoop> loops, Duration threshold) {
		this.watched = loops.stream().map(Watched::new).toList();
		this.thresholdNanos = threshold.toNanos();
		this.thread = Thread.ofPlatform().daemon().name("cooperative-jdbc-stall-watch").start(this::run);
	}

	/**
	 * Return how often an event loop has stalled.
	 */
	long stalls() {
		return this.stalls.get();
	}

	private void run() {
		try {
			while (!this.closed) {
				this.watched.forEach(Watched::ask);
				if (thresholdPassed()) {
					this.watched.forEach(Watched::check);
				}
			}
		}
		finally {
			this.watched.forEach((watched) -> watched.stalled = false);
		}
	}

	/**
	 * Wait, unless the watch is closed meanwhile: a loop that ends does not come round,
	 * which is no stall.
	 */
	private boolean thresholdPassed() {
		long start = System.nanoTime();
		long remaining = this.thresholdNanos;
		while (remaining > 0 && !this.closed) {
			LockSupport.parkNanos(this, remaining);
			remaining = this.thresholdNanos - (System.nanoTime() - start);
		}
		return !this.closed;
	}

	@Override
	public void close() {
		this.closed = true;
		LockSupport.unpark(this.thread);
	}

	/**
	 * What the watch knows of one event loop. Used by the thread of the watch, except
	 * where noted.
	 */
	private final class Watched {

		private final EventLoop loop;

		private long rounds;

		private boolean asked;

		private long lastRun;

		private int lent;

		private long stalledSince;

		private boolean reported;

		private volatile boolean stalled; // read by the threads lent

		private final AtomicLong runs = new AtomicLong(); // written by the threads lent

		private Watched(EventLoop loop) {
			this.loop = loop;
		}

		/**
		 * Ask for a sign of life, unless the loop has nothing to do anyway.
		 */
		private void ask() {
			this.rounds = this.loop.rounds();
			this.asked = this.stalled || this.loop.running() != null || this.loop.hasContinuations()
					|| this.loop.hasWaiters();
			if (this.asked) {
				this.loop.ping();
			}
		}

		private void check() {
			if (!this.asked || this.loop.rounds() != this.rounds) {
				this.stalled = false;
				this.lent = 0;
				return;
			}
			if (!this.stalled) {
				this.stalled = true;
				this.stalledSince = System.nanoTime() - StallWatch.this.thresholdNanos;
				this.reported = false;
				StallWatch.this.stalls.incrementAndGet();
			}
			long stalledNanos = System.nanoTime() - this.stalledSince;
			if (!this.reported && stalledNanos >= LOG_AFTER_NANOS) {
				this.reported = true;
				report(stalledNanos);
			}
			long runs = this.runs.get();
			if (this.lent == 0 || (this.lent < MAX_LENT && runs == this.lastRun && this.loop.hasContinuations())) {
				lend();
			}
			this.lastRun = runs;
		}

		private void lend() {
			this.lent++;
			Thread.ofPlatform().daemon().name(name() + "-lent-" + this.lent).start(this::runContinuations);
			this.loop.wakeAll();
		}

		private void runContinuations() {
			while (this.stalled) {
				if (this.loop.lendContinuation()) {
					this.runs.incrementAndGet();
				}
				else {
					LockSupport.parkNanos(this, Duration.ofMillis(1).toNanos());
				}
			}
		}

		private void report(long stalledNanos) {
			Runnable running = this.loop.running();
			Thread carried = (running != null) ? CarriedThreads.threadOf(running) : null;
			Thread culprit = (carried != null) ? carried : this.loop.thread();
			if (culprit != null) {
				StackTraceElement[] frames = culprit.getStackTrace();
				logger.warn("Event loop '" + name() + "' has not come round for "
						+ TimeUnit.NANOSECONDS.toMillis(stalledNanos)
						+ " ms; until it does, its other threads run elsewhere. Thread '" + culprit.getName()
						+ "' is in " + place(frames));
				if (logger.isDebugEnabled()) {
					Throwable stack = new Throwable("Stack of thread '" + culprit.getName() + "'");
					stack.setStackTrace(frames);
					logger.debug("What has kept event loop '" + name() + "'", stack);
				}
			}
		}

		/**
		 * Return the first method that is not the JDK's.
		 */
		private static String place(StackTraceElement[] frames) {
			return Arrays.stream(frames)
				.filter((frame) -> !frame.getClassName().startsWith("java.") && !frame.getClassName().startsWith("jdk.")
						&& !frame.getClassName().startsWith("sun."))
				.findFirst()
				.map(StackTraceElement::toString)
				.orElse((frames.length > 0) ? frames[0].toString() : "no method");
		}

		private String name() {
			Thread thread = this.loop.thread();
			return (thread != null) ? thread.getName() : "cooperative-jdbc-loop";
		}

	}

}
