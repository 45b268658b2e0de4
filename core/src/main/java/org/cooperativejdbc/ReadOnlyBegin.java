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
 * When a read-only transaction begins in the server.
 * <p>
 * A lazy transaction begins with its first statement that is not plain. A plain statement
 * is a single SELECT whose text shows that it only reads: it calls no functions except
 * built-in ones that only compute, locks no rows, opens no cursor, and is not part of a
 * batch. Until the transaction has begun, a plain statement runs on its own at READ
 * COMMITTED. A transaction with only plain statements has neither BEGIN nor COMMIT.
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
	 * Let the read-only transactions of the current thread begin this way, whatever is
	 * set for the application. This has an effect only on connections that are able to
	 * begin lazily. If the thread has entered another way before, the one that begins
	 * earlier applies. A transaction that has begun is not affected.
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
