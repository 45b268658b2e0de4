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
import java.sql.SQLTransientConnectionException;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.IntSupplier;
import java.util.function.Supplier;
import java.util.stream.Stream;

import org.jspecify.annotations.Nullable;

/**
 * The queue in front of a connection pool. It lets as many threads through as the pool
 * has connections, in the order of arrival, whatever kind of thread they are, or
 * {@link FairShares by turns} of those on whose behalf they wait. A thread that holds a
 * connection of the pool comes before those that hold none, since nobody gets that
 * connection while it waits. It fails if by its waiting every connection would be held by
 * a thread that waits for another one, and by nobody else: none would then come back.
 * <p>
 * As long as nobody waits, a place is taken and given back by one atomic operation each.
 * Otherwise the one that leaves hands its place to the first that waits, so that nobody
 * who comes later overtakes.
 * <p>
 * The pool does not tell of everything that frees a place: not of connections that break.
 * Therefore the thread that came last looks round from time to time while it waits.
 */
final class PoolQueue {

	/**
	 * How often the thread that came last looks round.
	 */
	static final long LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

	/**
	 * The longest pause between the statements of a transaction that goes on.
	 */
	private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

	/**
	 * One part in this number of the longest wait is to spare: what is expected is a
	 * mean, and whoever waits in vain could have been told so at once.
	 */
	private static final int SPARE = 8;

	private static final StackTraceElement[] NO_STACK = {};

	private final Supplier<String> pool;

	private final IntSupplier size;

	private final QueueLimits limits;

	private final Reserve reserve;

	private final Runnable look;

	private final Borrows borrows;

	private final AtomicInteger taken = new AtomicInteger();

	private final ReentrantLock lock = new ReentrantLock();

	private final Condition left = this.lock.newCondition();

	private final LinkedHashSet<PoolWaiter> waiting = new LinkedHashSet<>(); // lock

	private final LinkedHashSet<PoolWaiter> waitingInside = new LinkedHashSet<>(); // lock

	private final @Nullable FairShares shares; // lock

	private final QueueFigures figures = new QueueFigures();

	private final RefusedCallers refused = new RefusedCallers(System.nanoTime()); // lock

	private final @Nullable ReturnRate rate; // lock

	private volatile int waiters; // written with the lock

	private volatile @Nullable PoolWaiter newest; // written with the lock

	private volatile long servedAt; // written with the lock, while threads wait

	private volatile boolean closing;

	/**
	 * Create a queue.
	 * @param pool the name of the pool, which it may get when it starts
	 * @param size the number of connections that the pool may have, asked each time
	 * because it can be changed while the pool runs
	 * @param limits the limits
	 * @param returned told of each place that is given back
	 * @param look called from time to time while threads wait
	 */
	PoolQueue(Supplier<String> pool, IntSupplier size, QueueLimits limits, Consumer<Borrow> returned, Runnable look) {
		this.pool = pool;
		this.look = look;
		this.borrows = new Borrows((borrow) -> {
			try {
				returned.accept(borrow);
			}
			finally {
				leave(borrow);
			}
		});
		this.size = size;
		this.limits = limits;
		this.reserve = new Reserve(limits.reserve());
		Duration maxWait = limits.maxWait();
		this.rate = (maxWait != null) ? new ReturnRate(maxWait.toNanos()) : null;
		QueueShares shares = limits.shares();
		this.shares = (shares != null) ? new FairShares(shares) : null;
	}

	/**
	 * Take a place, if necessary after a wait. It is given back with its connection.
	 * @param timeoutNanos how long to wait at most
	 * @return the place, or {@code null} if the time has passed
	 * @throws InterruptedException if the thread was interrupted while it waited
	 * @throws SQLException if the thread is refused
	 */
	@Nullable Borrow enter(long timeoutNanos) throws SQLException, InterruptedException {
		int held = this.borrows.heldByCurrentThread();
		long now = System.nanoTime();
		boolean taken = this.waiters == 0 && take(held > 0, 0);
		StackTraceElement[] stack = NO_STACK;
		if (held > 0 && (!taken || this.taken.get() >= this.size.getAsInt())) {
			stack = Thread.currentThread().getStackTrace();
			held = this.borrows.heldAloneByCurrentThread(stack);
			if (held > 0) {
				this.reserve.needed();
			}
		}
		if (taken) {
			return admitted(0, now, null);
		}
		if (this.figures.isTelling()) {
			return force(0);
		}
		QueueShares shares = this.limits.shares();
		String key = (shares != null && held == 0) ? shares.key() : null;
		PoolWaiter waiter = arrive(held, stack, key, timeoutNanos, now);
		QueueListener.Wait wait = this.figures.begin((shares != null && key != null) ? shares.name(key) : null);
		boolean admitted = await(waiter, now + limit(held, timeoutNanos)) || admittedLate(waiter);
		long then = System.nanoTime();
		this.figures.ended(wait, then - now, admitted);
		if (!admitted) {
			if (Thread.interrupted()) {
				throw new InterruptedException();
			}
			if (waiter.isCrowdedOut()) {
				throw refusedLate(RefusalReason.MAX_WAITING, "threads wait already that have a smaller share");
			}
			refuseIfTooLate(held, timeoutNanos);
			return null;
		}
		return admitted(then - now, then, waiter.share());
	}

