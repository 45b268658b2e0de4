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

import java.sql.SQLException;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

import com.zaxxer.hikari.SQLExceptionOverride;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

/**
 * Notices that a connection has failed because its server or the way to it is gone, so
 * that a failover costs the time to find out once, and not once for each connection of
 * the pool.
 */
final class FailedConnections {

	/**
	 * Connection failure, and the shutdown, the crash and the start of a server, see
	 * <a href="https://www.postgresql.org/docs/current/errcodes-appendix.html">Appendix
	 * A</a>.
	 */
	private static final Set<String> STATES = Set.of("08006", "08S01", "57P01", "57P02", "57P03");

	private static final long INTERVAL_NANOS = TimeUnit.SECONDS.toNanos(1);

	private static final Log logger = LogFactory.getLog(FailedConnections.class);

	private final Runnable action;

	private final AtomicLong last = new AtomicLong(System.nanoTime() - INTERVAL_NANOS);

	/**
	 * Create a watch.
	 * @param action called on the thread whose connection has failed, at most once a
	 * second
	 */
	FailedConnections(Runnable action) {
		this.action = action;
	}

	SQLExceptionOverride override(@Nullable SQLExceptionOverride users) {
		return new SQLExceptionOverride() {

			@java.lang.Override
			public SQLExceptionOverride.Override adjudicate(SQLException ex) {
				failed(ex);
				return (users != null) ? users.adjudicate(ex) : SQLExceptionOverride.Override.CONTINUE_EVICT;
			}

		};
	}

	/**
	 * An interrupted thread may have lost its connection by that.
	 */
	private void failed(SQLException failure) {
		String state = failure.getSQLState();
		if (state == null || !STATES.contains(state) || Thread.currentThread().isInterrupted()) {
			return;
		}
		long now = System.nanoTime();
		long last = this.last.get();
		if (now - last >= INTERVAL_NANOS && this.last.compareAndSet(last, now)) {
			try {
				this.action.run();
			}
			catch (RuntimeException ex) {
				logger.debug("Idle connections not checked", ex);
			}
		}
	}

}
