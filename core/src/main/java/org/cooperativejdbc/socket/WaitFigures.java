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

import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongConsumer;

import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.cooperativejdbc.jfr.FlightRecorder;
import org.jspecify.annotations.Nullable;

/**
 * What the sockets of an application have counted. Single waits are measured only if
 * there is a listener. May be used by any thread.
 *
 * @since 0.1.0
 */
public final class WaitFigures {

	static final String INTERRUPT = "interrupt";

	static final String DEADLINE = "deadline";

	private static final Log logger = LogFactory.getLog(WaitFigures.class);

	private final LongAdder interrupts = new LongAdder();

	private final LongAdder deadlines = new LongAdder();

	private final LongAdder unanswered = new LongAdder();

	private final LongAdder refused = new LongAdder();

	private volatile @Nullable LongConsumer listener;

	/**
	 * Create figures that are all zero.
	 */
	public WaitFigures() {
	}

	/**
	 * Have each wait for the server told from now on, in addition to those who are told
	 * already.
	 * @param listener called with the nanoseconds of each wait that has ended, by the
	 * thread that has waited; must be quick
	 */
	public synchronized void onWait(LongConsumer listener) {
		LongConsumer others = this.listener;
		this.listener = (others != null) ? others.andThen(listener) : listener;
	}

	/**
	 * Tell nobody anymore.
	 */
	public synchronized void close() {
		this.listener = null;
	}

	/**
	 * Return for how many waits a statement was canceled because the thread was
	 * interrupted.
	 * @return their number
	 */
	public long interrupts() {
		return this.interrupts.sum();
	}

	/**
	 * Return for how many waits a statement was canceled because the deadline of the
	 * thread had passed. After it each wait of the thread cancels, so there may be more
	 * than one for a statement.
	 * @return their number
	 */
	public long deadlines() {
		return this.deadlines.sum();
	}

	/**
	 * Return how many connections were closed because the server had not answered within
	 * the grace period after an interrupt or a deadline.
	 * @return their number
	 */
	public long unanswered() {
		return this.unanswered.sum();
	}

	/**
	 * Return how many waits were refused because their thread runs an event loop.
	 * @return their number
	 */
	public long refused() {
		return this.refused.sum();
	}

	/**
	 * Note a wait. Throws nothing, because the socket has to end what it does.
	 */
	void waited(long nanos, FlightRecorder.@Nullable Wait recorded, boolean sending) {
		try {
			if (recorded != null) {
				recorded.ended(sending);
			}
			LongConsumer listener = this.listener;
			if (listener != null) {
				listener.accept(nanos);
			}
		}
		catch (Throwable ex) {
			logger.debug("Wait not noted", ex);
		}
	}

	void canceled(String cause) {
		(cause.equals(INTERRUPT) ? this.interrupts : this.deadlines).increment();
	}

	void closedUnanswered() {
		this.unanswered.increment();
	}

	void refusedOnEventLoop() {
		this.refused.increment();
		FlightRecorder.refused("event-loop", null);
	}

}
