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

import org.jspecify.annotations.Nullable;

/**
 * A platform thread that carries virtual threads, one at a time, and waits for their
 * channels while none of them can run.
 *
 * @since 0.1.0
 */
public final class CarrierThread extends Thread {

	private final Carrier carrier;

	/**
	 * Forgotten when the thread has begun: it knows a thread, which would know the one
	 * before, and so on.
	 */
	private @Nullable Shift relieved;

	private @Nullable Shift shift; // used by this thread and what it carries

	/**
	 * Create a thread.
	 * @param relieved the shift that it ends, if there is still need for that when it has
	 * started, or {@code null} if it is the first
	 */
	CarrierThread(Carrier carrier, @Nullable Shift relieved, String name) {
		super(null, null, name, 0, false);
		this.carrier = carrier;
		this.relieved = relieved;
		setDaemon(true);
	}

	@Override
	public void run() {
		Shift shift = this.carrier.beginShift(this.relieved);
		this.relieved = null;
		if (shift != null) {
			this.shift = shift;
			this.carrier.drive(shift);
		}
	}

	/**
	 * Note that the current virtual thread is the one that is being run.
	 */
	static void note() {
		if (CarriedThreads.platformThread() instanceof CarrierThread thread && thread.shift != null) {
			thread.shift.carries(Thread.currentThread());
		}
	}

	/**
	 * Return the carrier that the current thread drives or is carried by, or
	 * {@code null}.
	 */
	static @Nullable Carrier currentCarrier() {
		if (CarriedThreads.platformThread() instanceof CarrierThread thread) {
			Shift shift = thread.shift;
			return (shift != null && !shift.isOver()) ? thread.carrier : null;
		}
		return null;
	}

}
