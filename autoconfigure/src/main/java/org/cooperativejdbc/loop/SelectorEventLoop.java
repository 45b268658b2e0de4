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

package org.cooperativejdbc.loop;

import java.io.IOException;
import java.nio.channels.ClosedSelectorException;
import java.nio.channels.SelectableChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.util.List;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Stream;

import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

/**
 * An event loop of our own: a {@link Selector}, and one or a few platform threads that
 * take turns at it. The thread that has waited in the selector runs the virtual threads
 * whose channels were ready, and then waits again. Under a light load that thread is
 * always the same; the others stand by until those which can run have had to wait for
 * {@link #HELP_AFTER_NANOS}. A thread stands by only while another one waits in the
 * selector or has yet to look for continuations, so that none is overlooked although the
 * selector is woken only if a thread is about to wait or waits in it.
 */
final class SelectorEventLoop extends EventLoop {

	/**
	 * For how long the threads of the loop that are awake may leave continuations waiting
	 * before one that stands by helps them. To wake a thread costs about a tenth of that.
	 */
	private static final long HELP_AFTER_NANOS = TimeUnit.MICROSECONDS.toNanos(100);

	private static final Log logger = LogFactory.getLog(SelectorEventLoop.class);

	private final AtomicBoolean waiting = new AtomicBoolean();

	private final ReentrantLock selectionLock = new ReentrantLock();

	private final ReentrantLock registrationLock = new ReentrantLock();

	private final Queue<Thread> standby = new ConcurrentLinkedQueue<>();

	private final AtomicLong roundStart = new AtomicLong();

	private final Deadlines deadlines = new Deadlines();

	private final Selector selector;

	private final List<CarrierThread> threads;

	private volatile boolean closed;

	private volatile boolean ended;

	/**
	 * Start an event loop.
	 * @param names the name of each of its threads
	 */
	SelectorEventLoop(List<String> names) throws IOException {
		super(names.size());
		this.selector = Selector.open();
		this.threads = names.stream().map((name) -> new CarrierThread(this, name)).toList();
		this.threads.forEach(Thread::start);
	}

	void run() {
		try {
			while (!this.closed) {
				advance();
				this.roundStart.set(System.nanoTime());
				runContinuations();
				if (this.selectionLock.tryLock()) {
					try {
						select();
					}
					finally {
						this.selectionLock.unlock();
					}
				}
				else if (!hasContinuations()) {
					standBy();
				}
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

	private void select() throws IOException {
		this.waiting.set(true);
		try {
			if (this.closed || hasContinuations()) {
				this.selector.selectNow(SelectorEventLoop::ready);
			}
			else {
				this.selector.select(SelectorEventLoop::ready, this.deadlines.millisUntilFirst());
			}
		}
		finally {
			this.waiting.set(false);
		}
		this.deadlines.expire();
	}

	private static void ready(SelectionKey key) {
		((ChannelWaiters) key.attachment()).ready();
	}

	private void standBy() {
		Thread thread = Thread.currentThread();
		this.standby.add(thread);
		if (!this.closed) {
			LockSupport.park(this);
		}
		this.standby.remove(thread);
	}

	/**
	 * Wake the thread that waits in the selector, unless it is the current one, which
	 * makes threads continue whose channels are ready.
	 * @return {@code false} if there was none to wake
	 */
	private boolean wakeup() {
		if (this.selectionLock.isHeldByCurrentThread() || !this.waiting.compareAndSet(true, false)) {
			return false;
		}
		this.roundStart.set(System.nanoTime());
		this.selector.wakeup();
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
		Thread helper = this.standby.poll();
		if (helper != null) {
			LockSupport.unpark(helper);
		}
		else {
			wakeup();
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
		return this.threads.stream().map(CarrierThread::running).filter(Objects::nonNull).findAny().orElse(null);
	}

	@Override
	ChannelWaiters register(SelectableChannel channel) throws IOException {
		SelectionKey key = channel.keyFor(this.selector);
		ChannelWaiters waiters = (key != null) ? (ChannelWaiters) key.attachment() : null;
		return (waiters != null) ? waiters : newWaiters(channel);
	}

	/**
	 * Attach waiters that know their key: a reader and a writer may be the first to wait
	 * at the same time.
	 */
	private ChannelWaiters newWaiters(SelectableChannel channel) throws IOException {
		this.registrationLock.lock();
		try {
			SelectionKey key = channel.keyFor(this.selector);
			if (key == null) {
				key = channel.register(this.selector, 0);
				ChannelWaiters waiters = new ChannelWaiters();
				waiters.registered(key);
				key.attach(waiters);
			}
			return (ChannelWaiters) key.attachment();
		}
		catch (ClosedSelectorException ex) {
			throw new IOException("Event loop '" + name() + "' is closed", ex);
		}
		finally {
			this.registrationLock.unlock();
		}
	}

	@Override
	void ensureOpen() throws IOException {
		if (this.closed) {
			throw new IOException("Event loop '" + name() + "' is closed");
		}
	}

	@Override
	void interestAdded() {
		wakeup();
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
			wakeup();
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
		waiters().forEach(ChannelWaiters::wakeAll);
	}

	@Override
	boolean hasWaiters() {
		return !this.deadlines.isEmpty() || waiters().anyMatch((waiters) -> !waiters.isEmpty());
	}

	private Stream<ChannelWaiters> waiters() {
		try {
			return this.selector.keys()
				.stream()
				.map((key) -> (ChannelWaiters) key.attachment())
				.filter(Objects::nonNull);
		}
		catch (ClosedSelectorException ex) {
			return Stream.empty(); // all were woken when the loop ended
		}
	}

	@Override
	void forget(SelectableChannel channel) {
		if (channel.keyFor(this.selector) != null) {
			this.selector.wakeup();
		}
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
	 * A loop with a thread in its selector keeps going, any other needs one there.
	 */
	@Override
	void ping() {
		if (this.waiting.get() && !hasContinuations()) {
			advance();
		}
		else {
			help();
		}
	}

	@Override
	public void close() {
		this.closed = true;
		wakeThreads();
		try {
			for (Thread thread : this.threads) {
				thread.join(TimeUnit.SECONDS.toMillis(5));
			}
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
	}

	private void wakeThreads() {
		this.selector.wakeup();
		this.threads.forEach(LockSupport::unpark);
	}

	/**
	 * Called by each thread; the first one ends the loop.
	 */
	private void end() {
		this.closed = true;
		wakeThreads();
		this.selectionLock.lock();
		try {
			wakeAll();
			this.selector.close();
		}
		catch (IOException ex) {
			logger.debug("Selector not closed", ex);
		}
		finally {
			this.selectionLock.unlock();
		}
		this.ended = true;
		handOver();
		handOverDeadlines();
	}

}
