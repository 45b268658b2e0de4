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

import java.time.Duration;
import java.util.concurrent.ThreadFactory;

import org.cooperativejdbc.Deadline;
import org.cooperativejdbc.InterruptPolicy;
import org.jspecify.annotations.Nullable;

/**
 * How the waits of a socket are given up.
 *
 * @param interruptPolicy what an interrupt does
 * @param graceNanos how long to wait for the answer of a canceled statement; zero where
 * there are no statements that could be canceled
 * @param cancelThreads the threads that ask the server to cancel: platform threads,
 * because a virtual one would be carried by the event loop of the thread that waits
 * @param figures where the socket counts
 */
record WaitSettings(InterruptPolicy interruptPolicy, long graceNanos, ThreadFactory cancelThreads,
		WaitFigures figures) {

	WaitSettings(InterruptPolicy interruptPolicy, Duration cancelGrace, WaitFigures figures) {
		this(interruptPolicy, nanos(cancelGrace),
				Thread.ofPlatform()
					.daemon()
					.name("cooperative-jdbc-cancel")
					.inheritInheritableThreadLocals(false)
					.factory(),
				figures);
	}

	/**
	 * Return the settings of a socket that is not a database driver's: an interrupt does
	 * what it does to the JDK's socket, and at the deadline of a thread its wait ends
	 * with the socket. It counts for itself, because figures are those of the database.
	 */
	static WaitSettings withoutStatements() {
		return new WaitSettings(InterruptPolicy.CLOSE, 0, (task) -> {
			throw new IllegalStateException("There are no statements to cancel");
		}, new WaitFigures());
	}

	boolean hasStatements() {
		return this.graceNanos > 0;
	}

	/**
	 * Return the deadline of the current thread for waits on this socket, or {@code null}
	 * if it has none. The timeout of a transaction is none for other servers, which
	 * nobody asked to be bounded by it.
	 */
	@Nullable Deadline deadline() {
		return hasStatements() ? Deadline.current() : Deadline.currentElsewhere();
	}

	private static long nanos(Duration cancelGrace) {
		if (!cancelGrace.isPositive()) {
			throw new IllegalArgumentException("The cancel grace must be positive");
		}
		return (cancelGrace.toDays() < 365) ? cancelGrace.toNanos() : Duration.ofDays(365).toNanos();
	}

}
