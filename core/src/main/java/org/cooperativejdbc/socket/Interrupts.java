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

import org.cooperativejdbc.InterruptPolicy;
import org.jspecify.annotations.Nullable;

/**
 * The interrupts of the thread that reads from, or writes to, a socket; one thread at a
 * time. The status is cleared while the thread waits, because a thread whose status is
 * set cannot park, and set again when the operation has ended.
 */
final class Interrupts {

	private final InterruptPolicy policy;

	private volatile @Nullable StatementCanceller canceller;

	private boolean interrupted;

	private @Nullable Cancellation cancellation;

	Interrupts(InterruptPolicy policy) {
		this(policy, null);
	}

	Interrupts(InterruptPolicy policy, @Nullable StatementCanceller canceller) {
		this.policy = policy;
		this.canceller = canceller;
	}

	void cancelWith(StatementCanceller canceller) {
		this.canceller = canceller;
	}

	/**
	 * Return whether an interrupt of the current thread closes the socket. As on the
	 * JDK's socket, only virtual threads are interruptible.
	 */
	boolean close() {
		return this.policy == InterruptPolicy.CLOSE && Thread.currentThread().isVirtual();
	}

	/**
	 * Clear the status before a wait. An interrupt that no statement has been cancelled
	 * for cancels the one that is waited for.
	 */
	void beforeWait() {
		if (Thread.interrupted()) {
			if (AnsweredInterrupts.contains(Thread.currentThread())) {
				this.interrupted = true;
			}
			else {
				interrupted();
			}
		}
	}

	/**
	 * Clear the status after a wait.
	 */
	void afterWait() {
		if (Thread.interrupted()) {
			interrupted();
		}
	}

	private void interrupted() {
		this.interrupted = true;
		StatementCanceller canceller = this.canceller;
		if (this.policy == InterruptPolicy.CANCEL && canceller != null && this.cancellation == null) {
			this.cancellation = new Cancellation(canceller);
		}
	}

	/**
	 * End the operation: wait for the cancellation, so that it never meets a later
	 * statement, and set the status again.
	 */
	void end() {
		if (this.interrupted) {
			this.interrupted = false;
			if (this.cancellation != null) {
				if (this.cancellation.end()) {
					AnsweredInterrupts.add(Thread.currentThread());
				}
				this.cancellation = null;
			}
			Thread.currentThread().interrupt();
		}
		else {
			AnsweredInterrupts.removeIfCleared(Thread.currentThread());
		}
	}

}
