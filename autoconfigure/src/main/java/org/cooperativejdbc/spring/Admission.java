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

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.IntSupplier;

import org.cooperativejdbc.Deadline;
import org.jspecify.annotations.Nullable;

/**
 * Lets as many transactions through to a connection pool as it has connections, in the
 * order of arrival, whatever kind of thread they run on.
 * <p>
 * A transaction that is opened inside another one on the same thread is served before
 * those that hold nothing yet, since it keeps a connection while it waits. It fails if by
 * its waiting every admitted thread would wait for another connection, which no one could
 * then give back.
 * <p>
 * A place is handed from the one that leaves to the first that waits, so that nobody who
 * comes later overtakes. Waiting is plain parking.
 */
public final class Admission {

	/**
	 * The weight of the latest transaction in the mean is one in this number.
	 */
	private static final int MEAN_OVER = 16;

	/**
	 * One part in this number of the longest wait is to spare: what is expected is a
	 * mean, and whoever waits in vain could have been told so at once.
	 */
	private static final int SPARE = 8;

	private final String pool;

	private final AdmissionLimits limits;

	private final Places places; // lock

	private final ThreadLocal<@Nullable AdmittedTransaction> current = new ThreadLocal<>();

	private final ReentrantLock lock = new ReentrantLock();

	private final Queue<AdmissionWaiter> waiting = new ArrayDeque<>(); // lock

	private final Queue<AdmissionWaiter> waitingInside = new ArrayDeque<>(); // lock

	private final RefusedCallers refused = new RefusedCallers(System.nanoTime()); // lock

	private long meanNanos; // lock

	private boolean stopped; // lock

	private @Nullable Thread stoppedBy; // lock

	private @Nullable Runnable whenIdle; // lock

	/**
	 * Create an admission.
	 * @param pool the name of the pool
	 * @param size the number of connections that the pool may have, asked each time
	 * because it can be changed while the pool runs
	 * @param limits the limits
	 */
	public Admission(String pool, IntSupplier size, AdmissionLimits limits) {
		this.pool = pool;
		this.limits = limits;
		this.places = new Places(size, limits.reserve());
	}

	/**
	 * Admit a transaction that is about to begin on the current thread, if necessary
	 * after a wait.
	 * @param transaction the transaction, to be given to {@link #release}
	 * @param name the name of the transaction
	 * @param deadline the deadline of the transaction, or {@code null} if it has none
	 * @throws AdmissionRejectedException if it is not admitted
	 */
	public void admit(Object transaction, String name, @Nullable Deadline deadline) {
		AdmittedTransaction outer = this.current.get();
		Duration limit = this.limits.maxWait();
		if (deadline != null && deadline.left().compareTo(limit) < 0) {
			limit = deadline.left();
			if (!limit.isPositive()) {
				throw rejected(name, "its deadline has passed", 0);
			}
		}
		AdmissionWaiter waiter = (outer != null) ? arriveInside(name, outer) : arrive(name, limit);
		if (waiter != null) {
			await(waiter, name, limit);
		}
		this.current.set(new AdmittedTransaction(transaction, name, outer, System.nanoTime()));
	}

	/**
	 * Release the place of a transaction of the current thread. Does nothing if the
	 * transaction has none, so that it can be called from each callback that tells the
	 * end of a transaction.
	 * @param transaction the transaction
	 */
	public void release(Object transaction) {
		AdmittedTransaction admitted = this.current.get();
		if (admitted == null || admitted.transaction() != transaction) {
			return;
		}
		if (admitted.outer() != null) {
			this.current.set(admitted.outer());
			leave(this.places::giveBackInside);
		}
		else {
			this.current.remove();
			long held = System.nanoTime() - admitted.since();
			leave(() -> {
				this.places.giveBackOutermost();
				this.meanNanos = (this.meanNanos == 0) ? held : this.meanNanos + (held - this.meanNanos) / MEAN_OVER;
			});
		}
	}

	/**
	 * Admit transactions again after a stop.
	 */
	public void start() {
		leave(() -> {
			this.stopped = false;
			this.whenIdle = null;
		});
	}

	/**
	 * Admit no other transactions than those that wait already, those inside an admitted
	 * one, and those of the current thread, which is the one that closes the application.
	 * @param whenIdle called once, when none is waiting or admitted anymore
	 */
	public void stop(Runnable whenIdle) {
		leave(() -> {
			this.stopped = true;
			this.stoppedBy = Thread.currentThread();
			this.whenIdle = whenIdle;
		});
	}

