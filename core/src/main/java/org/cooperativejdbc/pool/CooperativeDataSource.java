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
import java.sql.SQLTransientConnectionException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import com.zaxxer.hikari.SQLExceptionOverride;
import com.zaxxer.hikari.metrics.MetricsTrackerFactory;
import com.zaxxer.hikari.pool.HikariPool;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.cooperativejdbc.BlockingOnEventLoopException;
import org.cooperativejdbc.Deadline;
import org.cooperativejdbc.jfr.FlightRecorder;
import org.cooperativejdbc.socket.DriverSocket;
import org.jspecify.annotations.Nullable;

/**
 * A HikariCP pool in front of which threads wait in the order of arrival or by
 * {@link QueueShares shares}, and which knows who holds its connections. It is a
 * {@link HikariDataSource} in every other respect: a borrow fails when HikariCP's would,
 * with its exceptions, and its meters count the threads that wait here.
 * <p>
 * May be used by any thread. A thread that runs an event loop is refused before it
 * borrows. The wait for a connection ends at the {@link Deadline} of the thread and when
 * it is interrupted.
 *
 * @since 0.1.0
 */
public final class CooperativeDataSource extends HikariDataSource {

	private static final Log logger = LogFactory.getLog(CooperativeDataSource.class);

	private final PoolSettings settings;

	private final PoolQueue queue;

	private final ThreadLocal<@Nullable Boolean> starting = new ThreadLocal<>();

	private final HandOverWatch handOverWatch = new HandOverWatch();

	private final FailedConnections failedConnections = new FailedConnections(this::failing, this::checkIdle);

	private final CompletableFuture<@Nullable Void> closed = new CompletableFuture<>();

	/**
	 * Create a pool without settings, as Spring Boot does for one that is derived from
	 * another. It has a queue; a bean also gets what the pools of the application have.
	 */
	public CooperativeDataSource() {
		this(new HikariConfig(), PoolSettings.DEFAULT);
	}

	/**
	 * Create a pool, which starts with its first connection.
	 * @param config the settings of HikariCP, whose state is copied; a
	 * {@link HikariDataSource} that has not started, for example
	 * @param settings what it does in addition
	 */
	public CooperativeDataSource(HikariConfig config, PoolSettings settings) {
		config.copyStateTo(this);
		this.settings = settings;
		QueueLimits limits = settings.queue();
		this.queue = new PoolQueue(this::name, (limits != null) ? this::getMaximumPoolSize : () -> Integer.MAX_VALUE,
				(limits != null) ? limits : QueueLimits.NONE, this::returned, this::look);
	}

	/**
	 * Return whether this pool was created without settings.
	 * @return whether it has those by default only
	 */
	public boolean isDerived() {
		return this.settings == PoolSettings.DEFAULT;
	}

	private String name() {
		String name = getPoolName();
		return (name != null) ? name : "HikariPool";
	}

	@Override
	public Connection getConnection() throws SQLException {
		refuseEventLoopThread();
		if (isClosed()) {
			return super.getConnection();
		}
		FlightRecorder.Borrow recorded = FlightRecorder.beginBorrow();
		boolean served = false;
		try {
			Connection connection = borrow();
			served = true;
			return connection;
		}
		finally {
			if (recorded != null) {
				ended(recorded, served);
			}
		}
	}

	private void ended(FlightRecorder.Borrow recorded, boolean served) {
		try {
			recorded.ended(name(), served ? this.queue.borrows().queuedNanos() : 0, served);
		}
		catch (Throwable ex) {
			logger.debug("Borrow not recorded", ex);
		}
	}

	private Connection borrow() throws SQLException {
		DriverSocket.forgetAnsweredInterrupt();
		long began = System.nanoTime();
		Borrow borrow = enter();
		try {
			if (borrow == null) {
				return connectLate(began);
			}
			return connected(borrow, connect(timeoutNanos(borrow.queuedNanos())));
		}
		catch (Throwable ex) {
			if (borrow != null) {
				this.queue.giveBack(borrow);
			}
			throw ex;
		}
	}

	private void refuseEventLoopThread() throws SQLException {
		Thread thread = Thread.currentThread();
		if (!thread.isVirtual() && this.settings.eventLoopThread().test(thread)) {
			this.queue.figures().refused(RefusalReason.EVENT_LOOP, name());
			throw new SQLException(name() + " - Connection refused on an event loop",
					new BlockingOnEventLoopException(thread));
		}
	}

	private @Nullable Borrow enter() throws SQLException {
		try {
			Borrow borrow = this.queue.enter(timeoutNanos(0));
			while (borrow == null && isSuspended() && timeoutNanos(0) > 0) {
				borrow = this.queue.enter(timeoutNanos(0));
			}
			return borrow;
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			throw new SQLException(name() + " - Interrupted during connection acquisition", ex);
		}
	}

