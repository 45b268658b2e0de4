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

import java.net.Socket;
import java.net.SocketAddress;
import java.net.SocketTimeoutException;
import java.sql.SQLException;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;

import com.zaxxer.hikari.SQLExceptionOverride;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.cooperativejdbc.socket.DriverSocket;
import org.cooperativejdbc.socket.UnansweredException;
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

	/**
	 * For how long the answer to one thread tells that a server is not gone, which has
	 * left another one without an answer.
	 */
	private static final long ANSWERING_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

	/**
	 * How often an answer is noted.
	 */
	private static final long NOTE_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

	private static final Log logger = LogFactory.getLog(FailedConnections.class);

	private final Supplier<@Nullable DriverSocket> failing;

	private final Runnable action;

	private final AtomicLong last = new AtomicLong(System.nanoTime() - INTERVAL_NANOS);

	private volatile @Nullable Answer answer;

	/**
	 * Create a watch.
	 * @param failing returns the socket that fails in the current thread
	 * @param action called on the thread whose connection has failed, at most once a
	 * second
	 */
	FailedConnections(Supplier<@Nullable DriverSocket> failing, Runnable action) {
		this.failing = failing;
		this.action = action;
	}

	/**
	 * Note that a connection has come back whose server has answered.
	 */
	void answered(@Nullable DriverSocket socket) {
		long now = System.nanoTime();
		Answer answer = this.answer;
		if (socket instanceof Socket connected && (answer == null || now - answer.time() > NOTE_NANOS)) {
			this.answer = new Answer(connected.getRemoteSocketAddress(), now);
		}
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
		if (isUnanswered(failure) && isAnsweringOthers(now)) {
			return;
		}
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

	/**
	 * Return whether nobody knows why there is no answer: the server may be gone, or
	 * still be busy with the statement.
	 */
	private static boolean isUnanswered(SQLException failure) {
		return failure.getCause() instanceof SocketTimeoutException
				|| failure.getCause() instanceof UnansweredException;
	}

	private boolean isAnsweringOthers(long now) {
		Answer answer = this.answer;
		return answer != null && now - answer.time() < ANSWERING_NANOS
				&& this.failing.get() instanceof Socket unanswered
				&& Objects.equals(answer.server(), unanswered.getRemoteSocketAddress());
	}

	/**
	 * An answer.
	 *
	 * @param server the server
	 * @param time when it was noted
	 */
	private record Answer(@Nullable SocketAddress server, long time) {

	}

}
