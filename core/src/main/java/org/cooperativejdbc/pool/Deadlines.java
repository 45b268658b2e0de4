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

import org.cooperativejdbc.Deadline;
import org.jspecify.annotations.Nullable;

/**
 * The deadlines of the current thread: that of the request it works for, which binds all
 * of its transactions, and that of the transaction it is about to begin.
 */
public final class Deadlines {

	private static final ThreadLocal<@Nullable Deadline> request = new ThreadLocal<>();

	private static final ThreadLocal<@Nullable Declared> declared = new ThreadLocal<>();

	private Deadlines() {
	}

	/**
	 * Note the deadline of the request that the current thread works for.
	 * @param deadline the deadline
	 * @return what to call when the thread has done its work
	 */
	public static Runnable request(Deadline deadline) {
		Deadline previous = request.get();
		request.set(deadline);
		return () -> restore(request, previous);
	}

	/**
	 * Note the deadline that was declared for a transaction, before it begins. It counts
	 * for this transaction only: a method that joins a transaction does not shorten it,
	 * nor those that are opened inside.
	 * @param transactionName the name of the transaction
	 * @param deadline the deadline
	 * @return what to call when the method returns
	 */
	public static Runnable declare(String transactionName, Deadline deadline) {
		Declared previous = declared.get();
		declared.set(new Declared(transactionName, deadline));
		return () -> restore(declared, previous);
	}

	/**
	 * Return the deadline of a transaction that begins on the current thread.
	 * @param transactionName the name of the transaction
	 * @return the earliest deadline, or {@code null} if there is none
	 */
	public static @Nullable Deadline of(String transactionName) {
		Declared mine = declared.get();
		return Deadline.earlier(request.get(),
				(mine != null && mine.transactionName().equals(transactionName)) ? mine.deadline() : null);
	}

	private static <T> void restore(ThreadLocal<@Nullable T> variable, @Nullable T previous) {
		if (previous != null) {
			variable.set(previous);
		}
		else {
			variable.remove();
		}
	}

	private record Declared(String transactionName, Deadline deadline) {

	}

}
