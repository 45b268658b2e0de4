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

package org.cooperativejdbc.loop;

import java.util.Comparator;
import java.util.NavigableSet;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * The timed waits of the virtual threads of one event loop. The loop keeps them itself
 * because a timed park of a virtual thread that is not on the JDK's scheduler passes
 * through a timer thread which all such threads share.
 */
final class Deadlines {

	private final NavigableSet<Deadline> pending = new TreeSet<>(Deadline.ORDER);

	Deadline add(Thread thread, long timeoutNanos) {
		Deadline deadline = new Deadline(System.nanoTime() + timeoutNanos, thread);
		this.pending.add(deadline);
		return deadline;
	}

	void remove(Deadline deadline) {
		this.pending.remove(deadline);
	}

	/**
	 * Return the time until the first deadline in milliseconds, rounded up and at least
	 * 1, or 0 if there is none.
	 */
	long millisUntilFirst() {
		if (this.pending.isEmpty()) {
			return 0;
		}
		long nanos = this.pending.first().nanoTime() - System.nanoTime();
		return Math.max(1, TimeUnit.NANOSECONDS.toMillis(nanos + TimeUnit.MILLISECONDS.toNanos(1) - 1));
	}

	/**
	 * Wake the threads whose deadline has passed.
	 */
	void expire() {
		while (!this.pending.isEmpty() && this.pending.first().nanoTime() - System.nanoTime() <= 0) {
			LockSupport.unpark(this.pending.removeFirst().thread());
		}
	}

	record Deadline(long nanoTime, Thread thread) {

		static final Comparator<Deadline> ORDER = ((Comparator<Deadline>) (left, right) -> Long
			.signum(left.nanoTime() - right.nanoTime())).thenComparing((deadline) -> deadline.thread().threadId());

	}

}