	private Borrow admitted(long queuedNanos, long now, FairShares.@Nullable Share share) {
		Borrow borrow = new Borrow(queuedNanos, now, share);
		this.borrows.add(borrow);
		return borrow;
	}

	/**
	 * Give back the place of a connection that was not borrowed after all, or was taken
	 * from the pool.
	 */
	void giveBack(Borrow borrow) {
		this.borrows.giveBack(borrow);
	}

	QueueFigures figures() {
		return this.figures;
	}

	/**
	 * Return for how long nobody has been admitted while threads wait.
	 */
	long unservedNanos() {
		return (this.waiters > 0) ? Math.max(0, System.nanoTime() - this.servedAt) : 0;
	}

	Borrows borrows() {
		return this.borrows;
	}

	private boolean take(boolean inside, long heldBack) {
		while (true) {
			int taken = this.taken.get();
			int size = this.size.getAsInt();
			if (taken >= size - (inside ? 0 : this.reserve.of(size, heldBack))) {
				return false;
			}
			if (this.taken.compareAndSet(taken, taken + 1)) {
				this.reserve.taken(inside);
				return true;
			}
		}
	}

	/**
	 * Take a place that is not there. The pool itself has given a connection to the
	 * thread, or is to make it wait.
	 */
	Borrow force(long queuedNanos) {
		this.taken.incrementAndGet();
		return admitted(queuedNanos, System.nanoTime(), null);
	}

	private void leave(Borrow borrow) {
		this.taken.decrementAndGet();
		if (this.shares != null && borrow.share() != null) {
			giveBack(this.shares, borrow);
		}
		if (this.waiters > 0 || this.closing) {
			admitWaiting();
		}
	}

	private void giveBack(FairShares shares, Borrow borrow) {
		this.lock.lock();
		try {
			shares.giveBack(borrow, System.nanoTime());
		}
		finally {
			this.lock.unlock();
		}
	}

	/**
	 * Let through as many as there are places for. Called when there may be more of them.
	 */
	void admitWaiting() {
		this.lock.lock();
		try {
			long now = System.nanoTime();
			admitWaiting(this.waitingInside, true, now);
			if (this.waitingInside.isEmpty()) {
				admitWaiting(this.waiting, false, now);
			}
			this.left.signalAll();
		}
		finally {
			this.lock.unlock();
		}
	}

	private void admitWaiting(LinkedHashSet<PoolWaiter> queue, boolean inside, long now) {
		while (!queue.isEmpty() && take(inside, this.reserve.heldBack(this.taken.get() < this.size.getAsInt(), now))) {
			PoolWaiter first = (inside || this.shares == null) ? queue.getFirst() : this.shares.next();
			queue.remove(first);
			if (this.shares != null) {
				this.shares.admit(first);
			}
			left(first);
			this.servedAt = now;
			first.admit();
			if (this.rate != null) {
				this.rate.handedOver(now);
			}
		}
	}

	private PoolWaiter arrive(int held, StackTraceElement[] stack, @Nullable String key, long timeoutNanos, long now)
			throws SQLException {
		if (held > 0 || this.waiters == 0) {
			this.borrows.giveBackClosed();
		}
		this.lock.lock();
		try {
			if (held > 0) {
				failIfNobodyCouldGiveBack(held, stack);
			}
			else {
				refuseIfTooMany(key, timeoutNanos, now);
			}
			if (this.waiters == 0) {
				this.servedAt = now;
				if (this.rate != null) {
					this.rate.queued(now);
				}
			}
			PoolWaiter waiter = new PoolWaiter((held > 0) ? this.waitingInside : this.waiting, held, stack);
			if (this.shares != null && key != null) {
				this.shares.add(waiter, key);
			}
			this.waiters = this.waiters + 1;
			this.newest = waiter;
			admitWaiting();
			return waiter;
		}
		finally {
			this.lock.unlock();
		}
	}

