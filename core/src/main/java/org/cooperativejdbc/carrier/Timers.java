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

import java.util.Iterator;
import java.util.NavigableSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.Delayed;
import java.util.concurrent.Executor;
import java.util.concurrent.FutureTask;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

import org.jspecify.annotations.Nullable;

/**
 * The timed waits of the virtual threads of one carrier. The carrier keeps them itself
 * because a timed park of a virtual thread that is not on the JDK's scheduler otherwise
 * passes through a timer thread which all such threads share. A selector waits for whole
 * milliseconds, so what is due earlier is left to the JDK. May be used by any thread.
 * There is no lock, which could pass to a virtual thread that its carrier, waiting for
 * the same lock, would never run.
 */
final class Timers {

	private static final long SHORTEST_NANOS = TimeUnit.MILLISECONDS.toNanos(1);

	private final NavigableSet<Timer> pending = new ConcurrentSkipListSet<>();

	private final AtomicLong sequence = new AtomicLong();

	private final LongSupplier clock;

	Timers(LongSupplier clock) {
		this.clock = clock;
	}

	/**
	 * Add a timer.
	 * @return the timer, which runs the task once, on any thread, unless it is cancelled
	 * before
	 */
	Timer add(Runnable task, long delayNanos) {
		Timer timer = new Timer(task, this.clock.getAsLong() + delayNanos);
		if (delayNanos < SHORTEST_NANOS) {
			timer.leaveToTheJdk();
		}
		else {
			this.pending.add(timer);
		}
		return timer;
	}

	boolean isFirst(Timer timer) {
		return first() == timer;
	}

	private @Nullable Timer first() {
		Iterator<Timer> timers = this.pending.iterator();
		return timers.hasNext() ? timers.next() : null;
	}

	/**
	 * Return the time until the first timer is due in milliseconds, rounded up and at
	 * least 1, or 0 if there is none.
	 */
	long millisUntilFirst() {
		Timer first = first();
		if (first == null) {
			return 0;
		}
		return Math.max(1, TimeUnit.NANOSECONDS.toMillis(first.getDelay(TimeUnit.NANOSECONDS) + SHORTEST_NANOS - 1));
	}

	/**
	 * Run the tasks of the timers that are due.
	 */
	void expire() {
		Timer timer;
		while ((timer = first()) != null && timer.getDelay(TimeUnit.NANOSECONDS) <= 0) {
			if (this.pending.remove(timer)) {
				timer.run();
			}
		}
	}

	/**
	 * Leave all timers to the JDK.
	 */
	void handOver() {
		Timer timer;
		while ((timer = this.pending.pollFirst()) != null) {
			timer.leaveToTheJdk();
		}
	}

	final class Timer extends FutureTask<@Nullable Void> implements ScheduledFuture<@Nullable Void> {

		private final long nanoTime;

		private final long number = Timers.this.sequence.getAndIncrement();

		private Timer(Runnable task, long nanoTime) {
			super(task, null);
			this.nanoTime = nanoTime;
		}

		private void leaveToTheJdk() {
			Executor delayed = CompletableFuture.delayedExecutor(getDelay(TimeUnit.NANOSECONDS), TimeUnit.NANOSECONDS,
					Runnable::run);
			delayed.execute(this);
		}

		@Override
		public long getDelay(TimeUnit unit) {
			return unit.convert(this.nanoTime - Timers.this.clock.getAsLong(), TimeUnit.NANOSECONDS);
		}

		@Override
		protected void done() {
			if (isCancelled()) {
				Timers.this.pending.remove(this);
			}
		}

		@Override
		public int compareTo(Delayed other) {
			Timer timer = (Timer) other;
			int order = Long.signum(this.nanoTime - timer.nanoTime);
			return (order != 0) ? order : Long.compare(this.number, timer.number);
		}

	}

}
