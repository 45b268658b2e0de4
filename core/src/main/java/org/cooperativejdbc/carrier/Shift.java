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

import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;

import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.cooperativejdbc.jfr.FlightRecorder;
import org.jspecify.annotations.Nullable;

/**
 * The time in which one thread runs and waits for the virtual threads of a carrier. It is
 * over when others have taken that from it, because it has been with the same virtual
 * thread for too long: when it comes back, it finds that nothing is left to it.
 */
class Shift {

	private static final Log logger = LogFactory.getLog(Shift.class);

	private final AtomicReference<Phase> phase = new AtomicReference<>(Phase.RUNNING);

	private final AtomicLong progress = new AtomicLong();

	private final Thread thread;

	private volatile boolean running;

	private volatile @Nullable Thread carried;

	Shift(Thread thread) {
		this.thread = thread;
	}

	Thread thread() {
		return this.thread;
	}

	/**
	 * Called by the thread before it looks for the last time whether it may wait.
	 * @return {@code false} if its shift is over
	 */
	boolean beginWait() {
		return this.phase.compareAndSet(Phase.RUNNING, Phase.WAITING);
	}

	/**
	 * End the wait. Called by the thread itself or by another one, which then has to wake
	 * it.
	 * @return {@code false} if the thread did not wait
	 */
	boolean endWait() {
		return this.phase.get() == Phase.WAITING && this.phase.compareAndSet(Phase.WAITING, Phase.RUNNING);
	}

	/**
	 * End the shift, unless its thread waits: then nobody need take over.
	 * @return {@code false} if it has not been ended by this call
	 */
	boolean end() {
		return this.phase.compareAndSet(Phase.RUNNING, Phase.OVER);
	}

	boolean isWaiting() {
		return this.phase.get() == Phase.WAITING;
	}

	boolean isOver() {
		return this.phase.get() == Phase.OVER;
	}

	/**
	 * Run a continuation, on the thread of the shift. It throws nothing that its virtual
	 * thread throws, but what the JDK fails with between two of them, and that must not
	 * end the carrier of all.
	 */
	void run(Runnable continuation) {
		this.running = true;
		advance();
		try {
			continuation.run();
		}
		catch (Throwable ex) {
			failed("A virtual thread may have been lost: the JDK failed to run it", ex);
		}
		this.carried = null;
		this.running = false;
	}

	/**
	 * Note the virtual thread that is being run, which the JDK does not tell. Called by
	 * that thread when it starts and when it has waited for a channel.
	 */
	void carries(Thread virtualThread) {
		this.carried = virtualThread;
	}

	/**
	 * Return the virtual thread that is being run, or {@code null} if it is not known.
	 */
	@Nullable Thread carried() {
		return this.carried;
	}

	/**
	 * Record that others have taken over, on another thread than that of the
	 * {@link StallWatch}.
	 */
	void recordReplacement() {
		if (FlightRecorder.recordsReplacements()) {
			Thread carried = this.carried;
			Wakeups.runElsewhere(() -> FlightRecorder.carrierReplaced(this.thread.getName(), carried));
		}
	}

	/**
	 * Log a failure that must not end a thread which others need.
	 */
	static void failed(String message, Throwable failure) {
		try {
			logger.error(message, failure);
		}
		catch (Throwable ex) {
			// No memory to say so
		}
	}

	/**
	 * Note progress, on the thread of the shift, even if that is over.
	 */
	void advance() {
		this.progress.lazySet(this.progress.getPlain() + 1);
	}

	/**
	 * Return a number that changes as long as the thread makes progress.
	 */
	long progress() {
		return this.progress.get();
	}

	/**
	 * Return whether the thread runs a virtual thread.
	 */
	boolean isRunning() {
		return this.running;
	}

	private enum Phase {

		RUNNING, WAITING, OVER

	}

}