	private void failIfNobodyCouldGiveBack(int held, StackTraceElement[] stack) throws SQLException {
		int heldByWaiting = held + this.waitingInside.stream().mapToInt(PoolWaiter::held).sum();
		int taken = this.taken.get();
		if (taken < this.size.getAsInt() || heldByWaiting < taken) {
			return;
		}
		StringBuilder message = new StringBuilder(this.pool.get()).append(" - Connection is not available, all ")
			.append(taken)
			.append(" connections are held by threads that wait for another one: this one in ")
			.append(CallSite.nested(stack));
		for (PoolWaiter other : this.waitingInside) {
			message.append(", ").append(other.thread().getName()).append(" in ").append(CallSite.nested(other.stack()));
		}
		this.figures.refused(RefusalReason.DEADLOCK, this.pool.get());
		throw new SQLTransientConnectionException(
				message.append(". Borrow no second connection while holding one, or give the pool more of them")
					.toString());
	}

	private void refuseIfTooMany(@Nullable String key, long timeoutNanos, long now) throws SQLException {
		int ahead = this.waiting.size();
		if (this.shares != null && key != null) {
			ahead = Math.min(ahead, this.shares.places(key) - 1);
		}
		Integer maxWaiting = this.limits.maxWaiting();
		if (maxWaiting != null && this.waiting.size() >= maxWaiting && !crowdOut(key, maxWaiting)) {
			throw refused(RefusalReason.MAX_WAITING, this.waiting.size() + " threads wait already", now, ahead);
		}
		long limit = limit(0, timeoutNanos);
		if (this.rate != null && ahead > 0 && (ahead + 1) * this.rate.interval(now) > limit - limit / SPARE) {
			throw refused(RefusalReason.EXPECTED_WAIT,
					ahead + " threads wait already, too many for " + TimeUnit.NANOSECONDS.toMillis(limit) + " ms", now,
					ahead);
		}
	}

	/**
	 * Make room for a thread whose share has not had its part of the queue.
	 * @return whether there is room now
	 */
	private boolean crowdOut(@Nullable String key, int maxWaiting) {
		PoolWaiter other = (this.shares != null && key != null) ? this.shares.crowded(key, maxWaiting) : null;
		if (other == null) {
			return false;
		}
		takeOut(other);
		other.crowdOut();
		return true;
	}

	private void refuseIfTooLate(int held, long timeoutNanos) throws SQLException {
		long limit = limit(held, timeoutNanos);
		if (limit < timeoutNanos) {
			throw refusedLate(RefusalReason.MAX_WAIT,
					"no connection became free for " + TimeUnit.NANOSECONDS.toMillis(limit) + " ms");
		}
	}

	private PoolOverloadedException refusedLate(RefusalReason reason, String message) {
		this.lock.lock();
		try {
			return refused(reason, message, System.nanoTime(), this.waiting.size());
		}
		finally {
			this.lock.unlock();
		}
	}

	private PoolOverloadedException refused(RefusalReason reason, String message, long now, int ahead) {
		this.figures.refused(reason, this.pool.get());
		long interval = (this.rate != null) ? this.rate.interval(now) : 0;
		long comeBack = this.refused.add(now, interval);
		return new PoolOverloadedException(this.pool.get() + " - Connection is not available, " + message,
				Duration.ofNanos(Math.min(RefusedCallers.MAX.toNanos(), ahead * interval + comeBack)));
	}

	private long limit(int held, long timeoutNanos) {
		Duration maxWait = this.limits.maxWait();
		return (held == 0 && maxWait != null) ? Math.min(maxWait.toNanos(), timeoutNanos) : timeoutNanos;
	}

	/**
	 * Wait without the lock.
	 * @return whether the thread was admitted, rather than interrupted, refused or late
	 */
	private boolean await(PoolWaiter waiter, long deadline) {
		long remaining = deadline - System.nanoTime();
		while (waiter.isWaiting() && remaining > 0 && !Thread.currentThread().isInterrupted()) {
			if (this.newest == waiter) {
				LockSupport.parkNanos(this, Math.min(remaining, LOOK_NANOS));
				lookRound(waiter);
			}
			else {
				LockSupport.parkNanos(this, remaining);
			}
			remaining = deadline - System.nanoTime();
		}
		return waiter.isAdmitted();
	}

	private void lookRound(PoolWaiter waiter) {
		if (waiter.isWaiting()) {
			this.borrows.giveBackClosed();
			if (this.shares != null) {
				charge(this.shares);
			}
			admitWaiting();
			this.look.run();
		}
	}

	private void charge(FairShares shares) {
		this.lock.lock();
		try {
			long now = System.nanoTime();
			this.borrows.forEach((borrow) -> shares.charge(borrow, now));
		}
		finally {
			this.lock.unlock();
		}
	}