	/**
	 * Return how long the current thread may wait for its connection.
	 * @param waited how long it has waited already
	 */
	private long timeoutNanos(long waited) {
		long nanos = TimeUnit.MILLISECONDS.toNanos(getConnectionTimeout()) - waited;
		Deadline deadline = Deadline.current();
		return Math.max(0, (deadline != null) ? Math.min(nanos, deadline.leftNanos()) : nanos);
	}

	/**
	 * HikariCP does not count the time in which it is suspended.
	 */
	private boolean isSuspended() {
		return pool() != null && !isRunning() && !isClosed();
	}

	private @Nullable HikariPool pool() {
		return (HikariPool) super.getHikariPoolMXBean();
	}

	private Connection connect(long timeoutNanos) throws SQLException {
		HikariPool pool = pool();
		if (pool == null) {
			return start();
		}
		if (isClosed()) {
			return super.getConnection();
		}
		return pool.getConnection(Math.ceilDiv(timeoutNanos, 1_000_000));
	}

	private Connection start() throws SQLException {
		this.starting.set(true);
		try {
			Connection connection = super.getConnection();
			QueueMXBean.register(this, this.queue);
			return connection;
		}
		finally {
			this.starting.remove();
		}
	}

	private Connection connected(Borrow borrow, Connection connection) {
		DriverSocket socket = this.settings.sockets().apply(connection);
		borrow.connected(connection, socket);
		HoldTimes holdTimes = this.settings.holdTimes();
		if (holdTimes != null) {
			holdTimes.borrowed(borrow, name());
		}
		if (socket != null && this.settings.ownership()) {
			socket.ownedBy(borrow.thread());
		}
		return connection;
	}

	/**
	 * Fail as HikariCP does, which counts the timeout and knows why it has no connection.
	 * It tells how long it has waited itself, which is not at all.
	 */
	private Connection connectLate(long began) throws SQLException {
		HikariPool pool = pool();
		if (pool == null) {
			return super.getConnection();
		}
		try {
			Connection connection = pool.getConnection(0);
			return connected(this.queue.force(System.nanoTime() - began), connection);
		}
		catch (SQLTransientConnectionException ex) {
			throw timedOut(ex, began);
		}
	}

