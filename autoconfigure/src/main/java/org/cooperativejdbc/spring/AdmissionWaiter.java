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

package org.cooperativejdbc.spring;

import java.util.Queue;
import java.util.concurrent.locks.LockSupport;

/**
 * A thread in a queue of {@link Admission}. Whoever takes it out of the queue decides how
 * its wait ends, and does so with the lock of the admission.
 */
final class AdmissionWaiter {

	private final Thread thread = Thread.currentThread();

	private final Queue<AdmissionWaiter> queue;

	private volatile boolean admitted;

	AdmissionWaiter(Queue<AdmissionWaiter> queue) {
		this.queue = queue;
		queue.add(this);
	}

	/**
	 * Wait without the lock. The thread's interrupt stays set.
	 * @return whether the thread was admitted, rather than interrupted or late
	 */
	boolean await(long deadline) {
		long left = deadline - System.nanoTime();
		while (!this.admitted && left > 0 && !this.thread.isInterrupted()) {
			LockSupport.parkNanos(this, left);
			left = deadline - System.nanoTime();
		}
		return this.admitted;
	}

	/**
	 * Leave the queue with the lock.
	 * @return whether it was still there, rather than admitted meanwhile
	 */
	boolean leave() {
		return this.queue.remove(this);
	}

	void admit() {
		this.admitted = true;
		LockSupport.unpark(this.thread);
	}

}
