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
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Stream;

import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

/**
 * An event loop of our own: a platform thread with a {@link Selector}. The selector is
 * woken only if the loop is about to wait or waits in it.
 */
final class SelectorEventLoop extends EventLoop {

	private static final Log logger = LogFactory.getLog(SelectorEventLoop.class);

	private final AtomicBoolean waiting = new AtomicBoolean();

	private final ReentrantLock registrationLock = new ReentrantLock();

	private final Deadlines deadlines = new Deadlines();

	private final Selector selector;

	private final CarrierThread thread;

	private volatile boolean closed;

	private volatile boolean ended;

	SelectorEventLoop(String name) throws IOException {
		this.selector = Selector.open();
		this.thread = new CarrierThread(this::run, name);
		this.thread.start();
	}

	private void run() {
		try {
			while (!this.closed) {
				runContinuations();
				select();
				this.deadlines.expire();
				advance();
			}
		}
		catch (IOException ex) {
			logger.error("Event loop '" + this.thread.getName() + "' failed; its virtual threads go on elsewhere", ex);
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
	}

	private static void ready(SelectionKey key) {
		((ChannelWaiters) key.attachment()).ready();
	}

	/**
	 * The loop's own thread, which makes threads continue whose channels are ready, does
	 * not wait again before it has run them.
	 */
	private void wakeup() {
		if (Thread.currentThread() != this.thread && this.waiting.compareAndSet(true, false)) {
			this.selector.wakeup();
		}
	}

	@Override
	void continuationAdded() {
		if (this.ended) {
			handOver();
		}
		else {
			wakeup();
		}
	}

	@Override
	ChannelWaiters register(SelectableChannel channel) throws IOException {
		SelectionKey key = channel.keyFor(this.selector);
		return (ChannelWaiters) ((key != null) ? key : newKey(channel)).attachment();
	}

	private SelectionKey newKey(SelectableChannel channel) throws IOException {
		this.registrationLock.lock();
		try {
			SelectionKey key = channel.keyFor(this.selector);
			if (key == null) {
				ChannelWaiters waiters = new ChannelWaiters();
				key = channel.register(this.selector, 0, waiters);
				waiters.registered(key);
			}
			return key;
		}
		catch (ClosedSelectorException ex) {
			throw new IOException("Event loop '" + this.thread.getName() + "' is closed", ex);
		}
		finally {
			this.registrationLock.unlock();
		}
	}

	@Override
	void ensureOpen() throws IOException {
		if (this.closed) {
			throw new IOException("Event loop '" + this.thread.getName() + "' is closed");
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
		Deadlines.Deadline deadline = this.deadlines.add(() -> LockSupport.unpark(thread), timeoutNanos);
		LockSupport.park(channel);
		deadline.cancel(false);
	}

	@Override
	public ScheduledFuture<?> schedule(Runnable task, long delay, TimeUnit unit) {
		Deadlines.Deadline deadline = this.deadlines.add(task, unit.toNanos(delay));
		if (this.ended) {
			handOverDeadlines();
		}
		else {
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
			return this.selector.keys().stream().map((key) -> (ChannelWaiters) key.attachment());
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
		return thread == this.thread;
	}

	@Override
	Thread thread() {
		return this.thread;
	}

	@Override
	boolean keepsChildren() {
		return false;
	}

	@Override
	void ping() {
		wakeup();
	}

	@Override
	public void close() {
		this.closed = true;
		this.selector.wakeup();
		try {
			this.thread.join(TimeUnit.SECONDS.toMillis(5));
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
	}

	private void end() {
		this.closed = true;
		try {
			wakeAll();
			this.selector.close();
		}
		catch (IOException ex) {
			logger.debug("Selector not closed", ex);
		}
		this.ended = true;
		handOver();
		handOverDeadlines();
	}

}
