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
import java.util.concurrent.atomic.AtomicLong;

/**
 * How many carriers wait for channels: as many as are kept busy. Under a light load that
 * is one, so that one thread does all the work and nobody else need be woken.
 */
class CarriersInUse {

	private static final long PERIOD_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

	private static final double MORE_ABOVE = 0.9;

	private static final double FEWER_BELOW = 0.6;

	private final AtomicLong busyNanos = new AtomicLong();

	private final AtomicLong periodStart;

	private final int most;

	private volatile int count = 1;

	CarriersInUse(int most, long now) {
		this.most = most;
		this.periodStart = new AtomicLong(now);
	}

	int count() {
		return this.count;
	}

	/**
	 * Add the time that a thread has been busy.
	 * @param start when it began, by {@link System#nanoTime()}
	 * @param end when it ended
	 */
	void busy(long start, long end) {
		if (this.most == 1) {
			return;
		}
		this.busyNanos.addAndGet(end - start);
		long previous = this.periodStart.get();
		if (end - previous > PERIOD_NANOS && this.periodStart.compareAndSet(previous, end)) {
			adapt((double) this.busyNanos.getAndSet(0) / (end - previous));
		}
	}

	private void adapt(double busyThreads) {
		int current = this.count;
		if (busyThreads > MORE_ABOVE * current) {
			this.count = Math.min(current + 1, this.most);
		}
		else if (busyThreads < FEWER_BELOW * (current - 1)) {
			this.count = current - 1;
		}
	}

}