	private static SQLTransientConnectionException timedOut(SQLTransientConnectionException ex, long began) {
		long millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - began);
		String message = String.valueOf(ex.getMessage())
			.replaceFirst("timed out after \\d+ms", "timed out after " + millis + "ms");
		SQLTransientConnectionException timedOut = new SQLTransientConnectionException(message, ex.getSQLState(),
				ex.getErrorCode(), ex.getCause());
		if (ex.getNextException() != null) {
			timedOut.setNextException(ex.getNextException());
		}
		return timedOut;
	}

	/**
	 * Called by the pool for each connection that comes back, on the thread that has
	 * closed it, before others can have it.
	 */
	private void returned() {
		DriverSocket.forgetAnsweredInterrupt();
		this.handOverWatch.returning(pool());
		Borrow borrow = this.queue.borrows().closedByCurrentThread();
		if (borrow != null && borrow.isAnswered()) {
			this.failedConnections.answered(borrow.socket());
		}
	}

	private void returned(Borrow borrow) {
		try {
			HoldTimes holdTimes = this.settings.holdTimes();
			if (holdTimes != null) {
				holdTimes.returned(borrow, System.nanoTime());
			}
			DriverSocket socket = borrow.socket();
			if (socket != null && this.settings.ownership()) {
				socket.ownedBy(null);
			}
		}
		catch (RuntimeException ex) {
			logger.debug("Return of a connection not noted", ex);
		}
	}

	private void look() {
		HoldTimes holdTimes = this.settings.holdTimes();
		if (holdTimes != null) {
			try {
				long now = System.nanoTime();
				this.queue.borrows().forEach((borrow) -> holdTimes.look(borrow, now));
			}
			catch (RuntimeException ex) {
				logger.debug("Connections that are held not looked at", ex);
			}
		}
	}

	/**
	 * Return the socket of the connection that fails in the current thread, which mostly
	 * is the one that it borrowed last.
	 */
	private @Nullable DriverSocket failing() {
		Borrow borrow = this.queue.borrows().ofCurrentThread();
		return (borrow != null) ? borrow.socket() : null;
	}

	/**
	 * Close the connections that nobody uses, and those in use when they come back: what
	 * has ended one of them without a word may have ended the others.
	 */
	private void checkIdle() {
		HikariPool pool = pool();
		if (pool != null && isRunning()) {
			pool.softEvictConnections();
		}
	}

	@Override
	public void evictConnection(Connection connection) {
		super.evictConnection(connection);
		this.queue.borrows().giveBack(connection);
	}

	@Override
	public void setMaximumPoolSize(int maxPoolSize) {
		super.setMaximumPoolSize(maxPoolSize);
		PoolQueue queue = this.queue;
		if (queue != null) { // null while the super class reads a file of properties
			queue.admitWaiting();
		}
	}

	/**
	 * Return how many threads wait in front of the pool. The pool itself knows of none of
	 * them.
	 * @return the number of threads
	 */
	public int getThreadsInQueue() {
		return this.queue.waiting();
	}

	/**
	 * Return how many places are taken: one for each connection that is out, and for each
	 * thread that is about to get one.
	 * @return the number of places
	 */
	public int getPlacesTaken() {
		return this.queue.taken();
	}

	/**
	 * Return what the queue of this pool has counted.
	 * @return figures that change
	 */
	public QueueFigures queueFigures() {
		return this.queue.figures();
	}

	/**
	 * Return what the shares are called into which the places of this pool are divided.
	 * @return the keys that have a weight of their own and {@link QueueShares#OTHER}, or
	 * nothing if the places are not divided
	 */
	public Set<String> shares() {
		QueueLimits limits = this.settings.queue();
		QueueShares shares = (limits != null) ? limits.shares() : null;
		Set<String> names = new TreeSet<>();
		if (shares != null) {
			names.addAll(shares.weights().keySet());
			names.add(QueueShares.OTHER);
		}
		return names;
	}

	/**
	 * Return for how long nobody has been given a connection while threads wait in front
	 * of the pool.
	 * @return the time, zero if no thread waits
	 */
	public Duration unserved() {
		return Duration.ofNanos(this.queue.unservedNanos());
	}

	/**
	 * Return how long each thread that waits for the server has been waiting, as far as
	 * the sockets of the connections tell.
	 * @return the times, in no order
	 */
	public List<Duration> waitsInFlight() {
		List<Duration> waits = new ArrayList<>();
		this.queue.borrows().forEach((borrow) -> {
			DriverSocket socket = borrow.socket();
			long nanos = (socket != null) ? socket.waitingNanos() : 0;
			if (nanos > 0) {
				waits.add(Duration.ofNanos(nanos));
			}
		});
		return waits;
	}

	/**
	 * Return the factory of the user, but to the pool that starts one that tells of each
	 * return.
	 */
	@Override
	public @Nullable MetricsTrackerFactory getMetricsTrackerFactory() {
		MetricsTrackerFactory own = super.getMetricsTrackerFactory();
		MetricsTrackerFactory users = (own instanceof QueueMetricsTrackerFactory factory) ? factory.users() : own;
		return (this.starting.get() != null) ? tracking((users != null) ? users : registered()) : users;
	}

	private @Nullable MetricsTrackerFactory registered() {
		Object registry = getMetricRegistry();
		return (registry != null) ? QueueMetricsTrackerFactory.of(registry) : null;
	}

	private QueueMetricsTrackerFactory tracking(@Nullable MetricsTrackerFactory users) {
		return new QueueMetricsTrackerFactory(users, this.queue, this::returned);
	}

	@Override
	public void setMetricsTrackerFactory(@Nullable MetricsTrackerFactory factory) {
		super.setMetricsTrackerFactory((pool() != null) ? tracking(factory) : factory);
	}

	@Override
	public void setMetricRegistry(Object metricRegistry) {
		super.setMetricRegistry(metricRegistry);
		HikariPool pool = pool();
		if (pool != null) {
			pool.setMetricsTrackerFactory(tracking(registered()));
		}
	}

	/**
	 * Return the override of the user, but to the pool that starts one that notices
	 * connections that fail.
	 */
	@Override
	public @Nullable SQLExceptionOverride getExceptionOverride() {
		SQLExceptionOverride users = super.getExceptionOverride();
		return (this.starting.get() != null) ? this.failedConnections.override(users) : users;
	}

	/**
	 * Wait for the connections that are out, as far as they can be expected to come back,
	 * and for the threads that wait for one. Others may borrow meanwhile.
	 */
	public void awaitReturn() {
		if (isRunning()) {
			try {
				this.queue.awaitReturn(this.settings.closeTimeout(), this.settings.quiet());
			}
			catch (InterruptedException ex) {
				Thread.currentThread().interrupt();
			}
		}
	}

	/**
	 * Close the pool when the connections that are out have come back, as far as they can
	 * be expected to.
	 */
	@Override
	public void close() {
		awaitReturn();
		super.close();
		this.queue.close();
		this.closed.complete(null);
	}

	/**
	 * Run a task once this pool has been closed, or at once if it already is.
	 * @param task the task, which must not wait
	 */
	public void onClose(Runnable task) {
		this.closed.thenRun(task);
	}

}
