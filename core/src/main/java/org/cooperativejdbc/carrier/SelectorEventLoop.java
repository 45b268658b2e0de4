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
import java.nio.channels.ClosedSelectorException;
import java.nio.channels.SelectableChannel;
import java.nio.channels.SelectionKey;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

/**
 * An event loop of our own: one or a few platform threads, and as many selectors. A
 * thread that has nothing to run waits in the first selector that no other waits in, and
 * then runs the virtual threads whose channels were ready. Under a light load all
 * channels are waited for in the first selector, so that one thread does all the work;
 * another one helps when those that can run have had to wait for
 * {@link #HELP_AFTER_NANOS}. Under a heavy one the channels are spread over
 * {@link SelectorsInUse more selectors}.
 * <p>
 * As long as there is a selector in which nobody waits, a thread is awake, and it looks
 * for continuations before it waits. So none is overlooked although a thread is woken
 * only if all of them wait.
 */
final class SelectorEventLoop extends EventLoop {

	/**
	 * For how long the threads of the loop that are awake may leave continuations waiting
	 * before one that waits helps them. To wake a thread costs about a tenth of that.
	 */
	private static final long HELP_AFTER_NANOS = TimeUnit.MICROSECONDS.toNanos(100);

	/**
	 * For how long a thread waits in one selector while there may be answers in another
	 * one.
	 */
	private static final long TURN_MILLIS = 1;

	private static final long CLOSE_NANOS = TimeUnit.SECONDS.toNanos(5);

	private static final Log logger = LogFactory.getLog(SelectorEventLoop.class);

	private final AtomicLong roundStart = new AtomicLong();

	private final AtomicInteger channels = new AtomicInteger();

	private final Deadlines deadlines = new Deadlines();

	private final List<LoopSelector> selectors;

	private final SelectorsInUse selectorsInUse;

	private final List<CarrierThread> threads;

	private volatile boolean closed;

	private volatile boolean ended;

	/**
	 * Start an event loop.
	 * @param names the name of each of its threads
	 */
	SelectorEventLoop(List<String> names) throws IOException {
		this(names, new SelectorsInUse(names.size(), System.nanoTime()));
	}

	SelectorEventLoop(List<String> names, SelectorsInUse selectorsInUse) throws IOException {
		super(names.size());
		this.selectors = open(names.size());
		this.selectorsInUse = selectorsInUse;
		this.threads = names.stream().map((name) -> new CarrierThread(this, name)).toList();
		this.threads.forEach(Thread::start);
	}

	private static List<LoopSelector> open(int count) throws IOException {
		List<LoopSelector> selectors = new ArrayList<>();
		for (int i = 0; i < count; i++) {
			selectors.add(new LoopSelector());
		}
		return selectors;
	}

	void run() {
		int first = 0;
		try {
			while (!this.closed) {
				advance();
				long start = System.nanoTime();
				this.roundStart.set(start);
				runContinuations();
				this.selectorsInUse.busy(start, System.nanoTime());
				first = select(first);
				this.deadlines.expire();
			}
		}
		catch (ClosedSelectorException ex) {
			// Another thread has ended the loop
		}
		catch (IOException ex) {
			logger.error("Event loop '" + name() + "' failed; its virtual threads go on elsewhere", ex);
		}
		finally {
			end();
		}
	}

	/**
	 * Wait in a selector that no other thread waits in.
	 * @param first the first one to try
	 * @return the first one to try the next time
	 */
	private int select(int first) throws IOException {
		for (int i = 0; i < this.selectors.size(); i++) {
			int index = (first + i) % this.selectors.size();
			LoopSelector selector = this.selectors.get(index);
			boolean inTurn = takesTurns(selector);
			long timeout = inTurn ? TURN_MILLIS : (index == 0) ? this.deadlines.millisUntilFirst() : 0;
			if (selector.trySelect(this::mayWait, timeout)) {
				return inTurn ? index + 1 : 0;
			}
		}
		return 0;
	}

	/**
	 * Return whether a thread has to look into other selectors, too.
	 */
	private boolean takesTurns(LoopSelector selector) {
		boolean alone = false;
		for (LoopSelector other : this.selectors) {
			alone |= other != selector && !other.isAttended();
		}
		return alone || this.selectorsInUse.count() > 1;
	}

	private boolean mayWait() {
		return !this.closed && !hasContinuations();
	}

	/**
	 * Wake a thread if all of them wait.
	 * @return {@code false} if there was no need
	 */
	private boolean wakeup() {
		boolean woken = allWait() && this.selectors.getFirst().wakeup();
		if (woken) {
			this.roundStart.set(System.nanoTime());
		}
		return woken;
	}

	private boolean allWait() {
		for (LoopSelector selector : this.selectors) {
			if (!selector.isWaiting()) {
				return false;
			}
		}
		return true;
	}

	@Override
	void continuationAdded() {
		if (this.ended) {
			handOver();
		}
		else if (!isThread(Thread.currentThread()) && (isCarriedHere() || !wakeup())) {
			helpIfLate();
		}
	}

