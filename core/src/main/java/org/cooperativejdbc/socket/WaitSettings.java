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
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

import org.cooperativejdbc.BlockingOnEventLoopException;
import org.cooperativejdbc.Deadline;
import org.cooperativejdbc.InterruptPolicy;
import org.jspecify.annotations.Nullable;

/**
 * Which threads may wait in a socket, and how their waits are given up.
 *
 * @param eventLoopThread tells threads that run an event loop, which must not wait
 * @param interruptPolicy what an interrupt does
 * @param graceNanos how long to wait for the answer of a canceled statement; zero where
 * there are no statements that could be canceled
 * @param cancelThreads the threads that ask the server to cancel: platform threads,
 * because a virtual one would be carried by the event loop of the thread that waits
 * @param figures where the socket counts
 */
record WaitSettings(Predicate<Thread> eventLoopThread, InterruptPolicy interruptPolicy, long graceNanos,
		ThreadFactory cancelThreads, WaitFigures figures) {

	/**
	 * Long enough for a packet to be lost on its way to a server that is well.
	 */
	private static final long LEAST_ANSWER_NANOS = TimeUnit.SECONDS.toNanos(3);

	WaitSettings(Predicate<Thread> eventLoopThread, InterruptPolicy interruptPolicy, Duration cancelGrace,
			WaitFigures figures) {
		this(eventLoopThread, interruptPolicy, nanos(cancelGrace),
				Thread.ofPlatform()
					.daemon()
					.name("cooperative-jdbc-cancel")
					.inheritInheritableThreadLocals(false)
					.factory(),
				figures);
	}

	/**
	 * Return the settings of a socket that is not a database driver's: any thread may
	 * wait, an interrupt does what it does to the JDK's socket, and at the deadline of a
	 * thread its wait ends with the socket. It counts for itself, because figures are
	 * those of the database.
	 */
	static WaitSettings withoutStatements() {
		return new WaitSettings((thread) -> false, InterruptPolicy.CLOSE, 0, (task) -> {
			throw new IllegalStateException("There are no statements to cancel");
		}, new WaitFigures());
	}

	/**
	 * Return whether the current thread runs an event loop, so that it must not wait.
	 */
	boolean isEventLoopThread() {
		Thread thread = Thread.currentThread();
		return !thread.isVirtual() && this.eventLoopThread.test(thread);
	}

	void refuseEventLoopThread() throws BlockingOnEventLoopException {
		if (isEventLoopThread()) {
			this.figures.refusedOnEventLoop();
			throw new BlockingOnEventLoopException(Thread.currentThread());
		}
	}

	boolean hasStatements() {
		return this.graceNanos > 0;
	}

	/**
	 * Return how long a server may take to answer at all before it is taken to be gone.
	 */
	long answerNanos() {
		return Math.max(this.graceNanos, LEAST_ANSWER_NANOS);
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
