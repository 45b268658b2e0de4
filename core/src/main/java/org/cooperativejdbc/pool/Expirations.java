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

import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

import org.cooperativejdbc.Deadline;

/**
 * Runs what is to happen at a {@link Deadline}. One platform thread keeps the time, from
 * the first deadline on; what it starts runs on a virtual thread of its own, because a
 * server that does not answer must not hold up the deadlines of others.
 */
public final class Expirations implements AutoCloseable {

	/**
	 * A statement can begin after the deadline.
	 */
	private static final long AGAIN_MILLIS = 200;

	private final ScheduledThreadPoolExecutor timer = new ScheduledThreadPoolExecutor(1,
			Thread.ofPlatform().daemon().name("cooperative-jdbc-deadlines").factory());

	/**
	 * Create a timer, which starts its thread when it is first used.
	 */
	public Expirations() {
		this.timer.setRemoveOnCancelPolicy(true);
	}

	/**
	 * Do something at a deadline, and again from time to time until told to stop.
	 * @param deadline the deadline
	 * @param action what to do
	 * @return the expiration, to be ended
	 */
	public Expiration at(Deadline deadline, Runnable action) {
		Expiration expiration = new Expiration(action);
		expiration.timer(this.timer.scheduleWithFixedDelay(() -> Thread.startVirtualThread(expiration),
				Math.max(0, deadline.left().toNanos()), TimeUnit.MILLISECONDS.toNanos(AGAIN_MILLIS),
				TimeUnit.NANOSECONDS));
		return expiration;
	}

	@Override
	public void close() {
		this.timer.shutdownNow();
	}

}
