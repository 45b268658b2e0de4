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

package org.cooperativejdbc.door;

import java.io.IOException;
import java.nio.channels.CancelledKeyException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SelectableChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

import org.jspecify.annotations.Nullable;

/**
 * Waits for channels on behalf of threads that no event loop of ours carries, all of them
 * in one selector. Its thread ends soon after the last wait.
 */
final class ChannelPoller {

	private static final long IDLE_MILLIS = TimeUnit.SECONDS.toMillis(1);

	static final ChannelPoller shared = new ChannelPoller();

	private final Object lock = new Object();

	private final Queue<Waiter> changed = new ArrayDeque<>();

	private @Nullable Selector selector;

	/**
	 * Wait until a channel is ready, the time has passed or the current thread is
	 * interrupted or unparked.
	 */
	void await(SelectableChannel channel, int operations, long timeoutNanos) throws IOException {
		Waiter waiter = new Waiter(Thread.currentThread(), channel, operations);
		change(waiter);
		LockSupport.parkNanos(channel, timeoutNanos);
		if (!waiter.done) {
			waiter.done = true;
			change(waiter);
		}
		IOException failure = waiter.failure;
		if (failure != null) {
			throw failure;
		}
	}

	private void change(Waiter waiter) throws IOException {
		synchronized (this.lock) {
			this.changed.add(waiter);
			if (this.selector == null) {
				this.selector = Selector.open();
				start(this.selector);
			}
			this.selector.wakeup();
		}
	}

	private void start(Selector selector) throws IOException {
		try {
			Thread thread = Thread.ofPlatform()
				.daemon()
				.name("cooperative-jdbc-channels")
				.inheritInheritableThreadLocals(false)
				.unstarted(() -> poll(selector));
			thread.setContextClassLoader(null);
			thread.start();
		}
		catch (Throwable ex) {
			this.selector = null;
			this.changed.clear();
			selector.close();
			throw ex;
		}
	}

	private void poll(Selector selector) {
		try (selector) {
			while (true) {
				boolean idle = selector.select((key) -> ready(key), IDLE_MILLIS) == 0 && selector.keys().isEmpty();
				List<Waiter> changed;
				synchronized (this.lock) {
					changed = new ArrayList<>(this.changed);
					this.changed.clear();
					if (idle && changed.isEmpty()) {
						this.selector = null;
						return;
					}
				}
				changed.forEach((waiter) -> apply(selector, waiter));
			}
		}
		catch (IOException | RuntimeException | Error ex) {
			fail(selector, ex);
		}
	}

	/**
	 * Threads go on, and those that come later get another selector.
	 */
	private void fail(Selector selector, Throwable failure) {
		List<Waiter> waiters;
		synchronized (this.lock) {
			waiters = new ArrayList<>(this.changed);
			this.changed.clear();
			this.selector = null;
		}
		if (selector.isOpen()) {
			selector.keys().forEach((key) -> waiters.addAll(waiters(key)));
		}
		waiters.forEach((waiter) -> waiter.wake(new IOException("Unable to wait for channels", failure)));
	}

	private static void apply(Selector selector, Waiter waiter) {
		try {
			SelectionKey key = key(selector, waiter.channel);
			if (waiter.done) {
				if (key != null && waiters(key).remove(waiter)) {
					interest(key);
				}
			}
			else if (key == null) {
				waiter.channel.register(selector, waiter.operations, new ArrayList<>(List.of(waiter)));
			}
			else {
				waiters(key).add(waiter);
				interest(key);
			}
		}
		catch (CancelledKeyException ex) {
			waiter.wake(new ClosedChannelException());
		}
		catch (IOException ex) {
			waiter.wake(ex);
		}
		catch (RuntimeException ex) {
			waiter.wake(new IOException("Unable to wait for " + waiter.channel, ex));
		}
	}

	/**
	 * A key that has been canceled is in the way of a new one until the next selection.
	 */
	private static @Nullable SelectionKey key(Selector selector, SelectableChannel channel) throws IOException {
		SelectionKey key = channel.keyFor(selector);
		if (key == null || key.isValid()) {
			return key;
		}
		selector.selectNow((other) -> ready(other));
		return null;
	}

	private static void ready(SelectionKey key) {
		try {
			int ready = key.readyOps();
			waiters(key).removeIf((waiter) -> {
				boolean woken = (waiter.operations & ready) != 0;
				if (woken) {
					waiter.wake(null);
				}
				return woken;
			});
			interest(key);
		}
		catch (CancelledKeyException ex) {
			waiters(key).forEach((waiter) -> waiter.wake(new ClosedChannelException()));
		}
	}

	/**
	 * A channel is registered only while somebody waits for it.
	 */
	private static void interest(SelectionKey key) {
		int operations = 0;
		for (Waiter waiter : waiters(key)) {
			operations |= waiter.operations;
		}
		if (operations != 0) {
			key.interestOps(operations);
		}
		else {
			key.cancel();
		}
	}

	@SuppressWarnings("unchecked")
	private static List<Waiter> waiters(SelectionKey key) {
		return (List<Waiter>) key.attachment();
	}

	private static final class Waiter {

		private final Thread thread;

		private final SelectableChannel channel;

		private final int operations;

		private volatile boolean done;

		private volatile @Nullable IOException failure;

		private Waiter(Thread thread, SelectableChannel channel, int operations) {
			this.thread = thread;
			this.channel = channel;
			this.operations = operations;
		}

		private void wake(@Nullable IOException failure) {
			this.failure = failure;
			this.done = true;
			LockSupport.unpark(this.thread);
		}

	}

}
