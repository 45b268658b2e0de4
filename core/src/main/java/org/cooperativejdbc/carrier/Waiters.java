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
import java.nio.channels.SelectionKey;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;

import org.jspecify.annotations.Nullable;

/**
 * The threads that wait for a channel in one selector: at most one reader (which may wait
 * to connect) and one writer at a time.
 * <p>
 * Interest in reading is left registered when a wait ends, because the next query will
 * need it again: that saves two system calls a query. When data arrives and nobody waits
 * here, the interest is cleared. A waiter may enter at that very moment, so whoever
 * clears the interest looks for a waiter once more, and a waiter enters before it adds
 * its interest.
 */
final class Waiters {

	private final AtomicReference<@Nullable Thread> reader = new AtomicReference<>();

	private final AtomicReference<@Nullable Thread> writer = new AtomicReference<>();

	void enter(int operation, Thread thread) {
		waiter(operation).set(thread);
	}

	/**
	 * Forget the waiter. A selector never reports that a channel which is connected may
	 * connect, but does not wait either while there is interest in it. If the waiter was
	 * woken by something else, nobody but the waiter can end that.
	 */
	void leave(int operation, SelectionKey key) {
		waiter(operation).set(null);
		if (operation == SelectionKey.OP_CONNECT) {
			try {
				key.interestOpsAnd(~SelectionKey.OP_CONNECT);
			}
			catch (CancelledKeyException ex) {
				// There is no interest in a closed channel
			}
		}
	}

	/**
	 * Wake the threads for whose operations the channel is ready. Called by whoever
	 * selects.
	 */
	void ready(SelectionKey key) {
		try {
			wakeReady(key);
		}
		catch (CancelledKeyException ex) {
			wakeAll();
		}
	}

	private void wakeReady(SelectionKey key) {
		int ready = key.readyOps();
		int readable = ready & (SelectionKey.OP_READ | SelectionKey.OP_CONNECT);
		if (readable != 0 && (!wake(this.reader) || readable == SelectionKey.OP_CONNECT)) {
			key.interestOpsAnd(~readable);
			wake(this.reader);
		}
		if ((ready & SelectionKey.OP_WRITE) != 0) {
			key.interestOpsAnd(~SelectionKey.OP_WRITE);
			wake(this.writer);
		}
	}

	boolean isEmpty() {
		return this.reader.get() == null && this.writer.get() == null;
	}

	void wakeAll() {
		wake(this.reader);
		wake(this.writer);
	}

	/**
	 * Wake the waiter and forget it, so that a channel that stays ready until a thread
	 * elsewhere gets to it does not keep its carrier busy.
	 */
	private static boolean wake(AtomicReference<@Nullable Thread> waiter) {
		Thread thread = waiter.get();
		if (thread == null) {
			return false;
		}
		waiter.compareAndSet(thread, null);
		LockSupport.unpark(thread);
		return true;
	}

	private AtomicReference<@Nullable Thread> waiter(int operation) {
		return (operation == SelectionKey.OP_WRITE) ? this.writer : this.reader;
	}

}
