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

import java.io.IOException;
import java.nio.channels.CancelledKeyException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ClosedSelectorException;
import java.nio.channels.SelectableChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.time.Duration;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;

import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.cooperativejdbc.WaitStrategy;
import org.jspecify.annotations.Nullable;

/**
 * What one thread at a time {@link #drive drives} to run virtual threads and, while none
 * of them can run, to wait for the channels they use: a queue, a selector and timers.
 * <p>
 * Whoever adds something that the thread has to see before it waits does so first and
 * {@link #wake() wakes} it then. The thread says that it waits first, and looks for the
 * last time then. So nothing is overlooked, and nobody is woken who is awake.
 */
final class Carrier implements StallWatch.Watched {

	/**
	 * How many continuations run between two looks at the selector, so that threads that
	 * always have something to do do not keep others from their answers.
	 */
	private static final int MAX_CONTINUATIONS = 128;

	/**
	 * For how long continuations are left waiting before another carrier that waits is
	 * woken to help. To wake it costs about a tenth of that.
	 */
	private static final long LATE_NANOS = TimeUnit.MICROSECONDS.toNanos(100);

	/**
	 * After how many selections in a row that return without a reason the selector is
	 * exchanged.
	 */
	private static final int MAX_FUTILE_SELECTIONS = 512;

	private static final Log logger = LogFactory.getLog(Carrier.class);

	/**
	 * When the selector was last looked into, or left to look into the queue.
	 */
	private final AtomicLong roundStart = new AtomicLong();

	private final AtomicLong helpTime = new AtomicLong();

	private final ReentrantLock selectionLock = new ReentrantLock();

	private final ReentrantLock registrationLock = new ReentrantLock();

	private final Carriers carriers;

	private final Queue<Runnable> continuations;

	private final Timers timers;

	private volatile Selector selector;

	private volatile @Nullable Shift shift;

	/**
	 * The shift that another thread is on its way to end.
	 */
	private volatile @Nullable Shift relieved;

	/**
	 * Since when no thread is to be had for a shift that makes no progress.
	 */
	private volatile @Nullable Stuck stuck;

	private final LongestRound longestRound;

	private int futileSelections;

	private volatile boolean closed;

	Carrier(Carriers carriers) throws IOException {
		this.carriers = carriers;
		this.continuations = carriers.newQueue();
		this.timers = new Timers(carriers::now);
		this.selector = carriers.openSelector();
		this.roundStart.set(carriers.now());
		this.longestRound = new LongestRound(carriers.now());
	}

	/**
	 * Begin the first shift, or relieve the thread of another one.
	 * @param previous the shift to end, or {@code null} for the first one
	 * @return the new shift, or {@code null} if there is no need for it
	 */
	@Nullable Shift beginShift(@Nullable Shift previous) {
		this.relieved = null;
		if (previous != null && !previous.end()) {
			return null;
		}
		Shift shift = this.carriers.newShift();
		this.shift = shift;
		return shift;
	}

	@Override
	public @Nullable Shift shift() {
		return this.shift;
	}

	boolean isOneOf(Carriers carriers) {
		return this.carriers == carriers;
	}

	@Override
	public boolean isIdle() {
		return this.closed || isWaiting();
	}

	/**
	 * Have another thread take over, unless one is on its way. If there is none to be
	 * had, the threads that wait here are woken at least: the one that is pinned may be
	 * among them.
	 */
	@Override
	public void relieve(Shift shift) {
		if (this.relieved == shift) {
			return;
		}
		this.relieved = shift;
		if (this.carriers.relieve(this, shift)) {
			shift.recordReplacement();
		}
		else {
			this.relieved = null;
			stuck(shift);
			wakeAll();
		}
	}

	private void stuck(Shift shift) {
		Stuck stuck = this.stuck;
		if (stuck == null || !stuck.goesOn(shift)) {
			this.stuck = new Stuck(shift, shift.progress(), this.carriers.now());
		}
	}

	/**
	 * Return what can be seen of the carrier. May be called by any thread.
	 */
	CarrierState state() {
		long now = this.carriers.now();
		Shift shift = this.shift;
		Stuck stuck = this.stuck;
		long stuckNanos = (shift != null && stuck != null && stuck.goesOn(shift)) ? now - stuck.since() : 0;
		long round = isIdle() ? 0 : now - this.roundStart.get();
		return new CarrierState((shift != null) ? shift.thread().getName() : "not started", this.continuations.size(),
				Duration.ofNanos(Math.max(round, this.longestRound.nanos(now))), Duration.ofNanos(stuckNanos));
	}

