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

import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.cooperativejdbc.jfr.FlightRecorder;
import org.jspecify.annotations.Nullable;

/**
 * Watches for threads that make no progress: a virtual thread is pinned to its carrier
 * while it waits (by a native frame, a class initializer or, before JDK 24, a monitor),
 * computes without end, or an event loop's own thread waits for a lock that is to pass to
 * one of the threads it carries, which without help would never end. Sleeps when there
 * has been nothing to watch for a while.
 */
final class StallWatch implements AutoCloseable {

	/**
	 * The time that a stall lasts at least before it is logged: shorter ones, as while
	 * classes are loaded, are no cause for concern.
	 */
	private static final long LOG_AFTER_NANOS = TimeUnit.SECONDS.toNanos(1);

	/**
	 * After how many periods without anything to watch the watch sleeps. To be woken for
	 * each of a few requests would cost them more than a look at each carrier does.
	 */
	private static final int MAX_IDLE_PERIODS = 100;

	private static final Log logger = LogFactory.getLog(StallWatch.class);

	private final List<Look> looks;

	private final List<Stall> stalled = new CopyOnWriteArrayList<>();

	private final long thresholdNanos;

	private final Thread thread;

	private volatile long stalls; // written by the thread of the watch

	private volatile boolean asleep;

	private volatile boolean closed;

	StallWatch(List<? extends Watched> watched, Duration threshold) {
		this.looks = watched.stream().map(Look::new).toList();
		this.thresholdNanos = threshold.toNanos();
		FlightRecorder.load();
		this.thread = Thread.ofPlatform().daemon().name("cooperative-jdbc-stall-watch").start(this::run);
	}

	/**
	 * Return how many stalls there were.
	 */
	long stalls() {
		return this.stalls;
	}

	/**
	 * Return what makes no progress now. May be called by any thread.
	 */
	List<StalledThread> stalled() {
		return this.stalled.stream().filter(Stall::lasts).map(Stall::thread).toList();
	}

	private void run() {
		int idlePeriods = 0;
		while (!this.closed) {
			idlePeriods = isIdle() ? idlePeriods + 1 : 0;
			if (idlePeriods > MAX_IDLE_PERIODS) {
				sleep();
				idlePeriods = 0;
			}
			else if (thresholdPassed()) {
				for (Look look : this.looks) {
					look(look);
				}
				this.stalled.removeIf(Stall::isOver);
			}
		}
	}

	private boolean isIdle() {
		for (Look look : this.looks) {
			if (!look.watched.isIdle()) {
				return false;
			}
		}
		return this.stalled.isEmpty();
	}

	private void sleep() {
		this.asleep = true;
		while (this.asleep && isIdle() && !this.closed) {
			LockSupport.park(this);
		}
		this.asleep = false;
	}

	/**
	 * Called after there is something to watch. May be called by any thread.
	 */
	void awake() {
		if (this.asleep) {
			this.asleep = false;
			LockSupport.unpark(this.thread);
		}
	}

	/**
	 * Wait, unless the watch is closed meanwhile: who ends makes no progress, which is no
	 * stall.
	 */
	private boolean thresholdPassed() {
		long start = System.nanoTime();
		long remaining = this.thresholdNanos;
		while (remaining > 0 && !this.closed) {
			LockSupport.parkNanos(this, remaining);
			remaining = this.thresholdNanos - (System.nanoTime() - start);
		}
		return !this.closed;
	}

	private void look(Look look) {
		try {
			Shift shift = look.shiftWithoutProgress();
			if (shift != null) {
				if (!isStalled(shift)) {
					this.stalls = this.stalls + 1;
					this.stalled.add(new Stall(shift, look.progress, System.nanoTime() - this.thresholdNanos));
				}
				look.watched.relieve(shift);
			}
		}
		catch (Throwable ex) {
			Shift.failed("What has stalled was not relieved", ex);
		}
	}

	private boolean isStalled(Shift shift) {
		for (Stall stall : this.stalled) {
			if (stall.shift == shift && !stall.isOver()) {
				return true;
			}
		}
		return false;
	}

	@Override
	public void close() {
		this.closed = true;
		LockSupport.unpark(this.thread);
	}

	/**
	 * What is watched. Called by the thread of the watch.
	 */
	interface Watched {

		/**
		 * Return whether there is nothing that it could keep waiting.
		 */
		boolean isIdle();

		/**
		 * Return the shift that is to make progress until the next period, if it is not
		 * idle then.
		 */
		@Nullable Shift shift();

		/**
		 * Have others do what the thread of the shift does not get to. Called in each
		 * period as long as the shift is the present one.
		 */
		void relieve(Shift shift);

	}

	/**
	 * What was seen in the last period.
	 */
	private static final class Look {

		private final Watched watched;

		private @Nullable Shift shift;

		private long progress;

		private Look(Watched watched) {
			this.watched = watched;
		}

		private @Nullable Shift shiftWithoutProgress() {
			Shift last = this.shift;
			long lastProgress = this.progress;
			this.shift = this.watched.isIdle() ? null : this.watched.shift();
			this.progress = (this.shift != null) ? this.shift.progress() : 0;
			return (this.shift == last && this.progress == lastProgress) ? this.shift : null;
		}

	}

	/**
	 * A thread that makes no progress, for others to see what keeps it.
	 */
	private static final class Stall {

		private final Shift shift;

		private final long progress;

		private final long start;

		private boolean logged;

		private Stall(Shift shift, long progress, long start) {
			this.shift = shift;
			this.progress = progress;
			this.start = start;
		}

		private boolean lasts() {
			return this.shift.progress() == this.progress;
		}

		/**
		 * Return the threads. A virtual thread that has just left the carrier keeps it no
		 * longer, although the carrier may not have got to noting that.
		 */
		private StalledThread thread() {
			Thread carrier = this.shift.thread();
			Thread carried = this.shift.carried();
			return new StalledThread(carrier,
					(carried != null && CarriedThreads.carrierOf(carried) == carrier) ? carried : carrier, this.start);
		}

		private boolean isOver() {
			boolean over = !lasts();
			long nanos = System.nanoTime() - this.start;
			if (!over && !this.logged && nanos >= LOG_AFTER_NANOS) {
				this.logged = true;
				Wakeups.runElsewhere(() -> log(TimeUnit.NANOSECONDS.toMillis(nanos)));
			}
			return over;
		}

		/**
		 * Called by another thread than that of the watch: to ask a virtual thread for
		 * its stack takes until it is on its carrier or off it, for which it may need the
		 * watch.
		 */
		private void log(long millis) {
			Thread carrier = this.shift.thread();
			Thread culprit = thread().thread();
			StackTraceElement[] frames = culprit.getStackTrace();
			logger.warn("Event loop '" + carrier.getName() + "' has made no progress for " + millis
					+ " ms; until it does, its other threads run elsewhere. Thread '" + culprit.getName() + "' is in "
					+ place(frames));
			if (logger.isDebugEnabled()) {
				Throwable stack = new Throwable("Stack of thread '" + culprit.getName() + "'");
				stack.setStackTrace(frames);
				logger.debug("What has kept event loop '" + carrier.getName() + "'", stack);
			}
		}

		/**
		 * Return the first method that is not the JDK's.
		 */
		private static String place(StackTraceElement[] frames) {
			return Arrays.stream(frames)
				.filter((frame) -> !frame.getClassName().startsWith("java.") && !frame.getClassName().startsWith("jdk.")
						&& !frame.getClassName().startsWith("sun."))
				.findFirst()
				.map(StackTraceElement::toString)
				.orElse((frames.length > 0) ? frames[0].toString() : "no method");
		}

	}

}