	private boolean admittedLate(PoolWaiter waiter) {
		this.lock.lock();
		try {
			return !takeOut(waiter) && waiter.isAdmitted();
		}
		finally {
			this.lock.unlock();
		}
	}

	/**
	 * Take a thread out of the queue that is not admitted.
	 * @return whether it was still there
	 */
	private boolean takeOut(PoolWaiter waiter) {
		if (!waiter.leave()) {
			return false;
		}
		if (this.shares != null) {
			this.shares.remove(waiter);
		}
		left(waiter);
		return true;
	}

	/**
	 * Note that a thread waits no more. If it was the one that looks round, another does.
	 */
	private void left(PoolWaiter waiter) {
		this.waiters = this.waiters - 1;
		if (this.newest == waiter) {
			LinkedHashSet<PoolWaiter> others = this.waiting.isEmpty() ? this.waitingInside : this.waiting;
			this.newest = others.isEmpty() ? null : others.getLast();
			if (!others.isEmpty()) {
				LockSupport.unpark(others.getLast().thread());
			}
		}
	}

	/**
	 * Return how many threads wait.
	 */
	int waiting() {
		return this.waiters;
	}

	/**
	 * Return how many places are taken, without those of connections that broke.
	 */
	int taken() {
		this.borrows.giveBackClosed();
		return this.taken.get();
	}

	/**
	 * Wait until all connections are back that can be expected to come back, and nobody
	 * waits for one.
	 * @param timeout how long to wait at most. Who has held a connection for longer than
	 * that may keep it until it is told to stop, as what elects a leader does, and then
	 * is not waited for unless it is in the middle of its statements.
	 * @param quiet the time after which a connection on which nothing happens is not
	 * expected to come back
	 */
	void awaitReturn(Duration timeout, Duration quiet) throws InterruptedException {
		this.closing = true;
		long remaining = timeout.toNanos();
		this.lock.lock();
		try {
			while (remaining > 0 && isReturnExpected(timeout.toNanos(), quiet.toNanos())) {
				long waited = Math.min(remaining, LOOK_NANOS);
				remaining -= waited - this.left.awaitNanos(waited);
			}
		}
		finally {
			this.lock.unlock();
			this.closing = false;
		}
	}

	/**
	 * A thread that gets its place and its connection while this looks is found by one of
	 * the looks. Called with the lock, so that nobody leaves the queue meanwhile.
	 */
	private boolean isReturnExpected(long timeoutNanos, long quietNanos) {
		this.borrows.giveBackClosed();
		return isBorrowExpectedBack(timeoutNanos, quietNanos) || isPlaceOnItsWay()
				|| isBorrowExpectedBack(timeoutNanos, quietNanos);
	}

	private boolean isBorrowExpectedBack(long timeoutNanos, long quietNanos) {
		long now = System.nanoTime();
		return this.borrows.any((borrow) -> isExpectedBack(borrow, now, timeoutNanos, quietNanos));
	}

	private static boolean isExpectedBack(Borrow borrow, long now, long timeoutNanos, long quietNanos) {
		boolean kept = borrow.heldNanos(now) >= timeoutNanos && !borrow.isServerAwaited();
		return borrow.thread() != Thread.currentThread() && borrow.thread().isAlive()
				&& borrow.quietNanos(now) < (kept ? Math.min(PAUSE_NANOS, quietNanos) : quietNanos)
				&& !isExiting(borrow.thread());
	}

	/**
	 * Return whether a thread has ended the JVM, as by {@link System#exit}. It never goes
	 * on, and what waits for it here waits in vain.
	 */
	private static boolean isExiting(Thread thread) {
		return thread.getState() != Thread.State.RUNNABLE && Stream.of(thread.getStackTrace())
			.anyMatch((frame) -> frame.getClassName().equals("java.lang.Shutdown"));
	}

	private boolean isPlaceOnItsWay() {
		int taken = this.taken.get();
		return taken > this.borrows.count() || (this.waiters > 0 && taken < this.size.getAsInt());
	}

	/**
	 * End all waits, because the pool is closed.
	 */
	void close() {
		this.lock.lock();
		try {
			for (PoolWaiter waiter : this.waitingInside) {
				admitClosed(waiter);
			}
			for (PoolWaiter waiter : this.waiting) {
				admitClosed(waiter);
			}
			this.waitingInside.clear();
			this.waiting.clear();
			if (this.shares != null) {
				this.shares.clear();
			}
			this.waiters = 0;
			this.newest = null;
		}
		finally {
			this.lock.unlock();
		}
	}

	private void admitClosed(PoolWaiter waiter) {
		this.taken.incrementAndGet();
		waiter.admit();
	}

}