	/**
	 * Return the number of transactions that wait.
	 * @return the number of those waiting for a first and for another connection
	 */
	public int waiting() {
		return read(() -> this.waiting.size() + this.waitingInside.size());
	}

	/**
	 * Return the number of transactions that are admitted.
	 * @return the number of transactions, inside another one or not
	 */
	public int admitted() {
		return read(this.places::taken);
	}

	private int read(IntSupplier number) {
		this.lock.lock();
		try {
			return number.getAsInt();
		}
		finally {
			this.lock.unlock();
		}
	}

	private @Nullable AdmissionWaiter arrive(String name, Duration limit) {
		this.lock.lock();
		try {
			if (this.stopped && this.stoppedBy != Thread.currentThread()) {
				throw rejected(name, "the application is shutting down", 0);
			}
			if (this.waiting.isEmpty() && this.places.takeOutermost()) {
				return null;
			}
			int ahead = this.waiting.size();
			long expected = (ahead + 1) * this.meanNanos / this.places.forOutermost();
			if (ahead >= this.limits.maxWaiting()) {
				throw refused(name, ahead + " transactions wait already", expected);
			}
			if (expected > limit.toNanos() - limit.toNanos() / SPARE) {
				throw refused(name, ahead + " transactions wait already, too many for " + limit.toMillis()
						+ " ms with the connections it has", expected);
			}
			return new AdmissionWaiter(this.waiting);
		}
		finally {
			this.lock.unlock();
		}
	}

	private @Nullable AdmissionWaiter arriveInside(String name, AdmittedTransaction outer) {
		this.lock.lock();
		try {
			this.places.reserveForInside();
			if (this.waitingInside.isEmpty() && this.places.takeInside()) {
				return null;
			}
			if (this.waitingInside.size() + 1 >= this.places.outermost()) {
				AdmissionRejectedException ex = rejected(name, "it was opened inside '" + outer.name() + "', and all "
						+ this.places.size() + " connections are held by transactions that wait for another one",
						this.meanNanos);
				ex.setStackTrace(Thread.currentThread().getStackTrace());
				throw ex;
			}
			return new AdmissionWaiter(this.waitingInside);
		}
		finally {
			this.lock.unlock();
		}
	}

	private void await(AdmissionWaiter waiter, String name, Duration limit) {
		if (!waiter.await(System.nanoTime() + limit.toNanos())) {
			this.lock.lock();
			try {
				if (waiter.leave()) {
					throw late(name, limit);
				}
			}
			finally {
				this.lock.unlock();
			}
		}
	}

	private AdmissionRejectedException late(String name, Duration limit) {
		if (!Thread.currentThread().isInterrupted()) {
			return refused(name, "no connection became free for " + limit.toMillis() + " ms", this.meanNanos);
		}
		AdmissionRejectedException ex = rejected(name, "the thread was interrupted while it waited", this.meanNanos);
		ex.initCause(new InterruptedException());
		return ex;
	}

	/**
	 * Overload, from which others suffer too.
	 */
	private AdmissionRejectedException refused(String name, String reason, long expectedNanos) {
		long comeBack = this.refused.add(System.nanoTime(), this.meanNanos / this.places.forOutermost());
		return rejected(name, reason, Math.min(RefusedCallers.MAX.toNanos(), expectedNanos + comeBack));
	}

	private AdmissionRejectedException rejected(String name, String reason, long expectedNanos) {
		return new AdmissionRejectedException(
				"Transaction '" + name + "' was not admitted to pool '" + this.pool + "': " + reason,
				Duration.ofNanos(expectedNanos));
	}

	private void leave(Runnable change) {
		Runnable callback = null;
		this.lock.lock();
		try {
			change.run();
			while (!this.waitingInside.isEmpty() && this.places.takeInside()) {
				this.waitingInside.remove().admit();
			}
			while (!this.waiting.isEmpty() && this.places.takeOutermost()) {
				this.waiting.remove().admit();
			}
			if (this.places.outermost() == 0 && this.waiting.isEmpty()) {
				callback = this.whenIdle;
				this.whenIdle = null;
			}
		}
		finally {
			this.lock.unlock();
		}
		if (callback != null) {
			callback.run();
		}
	}

}
