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

package org.cooperativejdbc.pool;

import java.sql.Connection;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.Predicate;

import org.jspecify.annotations.Nullable;

/**
 * Who holds which connections of a pool. Account is kept by connection: one that is
 * closed by another thread than borrowed it, evicted or broken is no longer held. Each
 * place is given back exactly once, by whoever finds its connection closed first.
 */
final class Borrows {

	/**
	 * The latest place of each thread, which knows the one before.
	 */
	private final ConcurrentHashMap<Thread, Borrow> latest = new ConcurrentHashMap<>();

	private final Consumer<Borrow> givenBack;

	Borrows(Consumer<Borrow> givenBack) {
		this.givenBack = givenBack;
	}

	void add(Borrow borrow) {
		if (this.latest.putIfAbsent(borrow.thread(), borrow) != null) {
			this.latest.compute(borrow.thread(), (thread, before) -> {
				borrow.outer(before);
				return borrow;
			});
		}
	}

	/**
	 * Return how many connections the current thread holds.
	 */
	int heldByCurrentThread() {
		Borrow borrow = this.latest.get(Thread.currentThread());
		int held = 0;
		for (; borrow != null; borrow = borrow.outer()) {
			held += borrow.isClosed() ? 0 : 1;
		}
		return held;
	}

	/**
	 * Return how many connections the current thread holds that nobody else can be
	 * expected to give back.
	 * @param stack where the thread is
	 */
	int heldAloneByCurrentThread(StackTraceElement[] stack) {
		int held = 0;
		for (Borrow borrow = ofCurrentThread(); borrow != null; borrow = borrow.outer()) {
			held += borrow.isHeldAlone(stack) ? 1 : 0;
		}
		return held;
	}

	/**
	 * Return how long the current thread has waited for its latest place.
	 */
	long queuedNanos() {
		Borrow borrow = this.latest.get(Thread.currentThread());
		return (borrow != null) ? borrow.queuedNanos() : 0;
	}

	/**
	 * Give back the place of a connection that the current thread has just closed, which
	 * mostly is the one that it borrowed last.
	 * @return the place, or {@code null} if another thread has borrowed the connection
	 */
	@Nullable Borrow closedByCurrentThread() {
		Borrow borrow = this.latest.get(Thread.currentThread());
		for (; borrow != null; borrow = borrow.outer()) {
			if (borrow.isClosed()) {
				giveBack(borrow);
				return borrow;
			}
		}
		giveBackClosed();
		return null;
	}

	/**
	 * Return the place that the current thread has got last, or {@code null} if it has
	 * none.
	 */
	@Nullable Borrow ofCurrentThread() {
		return this.latest.get(Thread.currentThread());
	}

	/**
	 * Give back the places of all connections that are closed.
	 */
	void giveBackClosed() {
		forEach((borrow) -> {
			if (borrow.isClosed()) {
				giveBack(borrow);
			}
		});
	}

	void giveBack(Connection connection) {
		forEach((borrow) -> {
			if (borrow.connection() == connection) {
				giveBack(borrow);
			}
		});
	}

	void giveBack(Borrow borrow) {
		if ((borrow.outer() == null && this.latest.remove(borrow.thread(), borrow)) || unlink(borrow)) {
			this.givenBack.accept(borrow);
		}
	}

	private boolean unlink(Borrow borrow) {
		boolean[] found = new boolean[1];
		this.latest.computeIfPresent(borrow.thread(), (thread, first) -> {
			if (first == borrow) {
				found[0] = true;
				return borrow.outer();
			}
			for (Borrow inner = first; inner.outer() != null; inner = inner.outer()) {
				if (inner.outer() == borrow) {
					found[0] = true;
					inner.outer(borrow.outer());
					break;
				}
			}
			return first;
		});
		return found[0];
	}

	boolean any(Predicate<Borrow> condition) {
		for (Borrow latest : this.latest.values()) {
			for (Borrow borrow = latest; borrow != null; borrow = borrow.outer()) {
				if (condition.test(borrow)) {
					return true;
				}
			}
		}
		return false;
	}

	void forEach(Consumer<Borrow> action) {
		for (Borrow latest : this.latest.values()) {
			@Nullable Borrow outer;
			for (Borrow borrow = latest; borrow != null; borrow = outer) {
				outer = borrow.outer();
				action.accept(borrow);
			}
		}
	}

	int count() {
		int[] count = new int[1];
		forEach((borrow) -> count[0]++);
		return count[0];
	}

}
