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
import java.nio.channels.CancelledKeyException;
import java.nio.channels.SelectableChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;

import org.jspecify.annotations.Nullable;

/**
 * An event loop on a model of a selector with one key, for {@link Schedules}. The waiters
 * and {@link EventLoop} are the real ones; what {@link SelectorEventLoop} does around its
 * selector is repeated here. The selector is level-triggered, like the JDK's, sees the
 * interest as it was when the selection began, and remembers a wake-up.
 */
class ModelLoop extends EventLoop {

	final ModelKey key = new ModelKey();

	private final ChannelWaiters waiters = new ChannelWaiters();

	private final AtomicBoolean waiting = new AtomicBoolean();

	private volatile boolean selectorWakeup;

	private volatile boolean closed;

	private final List<Thread> threads = new CopyOnWriteArrayList<>();

	private final AtomicReference<@Nullable Thread> selecting = new AtomicReference<>();

	private volatile @Nullable Thread thread; // that selected last

	ModelLoop() {
		super(1);
		this.waiters.registered(this.key);
	}

	/**
	 * A thread of the loop, of which there may be several.
	 */
	final void run() {
		Thread current = Thread.currentThread();
		this.threads.add(current);
		while (!this.closed) {
			runContinuations();
			Schedules.pause();
			if (maySelect() && this.selecting.compareAndSet(null, current)) {
				this.thread = current;
				select();
				Schedules.pause();
				this.selecting.set(null);
			}
			else if (!hasContinuations()) {
				standBy();
			}
		}
		Schedules.pause();
		wakeAll();
	}

	boolean maySelect() {
		return true;
	}

	private void standBy() {
		Schedules.pause();
		if (!this.closed) {
			LockSupport.park();
		}
	}

	void select() {
		this.waiting.set(true);
		Schedules.pause();
		if (!this.closed && !hasContinuations()) {
			selectNow(true);
		}
		else {
			selectNow(false);
		}
		this.waiting.set(false);
	}

	final void setWaiting() {
		this.waiting.set(true);
	}

	final boolean isClosed() {
		return this.closed;
	}

	final void selectNow(boolean wait) {
		int interest = this.key.selected();
		while (wait && !this.selectorWakeup && (this.key.ready() & interest) == 0) {
			LockSupport.park();
		}
		this.selectorWakeup = false;
		if ((this.key.ready() & interest) != 0) {
			try {
				ready();
			}
			catch (CancelledKeyException ex) {
				wakeAll();
			}
		}
	}

	void ready() {
		this.waiters.ready();
	}

	/**
	 * Readiness of the channel wakes the selector, if it waits.
	 */
	final void becomesReady(int operation, int by) {
		this.key.add(operation, by);
		LockSupport.unpark(this.thread);
		Schedules.pause();
	}

	final void wakeup() {
		if (Thread.currentThread() != this.selecting.get() && this.waiting.compareAndSet(true, false)) {
			Schedules.pause();
			this.selectorWakeup = true;
			LockSupport.unpark(this.thread);
		}
	}

	@Override
	void running(@Nullable Runnable continuation) {
		// Nobody asks
	}

	@Override
	@Nullable Runnable running() {
		return null;
	}

	@Override
	void continuationAdded() {
		Schedules.pause();
		if (!this.threads.contains(Thread.currentThread())) {
			wakeup();
		}
	}

	/**
	 * Have the loop run a task.
	 */
	void add(Runnable task) {
		Schedules.pause();
		execute(task);
	}

	@Override
	ChannelWaiters register(SelectableChannel channel) {
		Schedules.pause();
		return this.waiters;
	}

	@Override
	void ensureOpen() throws IOException {
		Schedules.pause();
		if (this.closed) {
			throw new IOException("Closed");
		}
		Schedules.pause();
	}

	@Override
	void interestAdded() {
		Schedules.pause();
		wakeup();
		Schedules.pause();
	}

	@Override
	void wakeAll() {
		this.waiters.wakeAll();
	}

	@Override
	boolean hasWaiters() {
		return !this.waiters.isEmpty();
	}

	@Override
	public void close() {
		this.closed = true;
		Schedules.pause();
		this.selectorWakeup = true;
		this.threads.forEach(LockSupport::unpark);
	}

	@Override
	void forget(SelectableChannel channel) {
		this.key.cancel();
		Schedules.pause();
		this.selectorWakeup = true;
		LockSupport.unpark(this.thread);
	}

	@Override
	public ScheduledFuture<?> schedule(Runnable task, long delay, TimeUnit unit) {
		throw new UnsupportedOperationException();
	}

	@Override
	void parkNanos(SelectableChannel channel, long timeoutNanos) {
		throw new UnsupportedOperationException();
	}

	@Override
	boolean isThread(@Nullable Thread thread) {
		return false;
	}

	@Override
	@Nullable Thread thread() {
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

	/**
	 * A key whose channel has so much to read and so much room to write.
	 */
	static final class ModelKey extends SelectionKey {

		private final AtomicInteger interest = new AtomicInteger();

		private final AtomicInteger readable = new AtomicInteger();

		private final AtomicInteger writable = new AtomicInteger();

		private volatile boolean cancelled;

		void add(int operation, int by) {
			((operation == OP_READ) ? this.readable : this.writable).addAndGet(by);
		}

		boolean take(int operation) {
			Schedules.pause();
			AtomicInteger amount = (operation == OP_READ) ? this.readable : this.writable;
			return amount.get() > 0 && amount.getAndDecrement() > 0;
		}

		int ready() {
			return ((this.readable.get() > 0) ? OP_READ : 0) | ((this.writable.get() > 0) ? OP_WRITE : 0);
		}

		/**
		 * The interest as a selection finds it.
		 */
		int selected() {
			Schedules.pause();
			return this.cancelled ? 0 : this.interest.get();
		}

		private AtomicInteger interest() {
			Schedules.pause();
			if (this.cancelled) {
				throw new CancelledKeyException();
			}
			return this.interest;
		}

		@Override
		public int interestOps() {
			return interest().get();
		}

		@Override
		public SelectionKey interestOps(int operations) {
			interest().set(operations);
			return this;
		}

		@Override
		public int interestOpsOr(int operations) {
			return interest().getAndUpdate((value) -> value | operations);
		}

		@Override
		public int interestOpsAnd(int operations) {
			return interest().getAndUpdate((value) -> value & operations);
		}

		@Override
		public int readyOps() {
			return interest().get() & ready();
		}

		@Override
		public boolean isValid() {
			return !this.cancelled;
		}

		@Override
		public void cancel() {
			this.cancelled = true;
		}

		@Override
		public SelectableChannel channel() {
			throw new UnsupportedOperationException();
		}

		@Override
		public Selector selector() {
			throw new UnsupportedOperationException();
		}

	}

}
