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

import java.util.concurrent.TimeUnit;

import org.jspecify.annotations.Nullable;

/**
 * The connections of a pool that are kept for threads that hold one already: as many as
 * the user has set or, if nothing is set, one for a moment while there are such threads.
 * What it remembers is a hint, so that races do no harm.
 */
final class Reserve {

	/**
	 * How long the last free connection is held back from a thread that holds none.
	 */
	private static final long HELD_BACK_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

	/**
	 * For how many other borrows it is remembered that a thread that holds a connection
	 * needed the last one.
	 */
	private static final int REMEMBERED = 8;

	private final @Nullable Integer set;

	private volatile int remembered;

	private volatile long since; // 0 if nobody was held back

	Reserve(@Nullable Integer set) {
		this.set = set;
	}

	/**
	 * Note that a thread that holds a connection needs the last one.
	 */
	void needed() {
		this.remembered = REMEMBERED;
	}

	/**
	 * Note that a place was taken.
	 * @param inside whether by a thread that holds a connection
	 */
	void taken(boolean inside) {
		if (!inside && this.remembered > 0) {
			this.remembered = this.remembered - 1;
		}
		if (this.since != 0) {
			this.since = 0;
		}
	}

	/**
	 * Return how many connections are not for a thread that holds none.
	 * @param size the size of the pool
	 * @param heldBack for how long one has been held back already
	 */
	int of(int size, long heldBack) {
		if (this.set != null) {
			return Math.min(this.set, size - 1);
		}
		return (this.remembered > 0 && heldBack < HELD_BACK_NANOS && size > 1) ? 1 : 0;
	}

	/**
	 * Return for how long a connection has been held back.
	 * @param free whether there is one
	 */
	long heldBack(boolean free, long now) {
		if (!free) {
			this.since = 0;
		}
		else if (this.since == 0) {
			this.since = now;
		}
		return (this.since != 0) ? now - this.since : 0;
	}

}