	/**
	 * Run what can run and wait for what cannot, until the shift is over. Called by its
	 * thread.
	 */
	void drive(Shift shift) {
		long start = this.carriers.now();
		while (!shift.isOver() && !this.closed) {
			try {
				runContinuations(shift);
				long end = this.carriers.now();
				this.longestRound.ended(start, end);
				select(shift);
				start = this.carriers.now();
				this.roundStart.set(start);
				this.timers.expire();
			}
			catch (Throwable ex) {
				Shift.failed("The carrier of virtual threads failed for a moment", ex);
				start = this.carriers.now();
			}
		}
		shift.advance();
	}

	private void runContinuations(Shift shift) {
		for (int i = 0; i < MAX_CONTINUATIONS && !shift.isOver(); i++) {
			Runnable continuation = this.continuations.poll();
			if (continuation == null) {
				continuation = this.carriers.takeFromLate(this);
			}
			if (continuation == null) {
				break;
			}
			this.carriers.helpIfLate(this);
			shift.run(continuation);
		}
		shift.advance();
	}

	private void select(Shift shift) {
		this.selectionLock.lock();
		try {
			if (!shift.beginWait()) {
				return;
			}
			if (mayWait()) {
				waitInSelector(shift);
			}
			else {
				shift.endWait();
				this.selector.selectNow(Carrier::ready);
			}
		}
		catch (IOException ex) {
			exchangeSelector(ex);
		}
		catch (ClosedSelectorException ex) {
			// The carrier has been closed
		}
		finally {
			shift.endWait();
			this.selectionLock.unlock();
		}
	}

	private boolean mayWait() {
		return !this.closed && this.continuations.isEmpty();
	}

	/**
	 * Wait in the selector, and exchange it if it keeps returning without a reason, which
	 * operating systems are known for. The wait ends with the first channel that is
	 * reported, before a thread is woken for it: whoever wakes a selector that is about
	 * to return has it return once more.
	 */
	private void waitInSelector(Shift shift) throws IOException {
		long timeoutMillis = this.timers.millisUntilFirst();
		long start = this.carriers.now();
		int selected = this.selector.select((key) -> {
			endWait(shift);
			ready(key);
		}, timeoutMillis);
		boolean woken = !shift.endWait();
		this.carriers.awake();
		if (selected > 0 || woken || Thread.interrupted()
				|| (timeoutMillis > 0 && this.carriers.now() - start >= TimeUnit.MILLISECONDS.toNanos(timeoutMillis))) {
			this.futileSelections = 0;
		}
		else if (++this.futileSelections == MAX_FUTILE_SELECTIONS) {
			this.futileSelections = 0;
			exchangeSelector(null);
		}
	}

	/**
	 * End the wait of a shift.
	 * @return {@code false} if it did not wait
	 */
	private boolean endWait(Shift shift) {
		boolean ended = shift.endWait();
		if (ended) {
			this.roundStart.set(this.carriers.now());
		}
		return ended;
	}

	private static void ready(SelectionKey key) {
		((Waiters) key.attachment()).ready(key);
	}

	/**
	 * Exchange the selector. A carrier that gets no other one cannot go on.
	 */
	private void exchangeSelector(@Nullable IOException reason) {
		try {
			Selector failed = this.selector;
			this.selector = this.carriers.openSelector();
			logger.warn("A selector was exchanged because it "
					+ ((reason != null) ? "failed" : "kept returning without a reason"), reason);
			close(failed);
		}
		catch (IOException ex) {
			logger.error("No selector to be had; virtual threads go on elsewhere", ex);
			Wakeups.runElsewhere(this.carriers::close);
		}
	}

	/**
	 * Close a selector and wake who waits in it, to wait elsewhere.
	 */
	private void close(Selector selector) throws IOException {
		this.registrationLock.lock();
		try {
			Set<SelectionKey> keys = Set.copyOf(selector.keys());
			selector.close();
			wakeAll(keys);
		}
		finally {
			this.registrationLock.unlock();
		}
	}

	/**
	 * Wake all who wait for channels, to look for themselves, and those whose time has
	 * come, for a carrier that does not get to it. May be called by any thread.
	 */
	void wakeAll() {
		try {
			wakeAll(this.selector.keys());
		}
		catch (ClosedSelectorException ex) {
			// Whoever closed it has woken them
		}
		this.timers.expire();
	}

	private static void wakeAll(Set<SelectionKey> keys) {
		keys.forEach((key) -> ((Waiters) key.attachment()).wakeAll());
	}

	/**
	 * Add a continuation, for which the carrier may have to be woken. May be called by
	 * any thread.
	 */
	void add(Runnable continuation) {
		this.continuations.add(continuation);
		if (this.closed) {
			handOver();
		}
	}

	/**
	 * Return a continuation that has had to wait for long, for another carrier to run.
	 */
	@Nullable Runnable takeLate() {
		return isLate() ? this.continuations.poll() : null;
	}

