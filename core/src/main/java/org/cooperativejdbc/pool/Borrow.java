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

import java.sql.Connection;
import java.sql.SQLException;

import org.cooperativejdbc.socket.DriverSocket;
import org.jspecify.annotations.Nullable;

/**
 * A place that a thread has in a pool, from when it is admitted until its connection is
 * back. A thread has several if it borrows while it holds a connection.
 */
final class Borrow {

	private final Thread thread = Thread.currentThread();

	/**
	 * Where a thread has borrowed that may do one task after the other. A virtual thread
	 * mostly has a task of its own.
	 */
	private final @Nullable Throwable where = this.thread.isVirtual() ? null : new Throwable();

	private final long queuedNanos;

	private final long since;

	private volatile @Nullable Connection connection;

	private @Nullable DriverSocket socket; // published by connection

	private long busyBefore; // published by connection

	private volatile @Nullable String idlePlace;

	private volatile boolean seenWaiting;

	private volatile @Nullable Borrow outer; // written in the map of all

	private volatile FairShares.@Nullable Share share; // written with the lock of the
														// queue

	private long chargedNanos = FairShares.TURN_NANOS; // lock of the queue

	/**
	 * Create the place of the current thread.
	 * @param queuedNanos how long it has waited for it
	 * @param share the share that it is charged to, or {@code null} if it is to none
	 */
	Borrow(long queuedNanos, long now, FairShares.@Nullable Share share) {
		this.queuedNanos = queuedNanos;
		this.since = now;
		this.share = share;
	}

	void connected(Connection connection, @Nullable DriverSocket socket) {
		this.socket = socket;
		this.busyBefore = (socket != null) ? socket.busyNanos() : 0;
		this.connection = connection;
	}

	Thread thread() {
		return this.thread;
	}

	long queuedNanos() {
		return this.queuedNanos;
	}

	@Nullable Connection connection() {
		return this.connection;
	}

	@Nullable DriverSocket socket() {
		return (this.connection != null) ? this.socket : null;
	}

	@Nullable Borrow outer() {
		return this.outer;
	}

	void outer(@Nullable Borrow outer) {
		this.outer = outer;
	}

	FairShares.@Nullable Share share() {
		return this.share;
	}

	void share(FairShares.@Nullable Share share) {
		this.share = share;
	}

	/**
	 * Charge for the time that the connection has been held.
	 * @return what was not charged before
	 */
	long charge(long now) {
		long more = Math.max(0, heldNanos(now) - this.chargedNanos);
		this.chargedNanos += more;
		return more;
	}

	/**
	 * Return whether its server is known to have answered this thread.
	 */
	boolean isAnswered() {
		DriverSocket socket = socket();
		return socket != null && socket.busyNanos() > this.busyBefore;
	}

	/**
	 * Return whether the connection was closed, which the pool tells of each connection
	 * that comes back but not of those that broke.
	 */
	boolean isClosed() {
		Connection connection = this.connection;
		try {
			return connection != null && connection.isClosed();
		}
		catch (SQLException ex) {
			return false;
		}
	}

	/**
	 * Return whether a thread waits for the server on the connection, as far as its
	 * socket tells.
	 */
	boolean isServerAwaited() {
		DriverSocket socket = socket();
		return socket != null && socket.waitingNanos() > 0;
	}

	/**
	 * Return whether nobody else can be expected to give the connection back while its
	 * thread waits for another one: it is not another thread that uses the connection,
	 * and the thread is still in the method that has borrowed it. A thread that does one
	 * task after the other may have left it to a task that goes on elsewhere, as
	 * coroutines and reactive code do.
	 * @param stack where the thread waits
	 */
	boolean isHeldAlone(StackTraceElement[] stack) {
		return !isClosed() && !isServerAwaited()
				&& (this.where == null || CallSite.isStillIn(this.where.getStackTrace(), stack));
	}

	long heldNanos(long now) {
		return now - this.since;
	}

	/**
	 * Return how long the connection was held while nobody waited for its server, or -1
	 * if its socket does not tell.
	 */
	long idleNanos(long now) {
		DriverSocket socket = socket();
		return (socket != null) ? Math.max(0, heldNanos(now) - (socket.busyNanos() - this.busyBefore)) : -1;
	}

	/**
	 * Return for how long nothing has happened on the connection, as far as its socket
	 * tells.
	 */
	long quietNanos(long now) {
		DriverSocket socket = socket();
		long held = heldNanos(now);
		return (socket != null) ? Math.min(held, now - socket.lastActivity()) : held;
	}

	/**
	 * Note where the thread was seen while nothing happened on the connection.
	 * @param waits whether it waited there, rather than ran
	 */
	void idlePlace(String place, boolean waits) {
		this.idlePlace = place;
		this.seenWaiting = waits;
	}

	boolean isSeenWaiting() {
		return this.seenWaiting;
	}

	@Nullable String idlePlace() {
		return this.idlePlace;
	}

}
