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

import java.util.Set;
import java.util.concurrent.locks.LockSupport;

import org.jspecify.annotations.Nullable;

/**
 * A thread in the queue of a pool. Whoever takes it out of the queue decides how its wait
 * ends, and does so with the lock of the queue.
 */
final class PoolWaiter {

	private final Thread thread = Thread.currentThread();

	private final Set<PoolWaiter> queue;

	private final int held;

	private final StackTraceElement[] stack;

	private FairShares.@Nullable Share share; // lock of the queue

	private volatile boolean admitted;

	private volatile boolean crowdedOut;

	/**
	 * Create a waiter and add it to a queue.
	 * @param held how many connections of the pool nobody else gives back while it waits
	 * @param stack where it waits, if it holds any
	 */
	PoolWaiter(Set<PoolWaiter> queue, int held, StackTraceElement[] stack) {
		this.queue = queue;
		this.held = held;
		this.stack = stack;
		queue.add(this);
	}

	int held() {
		return this.held;
	}

	StackTraceElement[] stack() {
		return this.stack;
	}

	Thread thread() {
		return this.thread;
	}

	FairShares.@Nullable Share share() {
		return this.share;
	}

	void share(FairShares.Share share) {
		this.share = share;
	}

	boolean isAdmitted() {
		return this.admitted;
	}

	/**
	 * Return whether it had to make room for one whose share is smaller.
	 */
	boolean isCrowdedOut() {
		return this.crowdedOut;
	}

	boolean isWaiting() {
		return !this.admitted && !this.crowdedOut;
	}

	/**
	 * Leave the queue with its lock.
	 * @return whether it was still there, rather than taken out meanwhile
	 */
	boolean leave() {
		return this.queue.remove(this);
	}

	void admit() {
		this.admitted = true;
		LockSupport.unpark(this.thread);
	}

	void crowdOut() {
		this.crowdedOut = true;
		LockSupport.unpark(this.thread);
	}

}