	/**
	 * Wake the thread of the carrier if it waits. May be called by any thread.
	 * @return {@code false} if there was no need
	 */
	boolean wake() {
		Shift shift = this.shift;
		boolean woken = shift != null && endWait(shift);
		if (woken) {
			this.selector.wakeup();
		}
		return woken;
	}

	boolean isWaiting() {
		Shift shift = this.shift;
		return shift != null && shift.isWaiting();
	}

	/**
	 * Return whether another carrier is to be woken to help, which is said once in a
	 * while.
	 */
	boolean needsHelp() {
		if (!isLate()) {
			return false;
		}
		long now = this.carriers.now();
		long last = this.helpTime.get();
		return now - last > LATE_NANOS && this.helpTime.compareAndSet(last, now);
	}

	/**
	 * Return whether continuations have been waiting for long.
	 */
	boolean isLate() {
		return !this.continuations.isEmpty() && this.carriers.now() - this.roundStart.get() > LATE_NANOS;
	}

	/**
	 * Wait here for a channel. May be called by any thread.
	 * @see WaitStrategy#await(SelectableChannel, int, long)
	 */
	void await(SelectableChannel channel, int operation, long timeoutNanos) throws IOException {
		SelectionKey key = register(channel);
		Waiters waiters = (Waiters) key.attachment();
		waiters.enter(operation, Thread.currentThread());
		try {
			if ((key.interestOps() & operation) == 0) {
				key.interestOpsOr(operation);
				wake();
			}
			ensureOpen();
			park(channel, timeoutNanos);
		}
		catch (CancelledKeyException ex) {
			ensureOpen();
			if (!channel.isOpen()) {
				throw new ClosedChannelException();
			}
		}
		finally {
			waiters.leave(operation, key);
		}
	}

	/**
	 * Return the key of a channel here, after registering it where it is new. A reader
	 * and a writer may be the first to wait at the same time.
	 */
	private SelectionKey register(SelectableChannel channel) throws IOException {
		SelectionKey key = channel.keyFor(this.selector);
		if (key == null) {
			this.registrationLock.lock();
			try {
				ensureOpen();
				key = channel.keyFor(this.selector);
				if (key == null) {
					key = channel.register(this.selector, 0, new Waiters());
				}
			}
			finally {
				this.registrationLock.unlock();
			}
		}
		return key;
	}

	private void ensureOpen() throws IOException {
		if (this.closed) {
			throw new IOException("The event loops are closed");
		}
	}

	private void park(SelectableChannel channel, long timeoutNanos) {
		if (timeoutNanos == WaitStrategy.NO_TIMEOUT) {
			LockSupport.park(channel);
		}
		else if (this.carriers.current() != null) {
			Thread thread = Thread.currentThread();
			ScheduledFuture<?> timer = schedule(() -> LockSupport.unpark(thread), timeoutNanos);
			LockSupport.park(channel);
			timer.cancel(false);
		}
		else {
			LockSupport.parkNanos(channel, timeoutNanos);
		}
	}

	/**
	 * Run a task after a delay. May be called by any thread.
	 */
	ScheduledFuture<?> schedule(Runnable task, long delayNanos) {
		Timers.Timer timer = this.timers.add(task, delayNanos);
		if (this.timers.isFirst(timer)) {
			wake();
		}
		if (this.closed) {
			this.timers.handOver();
		}
		return timer;
	}

	/**
	 * Give up the registration of a closed channel. May be called by any thread.
	 */
	void forget(SelectableChannel channel) {
		if (channel.keyFor(this.selector) != null) {
			wake();
		}
	}

	/**
	 * End the shift, and give what is left to the JDK, because a continuation that is
	 * lost is a thread that never ends. May be called by any thread.
	 */
	void close() {
		if (this.closed) {
			return;
		}
		this.closed = true;
		Shift shift = this.shift;
		if (shift != null) {
			do {
				wake();
			}
			while (!shift.end() && !shift.isOver());
		}
		this.selectionLock.lock();
		try {
			close(this.selector);
		}
		catch (IOException ex) {
			logger.debug("Selector not closed", ex);
		}
		finally {
			this.selectionLock.unlock();
		}
		handOver();
		this.timers.handOver();
	}

	private void handOver() {
		Runnable continuation;
		while ((continuation = this.continuations.poll()) != null) {
			CarriedThreads.defaultScheduler().execute(continuation);
		}
	}

	/**
	 * A shift for which no thread was to be had.
	 *
	 * @param progress its progress then
	 * @param since the time then
	 */
	private record Stuck(Shift shift, long progress, long since) {

		private boolean goesOn(Shift shift) {
			return this.shift == shift && !shift.isOver() && shift.progress() == this.progress;
		}

	}

}