	/**
	 * Return whether a thread of this loop carries the current thread. It looks for
	 * continuations before it waits.
	 */
	private boolean isCarriedHere() {
		Thread thread = Thread.currentThread();
		return thread.isVirtual() && isThread(CarriedThreads.carrierOf(thread));
	}

	/**
	 * Have one more thread run continuations if those which are awake are late.
	 */
	private void helpIfLate() {
		if (this.threads.size() > 1 && hasContinuations()) {
			long start = this.roundStart.get();
			long now = System.nanoTime();
			if (now - start > HELP_AFTER_NANOS && this.roundStart.compareAndSet(start, now)) {
				help();
			}
		}
	}

	private void help() {
		for (LoopSelector selector : this.selectors) {
			if (selector.wakeup()) {
				return;
			}
		}
	}

	@Override
	void running(@Nullable Runnable continuation) {
		((CarrierThread) Thread.currentThread()).running(continuation);
		if (continuation != null) {
			helpIfLate();
		}
	}

	@Override
	@Nullable Runnable running() {
		rounds();
		for (CarrierThread thread : this.threads) {
			Runnable running = thread.running();
			if (running != null) {
				return running;
			}
		}
		return null;
	}

	@Override
	ChannelWaiters register(SelectableChannel channel) throws IOException {
		try {
			LoopSelector first = this.selectors.getFirst();
			ChannelWaiters waiters = first.waiters(channel);
			if (waiters == null) {
				waiters = first.register(channel, new ChannelWaiters(this.channels.getAndIncrement()));
			}
			LoopSelector selector = this.selectors.get(waiters.number() % this.selectorsInUse.count());
			return selector.has(waiters.key()) ? waiters : selector.register(channel, waiters);
		}
		catch (ClosedSelectorException ex) {
			throw new IOException("Event loop '" + name() + "' is closed", ex);
		}
	}

	@Override
	void ensureOpen() throws IOException {
		if (this.closed) {
			throw new IOException("Event loop '" + name() + "' is closed");
		}
	}

	@Override
	void interestAdded(SelectionKey key) {
		this.selectors.stream().filter((selector) -> selector.has(key)).forEach(LoopSelector::wakeup);
	}

	@Override
	void parkNanos(SelectableChannel channel, long timeoutNanos) {
		if (current() != this) {
			LockSupport.parkNanos(channel, timeoutNanos);
			return;
		}
		Thread thread = Thread.currentThread();
		Deadlines.Deadline deadline = add(() -> LockSupport.unpark(thread), timeoutNanos);
		LockSupport.park(channel);
		deadline.cancel(false);
	}

	@Override
	public ScheduledFuture<?> schedule(Runnable task, long delay, TimeUnit unit) {
		Deadlines.Deadline deadline = add(task, unit.toNanos(delay));
		if (this.ended) {
			handOverDeadlines();
		}
		return deadline;
	}

	private Deadlines.Deadline add(Runnable task, long delayNanos) {
		Deadlines.Deadline deadline = this.deadlines.add(task, delayNanos);
		if (this.deadlines.isFirst(deadline)) {
			this.selectors.getFirst().wakeup();
		}
		return deadline;
	}

	private void handOverDeadlines() {
		this.deadlines.removeAll()
			.forEach((deadline) -> timer.schedule(deadline, deadline.getDelay(TimeUnit.NANOSECONDS),
					TimeUnit.NANOSECONDS));
	}

	@Override
	boolean lendContinuation() {
		this.deadlines.expire();
		return super.lendContinuation();
	}

	@Override
	void wakeAll() {
		this.selectors.forEach(LoopSelector::wakeAll);
	}

	@Override
	boolean hasWaiters() {
		for (LoopSelector selector : this.selectors) {
			if (selector.hasWaiters()) {
				return true;
			}
		}
		return !this.deadlines.isEmpty();
	}

	@Override
	void forget(SelectableChannel channel) {
		this.selectors.forEach((selector) -> selector.forget(channel));
	}

	@Override
	boolean isThread(@Nullable Thread thread) {
		return thread instanceof CarrierThread carrier && carrier.isOf(this);
	}

	@Override
	Thread thread() {
		return this.threads.getFirst();
	}

	private String name() {
		return thread().getName();
	}

	@Override
	boolean keepsChildren() {
		return false;
	}

	/**
	 * A loop whose selectors all have a thread keeps going, any other needs one that is
	 * awake.
	 */
	@Override
	void ping() {
		if (!hasContinuations() && this.selectors.stream().allMatch(LoopSelector::isAttended)) {
			advance();
		}
		else {
			Wakeups.runElsewhere(this::help);
		}
	}

	@Override
	public void close() {
		this.closed = true;
		this.selectors.forEach(LoopSelector::interrupt);
		long end = System.nanoTime() + CLOSE_NANOS;
		try {
			for (Thread thread : this.threads) {
				thread.join(Duration.ofNanos(end - System.nanoTime()));
			}
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
	}

	/**
	 * Called by each thread; the first one ends the loop.
	 */
	private void end() {
		this.closed = true;
		for (LoopSelector selector : this.selectors) {
			try {
				selector.close();
			}
			catch (IOException ex) {
				logger.debug("Selector not closed", ex);
			}
		}
		this.ended = true;
		handOver();
		handOverDeadlines();
	}

}
