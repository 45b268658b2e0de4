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
 * What a socket is told about the connection of the driver that uses it. May be told by
 * any thread.
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
	 * Set the thread that alone may use the connection. If another one does, that is
	 * logged, once.
	 * @param owner the thread, or {@code null} for any
	 */
	void ownedBy(@Nullable Thread owner);

	/**
	 * Return how long threads have waited for the server on this socket.
	 * @return the sum, in nanoseconds, with the wait that goes on; it only grows
	 */
	long busyNanos();

	/**
	 * Return for how long a thread has been waiting for the server on this socket.
	 * @return nanoseconds, 0 if no thread waits
	 */
	long waitingNanos();

	/**
	 * Return since when the socket has been quiet: when the last byte was moved, or the
	 * wait for it began.
	 * @return the time, as of {@link System#nanoTime()}
	 */
	long lastActivity();

	/**
	 * Forget that an interrupt of the current thread has canceled a statement. While that
	 * is remembered, and the status remains set, no other statement on the same socket is
	 * canceled. To be called when the thread gets a connection, and when it gives one
	 * back: what comes then is other work.
	 */
	static void forgetAnsweredInterrupt() {
		AnsweredInterrupt.forget();
	}

}
