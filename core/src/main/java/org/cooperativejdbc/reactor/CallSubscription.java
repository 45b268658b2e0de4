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

package org.cooperativejdbc.reactor;

import java.util.Objects;
import java.util.concurrent.CancellationException;
import java.util.concurrent.Executor;
import java.util.concurrent.FutureTask;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;

import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.cooperativejdbc.Deadline;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Operators;

/**
 * One call for one subscriber. Whatever the subscriber is told, the thread of the call
 * tells it, except that there is no such thread.
 */
final class CallSubscription<T> implements Subscription, ReactorCalls.Rows<T> {

	private static final Log logger = LogFactory.getLog(CallSubscription.class);

	private static final Throwable CANCELED = new CancellationException("The subscription has been canceled");

	private final CoreSubscriber<? super T> subscriber;

	private final ReactorCalls.RowSource<T> source;

	private final @Nullable Deadline deadline;

	private final AtomicLong demand = new AtomicLong();

	/**
	 * Why no more elements are taken.
	 */
	private final AtomicReference<@Nullable Throwable> stopped = new AtomicReference<>();

	private final FutureTask<Boolean> task = new FutureTask<>(this::run, true) {

		@Override
		protected void done() {
			if (isCancelled()) {
				abandoned();
			}
		}

	};

	private volatile @Nullable Thread thread;

	CallSubscription(CoreSubscriber<? super T> subscriber, ReactorCalls.RowSource<T> source) {
		this.subscriber = subscriber;
		this.source = source;
		Deadline deadline = subscriber.currentContext().getOrDefault(Deadline.class, null);
		this.deadline = Deadline.earlier(Deadline.current(), deadline);
	}

	/**
	 * The thread begins with the subscription, because that is where its context is.
	 */
	void start(Executor executor) {
		this.subscriber.onSubscribe(this);
		if (this.stopped.get() != null) {
			return;
		}
		try {
			executor.execute(this.task);
		}
		catch (RejectedExecutionException ex) {
			this.subscriber.onError(ex);
		}
	}

	/**
	 * An executor that shuts down cancels what it does not run any more.
	 */
	private void abandoned() {
		RejectedExecutionException reason = new RejectedExecutionException("The executor has been shut down");
		if (this.thread == null && stop(reason)) {
			this.subscriber.onError(reason);
		}
	}

	private void run() {
		this.thread = Thread.currentThread();
		Throwable failure = null;
		try (Deadline.Scope deadline = Deadline.replace(this.deadline);
				ReactorContext.Scope context = ReactorContext.enter(this.subscriber.currentContext())) {
			awaitDemand();
			this.source.sendTo(this);
		}
		catch (Throwable ex) {
			failure = ex;
		}
		end(failure);
	}

	private void end(@Nullable Throwable failure) {
		Throwable reason = this.stopped.get();
		if (reason == CANCELED) {
			logger.trace("Call ended after its subscription was canceled", failure);
		}
		else if (reason != null) {
			this.subscriber.onError(reason);
		}
		else if (failure != null) {
			this.subscriber.onError(failure);
		}
		else {
			this.subscriber.onComplete();
		}
	}

	@Override
	public void next(T row) {
		Objects.requireNonNull(row, "An element is null");
		if (Thread.currentThread() != this.thread) {
			throw new IllegalStateException("Thread '" + Thread.currentThread().getName()
					+ "' sends an element, but only the thread of the call may");
		}
		awaitDemand();
		if (this.demand.get() != Long.MAX_VALUE) {
			this.demand.decrementAndGet();
		}
		this.subscriber.onNext(row);
		if (this.stopped.get() != null) {
			throw new CancellationException("No more elements are wanted");
		}
	}

	private void awaitDemand() {
		Deadline deadline = Deadline.current();
		while (this.stopped.get() == null && this.demand.get() == 0) {
			if (Thread.currentThread().isInterrupted()) {
				stop(new InterruptedException("Interrupted before an element was asked for"));
			}
			else if (deadline == null) {
				LockSupport.park(this);
			}
			else if (deadline.leftNanos() > 0) {
				LockSupport.parkNanos(this, deadline.leftNanos());
			}
			else {
				stop(new TimeoutException("No element was asked for before the deadline"));
			}
		}
		if (this.stopped.get() != null) {
			throw new CancellationException("No more elements are wanted");
		}
	}

	private boolean stop(Throwable reason) {
		return this.stopped.compareAndSet(null, reason);
	}

	@Override
	public void request(long count) {
		if (Operators.validate(count)) {
			this.demand.accumulateAndGet(count, Operators::addCap);
			LockSupport.unpark(this.thread);
		}
	}

	/**
	 * What the thread of the call cancels itself ends without an interrupt.
	 */
	@Override
	public void cancel() {
		if (stop(CANCELED) && Thread.currentThread() != this.thread) {
			this.task.cancel(true);
		}
	}

}
