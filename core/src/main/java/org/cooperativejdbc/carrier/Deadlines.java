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

import java.util.List;
import java.util.NavigableSet;
import java.util.TreeSet;
import java.util.concurrent.Delayed;
import java.util.concurrent.FutureTask;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;

import org.jspecify.annotations.Nullable;

/**
 * The timed waits of the virtual threads of one event loop. The loop keeps them itself
 * because a timed park of a virtual thread that is not on the JDK's scheduler otherwise
 * passes through a timer thread which all such threads share. May be used by any thread.
 */
final class Deadlines {

	private final NavigableSet<Deadline> pending = new TreeSet<>();

	private long sequence;

	synchronized Deadline add(Runnable task, long delayNanos) {
		Deadline deadline = new Deadline(task, System.nanoTime() + delayNanos, this.sequence++);
		this.pending.add(deadline);
		return deadline;
	}

	synchronized boolean isEmpty() {
		return this.pending.isEmpty();
	}

	synchronized boolean isFirst(Deadline deadline) {
		return !this.pending.isEmpty() && this.pending.first() == deadline;
	}

	private synchronized void remove(Deadline deadline) {
		this.pending.remove(deadline);
	}

	/**
	 * Return the time until the first deadline in milliseconds, rounded up and at least
	 * 1, or 0 if there is none.
	 */
	synchronized long millisUntilFirst() {
		if (this.pending.isEmpty()) {
			return 0;
		}
		return Math.max(1, TimeUnit.NANOSECONDS
			.toMillis(this.pending.first().getDelay(TimeUnit.NANOSECONDS) + TimeUnit.MILLISECONDS.toNanos(1) - 1));
	}

	/**
	 * Run the tasks whose deadline has passed.
	 */
	void expire() {
		Deadline deadline;
		while ((deadline = firstExpired()) != null) {
			deadline.run();
		}
	}

	/**
	 * Remove all deadlines, so that somebody else can keep them.
	 */
	synchronized List<Deadline> removeAll() {
		List<Deadline> removed = List.copyOf(this.pending);
		this.pending.clear();
		return removed;
	}

	private synchronized @Nullable Deadline firstExpired() {
		boolean expired = !this.pending.isEmpty() && this.pending.first().getDelay(TimeUnit.NANOSECONDS) <= 0;
		return expired ? this.pending.removeFirst() : null;
	}

	final class Deadline extends FutureTask<@Nullable Void> implements ScheduledFuture<@Nullable Void> {

		private final long nanoTime;

		private final long sequence;

		private Deadline(Runnable task, long nanoTime, long sequence) {
			super(task, null);
			this.nanoTime = nanoTime;
			this.sequence = sequence;
		}

		@Override
		public long getDelay(TimeUnit unit) {
			return unit.convert(this.nanoTime - System.nanoTime(), TimeUnit.NANOSECONDS);
		}

		@Override
		protected void done() {
			if (isCancelled()) {
				remove(this);
			}
		}

		@Override
		public int compareTo(Delayed other) {
			Deadline deadline = (Deadline) other;
			int order = Long.signum(this.nanoTime - deadline.nanoTime);
			return (order != 0) ? order : Long.compare(this.sequence, deadline.sequence);
		}

	}

}
