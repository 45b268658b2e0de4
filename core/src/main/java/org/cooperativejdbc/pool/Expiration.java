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

import java.util.concurrent.Future;
import java.util.concurrent.locks.ReentrantLock;

import org.jspecify.annotations.Nullable;

/**
 * What happens when a deadline passes. It never happens after {@link #end()} has
 * returned: what cancels a statement must not meet the next one that uses the connection.
 */
public final class Expiration implements Runnable {

	private final ReentrantLock lock = new ReentrantLock();

	private final Runnable action;

	private @Nullable Future<?> timer;

	private boolean ended; // lock

	Expiration(Runnable action) {
		this.action = action;
	}

	void timer(Future<?> timer) {
		this.timer = timer;
	}

	@Override
	public void run() {
		if (this.lock.tryLock()) {
			try {
				if (!this.ended) {
					this.action.run();
				}
			}
			finally {
				this.lock.unlock();
			}
		}
	}

	/**
	 * End the wait for the deadline. If what happens then is under way, wait for it.
	 */
	public void end() {
		if (this.timer != null) {
			this.timer.cancel(false);
		}
		this.lock.lock();
		this.ended = true;
		this.lock.unlock();
	}

}
