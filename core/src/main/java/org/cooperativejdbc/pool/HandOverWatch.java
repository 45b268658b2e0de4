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

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

import com.zaxxer.hikari.pool.HikariPool;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

/**
 * Ends a standstill of virtual threads that give connections back.
 * <p>
 * While threads wait in HikariCP, one that gives a connection back yields until it has
 * handed it over, and parks in between, which a thread whose interrupt status is set
 * cannot. A few virtual threads that do nothing but yield keep all others from the JDK's
 * scheduler, also the one that was handed a connection already and would end their loop.
 * Then threads wait, connections are idle, and none comes back: the idle ones are closed,
 * which ends the loops. As interrupts leave connections alive, their threads give them
 * back with the status set.
 * <p>
 * Looks once a second, on a platform thread, as long as threads wait in HikariCP.
 */
final class HandOverWatch {

	private static final Log logger = LogFactory.getLog(HandOverWatch.class);

	private final AtomicBoolean watching = new AtomicBoolean();

	private volatile boolean returned;

	/**
	 * Called by each thread that is about to give a connection back.
	 * @param pool the pool of the connection
	 */
	void returning(@Nullable HikariPool pool) {
		if (!this.returned) {
			this.returned = true;
		}
		Thread thread = Thread.currentThread();
		if (pool != null && thread.isVirtual() && (thread.isInterrupted() || pool.getThreadsAwaitingConnection() > 0)
				&& !this.watching.get() && this.watching.compareAndSet(false, true)) {
			start(pool);
		}
	}

	private void start(HikariPool pool) {
		try {
			Thread.ofPlatform()
				.daemon()
				.name("cooperative-jdbc-hand-over")
				.inheritInheritableThreadLocals(false)
				.start(() -> watch(pool));
		}
		catch (Throwable ex) {
			this.watching.set(false);
			logger.debug("Connections that are given back not watched", ex);
		}
	}

	private void watch(HikariPool pool) {
		try {
			do {
				this.returned = false;
				TimeUnit.SECONDS.sleep(1);
				if (!this.returned && pool.getThreadsAwaitingConnection() > 0 && pool.getIdleConnections() > 0) {
					logger.debug("Idle connections are closed, because none is handed over to those that wait");
					pool.softEvictConnections();
				}
			}
			while (pool.getThreadsAwaitingConnection() > 0);
		}
		catch (InterruptedException ex) {
			// Nobody does
		}
		finally {
			this.watching.set(false);
		}
	}

}
