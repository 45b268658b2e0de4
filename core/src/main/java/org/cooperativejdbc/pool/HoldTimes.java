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
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.LongAdder;

import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

/**
 * How long connections are held, from borrow to return, and for how much of that time
 * they are idle: the time in which no thread waits for the database or transfers bytes.
 * Connections whose sockets are unknown are not counted.
 * <p>
 * Only for a connection that was idle for longer than a threshold is a stack examined:
 * where it is given back and, while other threads wait for a connection, where it is
 * held. May be used by any thread.
 *
 * @since 0.1.0
 */
public final class HoldTimes {

	/**
	 * The most call sites that are kept.
	 */
	private static final int MAX_SITES = 500;

	private static final Log logger = LogFactory.getLog(HoldTimes.class);

	private final long thresholdNanos;

	private final LongAdder held = new LongAdder();

	private final LongAdder idle = new LongAdder();

	private final Map<String, Site> sites = new ConcurrentHashMap<>();

	private final Set<String> reported = ConcurrentHashMap.newKeySet();

	private final AtomicReference<@Nullable HoldWatch> watch = new AtomicReference<>();

	/**
	 * Start to measure.
	 * @param threshold the idle time from which on call sites are recorded
	 */
	public HoldTimes(Duration threshold) {
		this.thresholdNanos = threshold.toNanos();
	}

	/**
	 * Watch who holds connections, until the watch is closed.
	 * @return the watch
	 * @throws IllegalStateException if there is one already
	 */
	public HoldWatch watch() {
		HoldWatch watch = new HoldWatch((ended) -> this.watch.compareAndSet(ended, null));
		if (!this.watch.compareAndSet(null, watch)) {
			throw new IllegalStateException("The connections are watched already");
		}
		return watch;
	}

	void borrowed(Borrow borrow, String pool) {
		HoldWatch watch = this.watch.get();
		if (watch != null) {
			watch.borrowed(borrow, pool);
		}
	}

	void returned(Borrow borrow, long now) {
		HoldWatch watch = this.watch.get();
		if (watch != null) {
			watch.returned(borrow);
		}
		long idleNanos = borrow.idleNanos(now);
		if (idleNanos < 0) {
			return;
		}
		long heldNanos = borrow.heldNanos(now);
		this.held.add(heldNanos);
		this.idle.add(idleNanos);
		if (idleNanos >= this.thresholdNanos) {
			String callSite = CallSite.current();
			Site site = (callSite != null) ? site(callSite) : null;
			if (site != null) {
				site.add(heldNanos, idleNanos, borrow.idlePlace());
			}
		}
	}

	private @Nullable Site site(String callSite) {
		return (this.sites.size() < MAX_SITES) ? this.sites.computeIfAbsent(callSite, (key) -> new Site())
				: this.sites.get(callSite);
	}

	/**
	 * Look at a connection that is held while others wait for one. A thread that runs may
	 * wait the next time.
	 */
	void look(Borrow borrow, long now) {
		if (!borrow.isSeenWaiting() && borrow.idleNanos(now) >= this.thresholdNanos
				&& borrow.quietNanos(now) >= this.thresholdNanos) {
			Thread thread = borrow.thread();
			boolean waits = thread.getState() != Thread.State.RUNNABLE;
			String place = (waits || borrow.idlePlace() == null) ? CallSite.of(thread.getStackTrace()) : null;
			if (place != null) {
				borrow.idlePlace(place, waits);
				if (waits && this.reported.size() < MAX_SITES && this.reported.add(place)) {
					logger.warn("A connection is held while the database does nothing for it and others wait for one: "
							+ "for " + TimeUnit.NANOSECONDS.toMillis(borrow.quietNanos(now))
							+ " ms its thread waits in " + place
							+ ". Call others, such as HTTP services, before or after the transaction, "
							+ "not inside of it");
				}
			}
		}
	}

	/**
	 * Return the call sites that held connections idle for long.
	 * @return the one that did so for the longest time first
	 */
	public List<HoldTime> results() {
		return this.sites.entrySet()
			.stream()
			.map((entry) -> entry.getValue().result(entry.getKey()))
			.sorted(Comparator.comparing(HoldTime::idle).reversed())
			.toList();
	}

	/**
	 * Return how long connections were held.
	 * @return the sum of all that were given back
	 */
	public Duration held() {
		return Duration.ofNanos(this.held.sum());
	}

	/**
	 * Return how long connections were held while the database did nothing for them.
	 * @return the sum of all that were given back
	 */
	public Duration idle() {
		return Duration.ofNanos(this.idle.sum());
	}

	private static final class Site {

		private final LongAdder borrows = new LongAdder();

		private final LongAdder held = new LongAdder();

		private final LongAdder idle = new LongAdder();

		private volatile @Nullable String place;

		private void add(long heldNanos, long idleNanos, @Nullable String place) {
			this.borrows.increment();
			this.held.add(heldNanos);
			this.idle.add(idleNanos);
			if (place != null) {
				this.place = place;
			}
		}

		private HoldTime result(String callSite) {
			return new HoldTime(callSite, this.borrows.sum(), Duration.ofNanos(this.held.sum()),
					Duration.ofNanos(this.idle.sum()), this.place);
		}

	}

}
