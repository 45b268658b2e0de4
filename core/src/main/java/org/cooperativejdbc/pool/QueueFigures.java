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

import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.LongAccumulator;
import java.util.concurrent.atomic.LongAdder;

import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.cooperativejdbc.jfr.FlightRecorder;
import org.jspecify.annotations.Nullable;

/**
 * What a queue has counted. Threads that get a connection without a wait are not counted.
 * May be used by any thread.
 *
 * @since 0.1.0
 */
public final class QueueFigures {

	private static final Log logger = LogFactory.getLog(QueueFigures.class);

	private static final QueueListener.Wait NOT_HEARD = (nanos, admitted) -> {
	};

	private final Map<RefusalReason, LongAdder> refused = new EnumMap<>(RefusalReason.class);

	private final LongAccumulator longestNanos = new LongAccumulator(Math::max, 0);

	private final List<QueueListener> listeners = new CopyOnWriteArrayList<>();

	private final ThreadLocal<@Nullable Boolean> telling = new ThreadLocal<>();

	QueueFigures() {
		for (RefusalReason reason : RefusalReason.values()) {
			this.refused.put(reason, new LongAdder());
		}
	}

	/**
	 * Add a listener that is notified of each wait.
	 * @param listener the listener
	 */
	public void onWait(QueueListener listener) {
		this.listeners.add(listener);
	}

	/**
	 * Remove all listeners.
	 */
	public void close() {
		this.listeners.clear();
	}

	/**
	 * Return how many threads were refused.
	 * @param reason why
	 * @return their number
	 */
	public long refused(RefusalReason reason) {
		LongAdder count = this.refused.get(reason);
		return (count != null) ? count.sum() : 0;
	}

	/**
	 * Return the longest wait so far, of those that have ended.
	 * @return its length
	 */
	public Duration longestWait() {
		return Duration.ofNanos(this.longestNanos.get());
	}

	void refused(RefusalReason reason, String pool) {
		LongAdder count = this.refused.get(reason);
		if (count != null) {
			count.increment();
		}
		FlightRecorder.refused(reason.toString(), pool);
	}

	/**
	 * Begin a wait of the current thread, which is in the queue already and must get to
	 * its end whatever a listener throws.
	 * @param share what its share is called, or {@code null} if it has none
	 * @return the wait, to be ended with {@link #ended}
	 */
	QueueListener.Wait begin(@Nullable String share) {
		if (this.listeners.isEmpty()) {
			return NOT_HEARD;
		}
		QueueListener.Wait wait = NOT_HEARD;
		this.telling.set(true);
		try {
			for (QueueListener listener : this.listeners) {
				try {
					wait = both(wait, listener.begin(share));
				}
				catch (Throwable ex) {
					logger.debug("Wait for a connection not noted", ex);
				}
			}
		}
		finally {
			this.telling.remove();
		}
		return wait;
	}

	/**
	 * Return whether the current thread is telling a listener. If that borrows a
	 * connection of the same pool, as what stores observations in the database does, it
	 * must not wait in the queue: its thread has its turn there already, or holds a place
	 * that is not taken up before the listener returns.
	 */
	boolean isTelling() {
		return !this.listeners.isEmpty() && this.telling.get() != null;
	}

	private static QueueListener.Wait both(QueueListener.Wait first, QueueListener.Wait second) {
		return (nanos, admitted) -> {
			first.ended(nanos, admitted);
			try {
				second.ended(nanos, admitted);
			}
			catch (Throwable ex) {
				logger.debug("Wait for a connection not noted", ex);
			}
		};
	}

	void ended(QueueListener.Wait wait, long nanos, boolean admitted) {
		this.longestNanos.accumulate(nanos);
		if (wait == NOT_HEARD) {
			return;
		}
		this.telling.set(true);
		try {
			wait.ended(nanos, admitted);
		}
		finally {
			this.telling.remove();
		}
	}

}
