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

import java.util.concurrent.TimeUnit;

/**
 * The longest round of the last minute or two. Written by one thread at a time.
 */
final class LongestRound {

	static final long PERIOD_NANOS = TimeUnit.MINUTES.toNanos(1);

	private volatile long start;

	private volatile long nanos;

	private volatile long nanosBefore;

	LongestRound(long now) {
		this.start = now;
	}

	/**
	 * Note a round.
	 * @param start when it began, by {@link System#nanoTime()}
	 * @param end when it ended
	 */
	void ended(long start, long end) {
		long age = end - this.start;
		if (age >= PERIOD_NANOS) {
			this.nanosBefore = (age < 2 * PERIOD_NANOS) ? this.nanos : 0;
			this.nanos = 0;
			this.start = end;
		}
		if (end - start > this.nanos) {
			this.nanos = end - start;
		}
	}

	/**
	 * Return the longest round. May be called by any thread.
	 */
	long nanos(long now) {
		long age = now - this.start;
		if (age >= 2 * PERIOD_NANOS) {
			return 0;
		}
		return (age < PERIOD_NANOS) ? Math.max(this.nanos, this.nanosBefore) : this.nanos;
	}

}
