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

import java.io.Closeable;
import java.io.IOException;
import java.nio.channels.ClosedSelectorException;
import java.nio.channels.SelectableChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;

import org.jspecify.annotations.Nullable;

/**
 * A selector of an event loop, in which one thread of the loop at a time waits.
 */
final class LoopSelector implements Closeable {

	private final AtomicBoolean waiting = new AtomicBoolean();

	private final ReentrantLock selectionLock = new ReentrantLock();

	private final ReentrantLock registrationLock = new ReentrantLock();

	private final Selector selector;

	LoopSelector() throws IOException {
		this.selector = Selector.open();
	}

	/**
	 * Wake the threads whose channels are ready, after waiting for one that is.
	 * @param mayWait asked after others can see that a thread is about to wait
	 * @param timeoutMillis the longest time to wait, or 0
	 * @return {@code false} if another thread is here
	 */
	boolean trySelect(BooleanSupplier mayWait, long timeoutMillis) throws IOException {
		if (!this.selectionLock.tryLock()) {
			return false;
		}
		try {
			this.waiting.set(true);
			if (mayWait.getAsBoolean()) {
				this.selector.select(LoopSelector::ready, timeoutMillis);
			}
			else {
				this.selector.selectNow(LoopSelector::ready);
			}
			return true;
		}
		finally {
			this.waiting.set(false);
			this.selectionLock.unlock();
		}
	}

	private static void ready(SelectionKey key) {
		((ChannelWaiters) key.attachment()).ready(key);
	}

	/**
	 * Return whether a thread is here.
	 */
	boolean isAttended() {
		return this.selectionLock.isLocked();
	}

	/**
	 * Return whether a thread waits here, or is about to find out whether it may.
	 */
	boolean isWaiting() {
		return this.waiting.get();
	}

	/**
	 * Wake the thread that waits here.
	 * @return {@code false} if there was none to wake
	 */
	boolean wakeup() {
		boolean woken = this.waiting.get() && this.waiting.compareAndSet(true, false);
		if (woken) {
			this.selector.wakeup();
		}
		return woken;
	}

	/**
	 * Make the thread that waits here, or the next one, return.
	 */
	void interrupt() {
		this.selector.wakeup();
	}

	boolean has(SelectionKey key) {
		return key.selector() == this.selector;
	}

	/**
	 * Return the waiters of a channel, or {@code null} if it has not been registered.
	 */
	@Nullable ChannelWaiters waiters(SelectableChannel channel) {
		SelectionKey key = channel.keyFor(this.selector);
		return (key != null) ? (ChannelWaiters) key.attachment() : null;
	}

	/**
	 * Make a channel's waiters wait here from now on. They are attached to a key that
	 * they know, and only once: a reader and a writer may be the first to wait at the
	 * same time.
	 * @return the waiters, which are others than those given if there were some already
	 */
	ChannelWaiters register(SelectableChannel channel, ChannelWaiters newWaiters) throws IOException {
		this.registrationLock.lock();
		try {
			SelectionKey key = channel.keyFor(this.selector);
			if (key == null) {
				key = channel.register(this.selector, 0);
				newWaiters.registered(key);
				key.attach(newWaiters);
				return newWaiters;
			}
			ChannelWaiters waiters = (ChannelWaiters) key.attachment();
			waiters.registered(key);
			return waiters;
		}
		finally {
			this.registrationLock.unlock();
		}
	}

	boolean hasWaiters() {
		for (SelectionKey key : keys()) {
			ChannelWaiters waiters = (ChannelWaiters) key.attachment();
			if (waiters != null && !waiters.isEmpty()) {
				return true;
			}
		}
		return false;
	}

	void wakeAll() {
		for (SelectionKey key : keys()) {
			ChannelWaiters waiters = (ChannelWaiters) key.attachment();
			if (waiters != null) {
				waiters.wakeAll();
			}
		}
	}

	private Set<SelectionKey> keys() {
		try {
			return this.selector.keys();
		}
		catch (ClosedSelectorException ex) {
			return Set.of(); // all were woken when it was closed
		}
	}

	/**
	 * Give up the registration of a closed channel.
	 */
	void forget(SelectableChannel channel) {
		if (channel.keyFor(this.selector) != null) {
			interrupt();
		}
	}

	@Override
	public void close() throws IOException {
		interrupt();
		this.selectionLock.lock();
		try {
			wakeAll();
			this.selector.close();
		}
		finally {
			this.selectionLock.unlock();
		}
	}

}
