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
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;

import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;

/**
 * An event loop of our own: a platform thread with a {@link Selector}.
 * <p>
 * {@link #execute} is called by the JDK with the continuation of a virtual thread, on any
 * thread, where blocking is not allowed: it adds the continuation to a queue without a
 * lock and wakes the selector only if the loop is about to wait or waits in it.
 */
final class SelectorEventLoop extends EventLoop {

	/**
	 * How many continuations run between two looks at the selector, so that threads that
	 * always have something to do do not keep others from their answers.
	 */
	private static final int MAX_CONTINUATIONS = 128;

	private static final Log logger = LogFactory.getLog(SelectorEventLoop.class);

	private final Queue<Runnable> continuations = new ConcurrentLinkedQueue<>();

	private final AtomicBoolean waiting = new AtomicBoolean();

	private final ReentrantLock registrationLock = new ReentrantLock();

	private final Deadlines deadlines = new Deadlines(); // used on the loop's thread only

	private final Selector selector;

	private final CarrierThread thread;

	private volatile boolean closed;

	private volatile boolean ended;

	SelectorEventLoop(String name) throws IOException {
		this.selector = Selector.open();
		this.thread = new CarrierThread(this::run, name);
		this.thread.start();
	}

	@Override
	public void execute(Runnable continuation) {
		this.continuations.add(continuation);
		if (this.ended) {
			handOver();
		}
		else {
			wakeup();
		}
	}

	private void run() {
		try {
			while (!this.closed) {
				runContinuations();
				select();
				this.deadlines.expire();
			}
		}
		catch (IOException ex) {
			logger.error("Event loop '" + this.thread.getName() + "' failed; its virtual threads go on elsewhere", ex);
		}
		finally {
			end();
		}
	}

	private void runContinuations() {
		for (int i = 0; i < MAX_CONTINUATIONS; i++) {
			Runnable continuation = this.continuations.poll();
			if (continuation == null) {
				return;
			}
			continuation.run();
		}
	}

	private void select() throws IOException {
		this.waiting.set(true);
		try {
			if (this.closed || !this.continuations.isEmpty()) {
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

	private void wakeup() {
		if (this.waiting.compareAndSet(true, false)) {
			this.selector.wakeup();
		}
	}

	@Override
	ChannelWaiters register(SelectableChannel channel) throws IOException {
		SelectionKey key = channel.keyFor(this.selector);
		if (key == null) {
			this.registrationLock.lock();
			try {
				key = channel.keyFor(this.selector);
				if (key == null) {
					ChannelWaiters waiters = new ChannelWaiters();
					key = channel.register(this.selector, 0, waiters);
					waiters.registered(key);
				}
			}
			catch (ClosedSelectorException ex) {
				throw new IOException("Event loop '" + this.thread.getName() + "' is closed", ex);
			}
			finally {
				this.registrationLock.unlock();
			}
		}
		return (ChannelWaiters) key.attachment();
	}

	@Override
	void interestAdded() {
		wakeup();
	}

	@Override
	void parkNanos(SelectableChannel channel, long timeoutNanos) {
		if (current() != this || this.closed) {
			LockSupport.parkNanos(channel, timeoutNanos);
			return;
		}
		Deadlines.Deadline deadline = this.deadlines.add(Thread.currentThread(), timeoutNanos);
		LockSupport.park(channel);
		if (!this.closed) {
			this.deadlines.remove(deadline);
		}
	}

	@Override
	void forget(SelectableChannel channel) {
		if (channel.keyFor(this.selector) != null) {
			this.selector.wakeup();
		}
	}

	@Override
	boolean inEventLoop() {
		return Thread.currentThread() == this.thread;
	}

	@Override
	void close() {
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
			this.selector.keys().forEach((key) -> ((ChannelWaiters) key.attachment()).wakeAll());
			this.deadlines.wakeAll();
			this.selector.close();
		}
		catch (IOException ex) {
			logger.debug("Selector not closed", ex);
		}
		this.ended = true;
		handOver();
	}

	private void handOver() {
		Runnable continuation;
		while ((continuation = this.continuations.poll()) != null) {
			CarriedThreads.defaultScheduler().execute(continuation);
		}
	}

}
