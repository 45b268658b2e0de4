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

package org.cooperativejdbc.socket;

import org.jspecify.annotations.Nullable;

/**
 * A socket that knows about the connection of the driver that uses it. May be used by any
 * thread.
 *
 * @since 0.1.0
 */
public interface DriverSocket {

	/**
	 * Set how the statement that runs on this socket is canceled when the thread that
	 * waits for its result is interrupted, or its deadline passes. Until then nothing can
	 * be canceled, and the socket is closed after the grace period.
	 * @param canceller asks the server to cancel
	 */
	void cancelWith(StatementCanceller canceller);

	/**
	 * Set the only thread that may use the connection. If another one uses it, this is
	 * logged once.
	 * @param owner the thread, or {@code null} for any
	 */
	void ownedBy(@Nullable Thread owner);

	/**
	 * Return how long threads have waited for the server on this socket.
	 * @return the sum in nanoseconds, including the current wait; it never decreases
	 */
	long busyNanos();

	/**
	 * Return for how long a thread has been waiting for the server on this socket.
	 * @return nanoseconds, 0 if no thread waits
	 */
	long waitingNanos();

	/**
	 * Return when the socket was last active: when the last byte was transferred, or the
	 * current wait began.
	 * @return the time, as of {@link System#nanoTime()}
	 */
	long lastActivity();

	/**
	 * Forget that an interrupt of the current thread has canceled a statement. Until
	 * then, and while the interrupt status remains set, no other statement on the same
	 * socket is canceled. Must be called when the thread gets a connection and when it
	 * gives one back, because other work follows.
	 */
	static void forgetAnsweredInterrupt() {
		AnsweredInterrupt.forget();
	}

}
