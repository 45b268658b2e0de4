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

package org.cooperativejdbc.pool;

import java.util.Arrays;

/**
 * How fast connections come back while threads wait for them: the mean of the latest
 * intervals between two that were handed to a waiting thread. Intervals in which nobody
 * waited tell how many were asked for and not how many could be served, so they do not
 * count. An interval longer than a thread may wait is a pause, such as that of a long
 * report or one in which nobody waits, which says nothing about what comes after it: the
 * mean begins anew.
 * <p>
 * Must be called with the lock of the queue.
 */
final class ReturnRate {

	private static final int INTERVALS = 32;

	/**
	 * Fewer intervals say too little to refuse anybody.
	 */
	private static final int ENOUGH = 8;

	private final long[] intervals = new long[INTERVALS];

	private final long pause;

	private int count;

	private int next;

	private long sum;

	private long last;

	private boolean following;

	/**
	 * Create a rate.
	 * @param pause the shortest interval that is a pause, in nanoseconds
	 */
	ReturnRate(long pause) {
		this.pause = pause;
	}

	/**
	 * Note that a thread begins to wait where none has waited before.
	 */
	void queued(long now) {
		if (now - this.last >= this.pause) {
			forget();
		}
		this.last = now;
		this.following = false;
	}

	/**
	 * Note that a connection was handed to a waiting thread.
	 */
	void handedOver(long now) {
		long interval = now - this.last;
		if (interval >= this.pause) {
			forget();
		}
		else if (this.following) {
			this.sum += interval - this.intervals[this.next];
			this.intervals[this.next] = interval;
			this.next = (this.next + 1) % INTERVALS;
			this.count = Math.min(INTERVALS, this.count + 1);
		}
		this.last = now;
		this.following = true;
	}

	private void forget() {
		Arrays.fill(this.intervals, 0);
		this.count = 0;
		this.sum = 0;
	}

	/**
	 * Return the interval between two connections that come back.
	 * @return nanoseconds, 0 if it is not known yet, or the time since the last one came
	 * back if that is a pause already
	 */
	long interval(long now) {
		long open = now - this.last;
		if (open >= this.pause) {
			return open;
		}
		return (this.count >= ENOUGH) ? this.sum / this.count : 0;
	}

}
