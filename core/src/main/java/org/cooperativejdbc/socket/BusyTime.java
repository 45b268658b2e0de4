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

package org.cooperativejdbc.socket;

import java.util.concurrent.atomic.AtomicLong;

import org.cooperativejdbc.jfr.FlightRecorder;
import org.jspecify.annotations.Nullable;

/**
 * The sum of the times in which a socket was busy in one direction, the one that goes on
 * included. It is kept in a single number so that it can be read at any moment: the sum
 * in nanoseconds while nothing goes on, and else the sum less the beginning of what goes
 * on, which is marked by the lowest bit.
 */
final class BusyTime {

	private static final long GOES_ON = 1;

	private final AtomicLong state = new AtomicLong();

	private final boolean sending;

	private final WaitFigures figures;

	/**
	 * When that which goes on has begun, 0 if nothing does.
	 */
	private final AtomicLong since = new AtomicLong();

	private FlightRecorder.@Nullable Wait recorded; // of the thread that began

	/**
	 * Create the time of a socket that was never busy.
	 * @param sending whether it is busy when the server takes no more bytes, rather than
	 * when it owes an answer
	 * @param figures told of each time that has ended
	 */
	BusyTime(boolean sending, WaitFigures figures) {
		this.sending = sending;
		this.figures = figures;
	}

	/**
	 * Begin to measure.
	 * @return {@code false} if it goes on already
	 */
	boolean begin(long now) {
		long sum = this.state.getPlain();
		if ((sum & GOES_ON) != 0 || !this.state.compareAndSet(sum, (sum - now) | GOES_ON)) {
			return false;
		}
		this.since.setOpaque(now);
		this.recorded = FlightRecorder.beginWait();
		return true;
	}

	/**
	 * End to measure, if it goes on.
	 */
	void end(long now) {
		long value = this.state.getPlain();
		if ((value & GOES_ON) != 0) {
			long nanos = now - this.since.getPlain();
			this.since.setOpaque(0);
			FlightRecorder.Wait recorded = this.recorded;
			this.state.setRelease(((value & ~GOES_ON) + now) & ~GOES_ON);
			this.figures.waited(nanos, recorded, this.sending);
		}
	}

	/**
	 * Return for how long that which goes on has gone on, 0 if nothing does.
	 */
	long goingOnNanos() {
		long since = this.since.getOpaque();
		return (since != 0) ? Math.max(1, System.nanoTime() - since) : 0;
	}

	long nanos() {
		long value = this.state.get();
		return ((value & GOES_ON) != 0) ? (value & ~GOES_ON) + System.nanoTime() : value;
	}

}
