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

package org.cooperativejdbc.junit;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;

import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.cooperativejdbc.BlockingOnEventLoopException;
import org.cooperativejdbc.ConcurrencyModel;
import org.cooperativejdbc.carrier.EventLoops;
import org.cooperativejdbc.carrier.StalledThread;
import org.cooperativejdbc.door.Observed;
import org.cooperativejdbc.pool.HeldConnection;
import org.cooperativejdbc.pool.HoldWatch;
import org.jspecify.annotations.Nullable;

/**
 * Watches an application during a test. A thread of its own looks who holds connections
 * and who keeps an event loop, so that the stack of a culprit is the one of the moment.
 * It ends with the test.
 */
final class Watch implements AutoCloseable {

	private static final Log logger = LogFactory.getLog(Watch.class);

	private static final long PERIOD_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

	/**
	 * How long a connection may be on its way back when the test has ended: a client may
	 * have its answer before the server has given the connection back.
	 */
	private static final Duration RETURN_TIME = Duration.ofSeconds(2);

	/**
	 * The most that counts at once: on a busy machine the looks are less frequent, and
	 * what was between two of them is not known.
	 */
	private static final long MOST_AT_ONCE_NANOS = 5 * PERIOD_NANOS;

	private static final int MOST_LISTED = 20;

	private final Observed observed;

	private final Limits limits;

	private final HoldWatch holds;

	private final @Nullable PinnedThreads pinnedThreads;

	private final Thread testThread = Thread.currentThread();

	private final Thread lookout;

	/**
	 * By what identifies the cause, so that it counts once.
	 */
	private final Map<Object, Violation> violations = new LinkedHashMap<>(); // this

	private final Map<Object, Seen> seen = new HashMap<>(); // this

	private boolean executed; // this

	private volatile boolean ended;

	/**
	 * Start to watch, on the thread of the test.
	 * @throws IllegalStateException if another test watches the same
	 */
	Watch(Observed observed, Limits limits) {
		this.observed = observed;
		this.limits = limits;
		this.holds = observed.holdTimes().watch();
		this.pinnedThreads = (observed.description().model() == ConcurrencyModel.VIRTUAL
				&& ModuleLayer.boot().findModule("jdk.jfr").isPresent()) ? PinnedThreads.start(limits.pinned()) : null;
		this.lookout = Thread.ofPlatform().daemon().name("cooperative-jdbc-test-watch").unstarted(this::lookOut);
		observed.eventLoopCalls().setListener(this::calledOnEventLoop);
		this.lookout.start();
	}

	private void lookOut() {
		while (!this.ended) {
			try {
				look();
			}
			catch (RuntimeException ex) {
				logger.debug("Not looked who blocks", ex);
			}
			LockSupport.parkNanos(this, PERIOD_NANOS);
		}
	}

	private synchronized void look() {
		this.holds.held().forEach(this::look);
		EventLoops loops = this.observed.eventLoops();
		if (loops != null) {
			loops.stalled().forEach(this::look);
		}
	}

	/**
	 * Look at a connection. Idle time counts while its thread waits for something else
	 * than the database.
	 */
	private void look(HeldConnection held) {
		Duration idle = held.idle();
		if (idle != null && !isOfTestItself(held)) {
			Seen seen = this.seen.computeIfAbsent(held.borrowed(), (key) -> new Seen(0));
			seen.add(held.thread(), idle.toNanos());
			if (seen.waited >= this.limits.idleHold().toNanos()) {
				this.violations.computeIfAbsent(held.borrowed(), (key) -> idle(held));
			}
		}
	}

	/**
	 * Return whether the test holds the connection beyond its own method: in a
	 * transaction that is rolled back afterwards. Assertions may take their time there.
	 */
	private boolean isOfTestItself(HeldConnection held) {
		return this.executed && held.thread() == this.testThread;
	}

	private Violation idle(HeldConnection held) {
		StackTraceElement[] stack = held.thread().getStackTrace();
		String what = "A connection of pool '" + held.pool() + "' was held idle for more than "
				+ this.limits.idleHold().toMillis() + " ms by thread '" + Violation.name(held.thread()) + "', which ";
		return (stack.length > 0) ? Violation.of(what + "waits", stack)
				: Violation.of(what + "borrowed it", held.borrowed().getStackTrace());
	}

