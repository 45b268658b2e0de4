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
import java.util.Collections;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;

import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;

/**
 * Measures by samples how long transactions hold a connection while the database does
 * nothing for them. A thread looks at the stacks of some of the transactions that run
 * now, in turn: one in the driver keeps the database busy, any other one is idle.
 *
 * @since 0.1.0
 */
public final class HoldTimes implements AutoCloseable {

	/**
	 * The most stacks in a sample, which limits what the measurement costs.
	 */
	private static final int MAX_STACKS = 8;

	/**
	 * The most names of transactions that are kept.
	 */
	private static final int MAX_TRANSACTIONS = 500;

	private static final Log logger = LogFactory.getLog(HoldTimes.class);

	private final long intervalNanos;

	private final Map<Object, Held> running = new ConcurrentHashMap<>();

	private final Map<String, HoldSamples> samples = new ConcurrentHashMap<>();

	private final Thread thread;

	private Iterator<Held> next = Collections.emptyIterator();

	private volatile boolean closed;

	/**
	 * Start to measure.
	 * @param interval the time between two samples
	 */
	public HoldTimes(Duration interval) {
		this.intervalNanos = interval.toNanos();
		this.thread = Thread.ofPlatform().daemon().name("cooperative-jdbc-hold-times").start(this::run);
	}

	/**
	 * Note that the current thread has begun a transaction.
	 * @param transaction identifies it
	 * @param name its name, {@code class#method}
	 */
	public void begun(Object transaction, String name) {
		this.running.put(transaction, new Held(Thread.currentThread(), name));
	}

	/**
	 * Note that a transaction has ended.
	 * @param transaction identifies it
	 */
	public void ended(Object transaction) {
		Held held = this.running.remove(transaction);
		if (held != null) {
			held.ended = true;
		}
	}

	/**
	 * Return what was measured.
	 * @return the transactions, the one that was idle most often first
	 */
	public List<HoldTime> results() {
		return this.samples.values()
			.stream()
			.sorted(Comparator.comparingLong((HoldSamples samples) -> samples.idle()).reversed())
			.map(HoldSamples::result)
			.toList();
	}

	/**
	 * Return how often a running transaction was seen.
	 * @return the number of samples
	 */
	public long samples() {
		return this.samples.values().stream().mapToLong(HoldSamples::samples).sum();
	}

	/**
	 * Return how often a running transaction was seen idle.
	 * @return the number of samples
	 */
	public long idleSamples() {
		return this.samples.values().stream().mapToLong(HoldSamples::idle).sum();
	}

	private void run() {
		while (!this.closed) {
			LockSupport.parkNanos(this, this.intervalNanos);
			sample();
		}
	}

	private void sample() {
		int stacks = Math.min(MAX_STACKS, this.running.size());
		for (int i = 0; i < stacks; i++) {
			if (!this.next.hasNext()) {
				this.next = this.running.values().iterator();
			}
			if (this.next.hasNext()) {
				sample(this.next.next());
			}
		}
	}

	private void sample(Held held) {
		StackTraceElement[] stack = held.thread.getStackTrace();
		if (held.ended || stack.length == 0
				|| (this.samples.size() >= MAX_TRANSACTIONS && !this.samples.containsKey(held.name))) {
			return;
		}
		HoldSamples samples = this.samples.computeIfAbsent(held.name, HoldSamples::new);
		String place = CallSite.idle(stack);
		if (place == null) {
			samples.busy();
		}
		else if (samples.idle(place, held.thread.getState() != Thread.State.RUNNABLE)) {
			warn(held.name, place);
		}
	}

	private static void warn(String transaction, String place) {
		logger.warn("Transactions of " + transaction
				+ " hold a connection while the database does nothing for them: most of their time they wait in "
				+ place + ". Call others, such as HTTP services, before or after the transaction, not inside of it");
	}

	@Override
	public void close() {
		this.closed = true;
		LockSupport.unpark(this.thread);
	}

	/**
	 * A transaction that runs.
	 */
	private static final class Held {

		private final Thread thread;

		private final String name;

		private volatile boolean ended;

		private Held(Thread thread, String name) {
			this.thread = thread;
			this.name = name;
		}

	}

}
