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

import java.nio.channels.CancelledKeyException;
import java.nio.channels.SelectableChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

import org.jspecify.annotations.Nullable;

/**
 * What {@link LoopSelector} does, on a model of a selector with one key, for
 * {@link Schedules}. It is level-triggered, like the JDK's, sees the interest as it was
 * when the selection began, and remembers a wake-up. It never times out.
 */
final class ModelSelector {

	private final AtomicReference<@Nullable Thread> selecting = new AtomicReference<>();

	private final AtomicBoolean waiting = new AtomicBoolean();

	private final ModelKey key = new ModelKey();

	private final ModelChannel channel;

	private volatile boolean wakeup;

	ModelSelector(ModelChannel channel) {
		this.channel = channel;
	}

	ModelKey key() {
		return this.key;
	}

	/**
	 * Select, and wait if that is allowed.
	 * @param early whether to ask before others can see that a thread is about to wait,
	 * which is a mistake
	 */
	boolean trySelect(BooleanSupplier mayWait, boolean early, Consumer<SelectionKey> ready) {
		Schedules.pause();
		if (!this.selecting.compareAndSet(null, Thread.currentThread())) {
			return false;
		}
		boolean wait = early && mayWait.getAsBoolean();
		Schedules.pause();
		this.waiting.set(true);
		Schedules.pause();
		select(early ? wait : mayWait.getAsBoolean(), ready);
		this.waiting.set(false);
		Schedules.pause();
		this.selecting.set(null);
		return true;
	}

	private void select(boolean wait, Consumer<SelectionKey> ready) {
		int interest = this.key.selected();
		while (wait && !this.wakeup && (this.channel.ready() & interest) == 0) {
			LockSupport.park();
		}
		this.wakeup = false;
		if ((this.channel.ready() & interest) != 0) {
			ready.accept(this.key);
		}
	}

	boolean isWaiting() {
		Schedules.pause();
		return this.waiting.get();
	}

	boolean wakeup() {
		if (!this.waiting.compareAndSet(true, false)) {
			return false;
		}
		Schedules.pause();
		interrupt();
		return true;
	}

	void interrupt() {
		this.wakeup = true;
		channelIsReady();
	}

	void channelIsReady() {
		LockSupport.unpark(this.selecting.get());
	}

	/**
	 * A channel that has so much to read and so much room to write.
	 */
	static final class ModelChannel {

		private final AtomicInteger readable = new AtomicInteger();

		private final AtomicInteger writable = new AtomicInteger();

		void add(int operation, int by) {
			amount(operation).addAndGet(by);
		}

		boolean take(int operation) {
			Schedules.pause();
			return amount(operation).get() > 0 && amount(operation).getAndDecrement() > 0;
		}

		private AtomicInteger amount(int operation) {
			return (operation == SelectionKey.OP_READ) ? this.readable : this.writable;
		}

		int ready() {
			return ((this.readable.get() > 0) ? SelectionKey.OP_READ : 0)
					| ((this.writable.get() > 0) ? SelectionKey.OP_WRITE : 0);
		}

	}

	/**
	 * The key of the channel.
	 */
	final class ModelKey extends SelectionKey {

		private final AtomicInteger interest = new AtomicInteger();

		private volatile boolean cancelled;

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
			return interest().get() & ModelSelector.this.channel.ready();
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