	private void look(StalledThread stalled) {
		Seen seen = this.seen.computeIfAbsent(stalled, (key) -> new Seen(stalled.since()));
		seen.add(stalled.thread(), System.nanoTime());
		if (seen.waited >= this.limits.pinned().toNanos()) {
			this.violations.computeIfAbsent(stalled,
					(key) -> stalled(stalled, "pinned", this.limits.pinned(), "waits"));
		}
		else if (seen.ran >= this.limits.blocked().toNanos()) {
			this.violations.computeIfAbsent(stalled,
					(key) -> stalled(stalled, "blocked", this.limits.blocked(), "runs"));
		}
	}

	private static Violation stalled(StalledThread stalled, String how, Duration limit, String does) {
		return Violation.of(
				"Carrier '" + stalled.carrier().getName() + "' was " + how + " for more than " + limit.toMillis()
						+ " ms by thread '" + Violation.name(stalled.thread()) + "', which " + does,
				stalled.thread().getStackTrace());
	}

	private synchronized void calledOnEventLoop(BlockingOnEventLoopException call) {
		Violation violation = Violation
			.of("JDBC was called on event loop '" + Violation.name(Thread.currentThread()) + "'", call.getStackTrace());
		this.violations.putIfAbsent(violation.message(), violation);
	}

	/**
	 * Note that the test method has ended, and what is left is to tidy up.
	 */
	synchronized void executed() {
		this.executed = true;
		this.holds.held().forEach((held) -> {
			if (isOfTestItself(held)) {
				this.violations.remove(held.borrowed());
			}
		});
	}

	/**
	 * End the watch, when all that belongs to the test has been tidied up.
	 * @throws AssertionError if the test was not cooperative
	 */
	@Override
	public void close() {
		try {
			awaitReturn();
			this.ended = true;
			LockSupport.unpark(this.lookout);
			fail(end());
		}
		finally {
			this.ended = true;
			this.observed.eventLoopCalls().setListener(null);
			this.holds.close();
			if (this.pinnedThreads != null) {
				this.pinnedThreads.close();
			}
		}
	}

	private void awaitReturn() {
		long start = System.nanoTime();
		while (!this.holds.held().isEmpty() && System.nanoTime() - start < RETURN_TIME.toNanos()
				&& !Thread.currentThread().isInterrupted()) {
			LockSupport.parkNanos(this, PERIOD_NANOS / 4);
		}
	}

	private synchronized List<Violation> end() {
		for (HeldConnection held : this.holds.held()) {
			if (isLeaked(held)) {
				this.violations.put(held.borrowed(),
						Violation.of(
								"A connection of pool '" + held.pool() + "' was not given back by thread '"
										+ Violation.name(held.thread()) + "', which borrowed it",
								held.borrowed().getStackTrace()));
			}
		}
		List<Violation> violations = new ArrayList<>(this.violations.values());
		if (this.pinnedThreads != null) {
			violations.addAll(this.pinnedThreads.stop());
		}
		return violations;
	}

	/**
	 * Return whether the connection is no longer used, rather than by a task that goes on
	 * after the test.
	 */
	private static boolean isLeaked(HeldConnection held) {
		Duration idle = held.idle();
		return idle == null || idle.compareTo(RETURN_TIME) >= 0;
	}

	private static void fail(List<Violation> violations) {
		if (!violations.isEmpty()) {
			AssertionError error = new AssertionError(violations.stream()
				.limit(MOST_LISTED)
				.map((violation) -> "%n- ".formatted() + violation.message())
				.collect(Collectors.joining("", "The test was not cooperative (" + violations.size() + "):", "")));
			violations.stream().limit(MOST_LISTED).map(Violation::toThrowable).forEach(error::addSuppressed);
			throw error;
		}
	}

	/**
	 * What was seen of one who holds a connection or an event loop. Only what was seen
	 * twice in a row lasts: a thread that waits may just have left its carrier. Loading
	 * of classes does not count.
	 */
	private static final class Seen {

		private long last;

		private long waited;

		private long ran;

		private boolean waits;

		private Seen(long start) {
			this.last = start;
		}

		private void add(Thread thread, long now) {
			Thread.State state = thread.getState();
			boolean waits = state == Thread.State.WAITING || state == Thread.State.TIMED_WAITING
					|| state == Thread.State.BLOCKED;
			boolean lasts = waits ? this.waits : state == Thread.State.RUNNABLE;
			long time = Math.min(now - this.last, MOST_AT_ONCE_NANOS);
			this.last = now;
			if (lasts && !ClassLoading.isIn(thread.getStackTrace())) {
				if (waits) {
					this.waited += time;
				}
				else {
					this.ran += time;
				}
			}
			this.waits = waits;
		}

	}

}
