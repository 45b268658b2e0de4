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

package org.cooperativejdbc;

import org.jspecify.annotations.Nullable;

/**
 * When a transaction that is read-only begins in the server.
 * <p>
 * What is lazy begins with the first statement that is not plain. A plain one is a single
 * SELECT that reads and does nothing else as far as its text shows: it calls no function
 * but some that the server brings along and that only compute, locks no rows, opens no
 * cursor, and is no part of a batch. Before anything has begun, it runs at READ COMMITTED
 * on its own, as it would in a transaction of this isolation. A transaction all of whose
 * statements are plain has neither BEGIN nor COMMIT.
 *
 * @since 0.1.0
 */
public enum ReadOnlyBegin {

	/**
	 * With its first statement, as the driver does it.
	 */
	STANDARD,

	/**
	 * Lazily where the server refuses to write whether the transaction has begun or not,
	 * because it is a replica or {@code default_transaction_read_only} is on, and with
	 * the first statement elsewhere.
	 */
	LAZY_WHERE_ENFORCED,

	/**
	 * Lazily.
	 */
	LAZY;

	private static final ThreadLocal<@Nullable ReadOnlyBegin> current = new ThreadLocal<>();

	/**
	 * Return what the current thread has {@link #enter() entered}.
	 * @return when its transactions begin, or {@code null} if it has entered nothing
	 */
	public static @Nullable ReadOnlyBegin current() {
		return current.get();
	}

	/**
	 * Have the read-only transactions of the current thread begin this way, whatever was
	 * set for the application, where connections are able to begin lazily at all. If the
	 * thread has entered another way before, the one that begins earlier holds. What has
	 * begun is not affected.
	 * @return to be closed by the same thread, which then begins them as before
	 */
	public Scope enter() {
		ReadOnlyBegin previous = current.get();
		set((previous != null && previous.compareTo(this) < 0) ? previous : this);
		return () -> set(previous);
	}

	private static void set(@Nullable ReadOnlyBegin begin) {
		if (begin != null) {
			current.set(begin);
		}
		else {
			current.remove();
		}
	}

	/**
	 * The part of a thread's work whose transactions begin in some way.
	 */
	@FunctionalInterface
	public interface Scope extends AutoCloseable {

		/**
		 * Have the thread begin its transactions as before.
		 */
		@Override
		void close();

	}

}
