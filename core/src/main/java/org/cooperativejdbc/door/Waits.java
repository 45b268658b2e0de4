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

package org.cooperativejdbc.door;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

import org.cooperativejdbc.Deadline;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Publisher;
import org.reactivestreams.Subscriber;
import org.reactivestreams.Subscription;

/**
 * Waits of threads for something else than the database.
 *
 * @since 0.1.0
 */
public final class Waits {

	private Waits() {
	}

	/**
	 * Return how long the current thread may wait.
	 * @param timeout the time that it has been given
	 * @return nanoseconds, less if its deadline is earlier
	 */
	static long nanos(Duration timeout) {
		Deadline deadline = Deadline.earlier(Deadline.current(), Deadline.after(timeout));
		return (deadline != null) ? Math.max(0, deadline.leftNanos()) : 0;
	}

	/**
	 * Wait for a stage.
	 * @param <T> the type of its result
	 * @param stage the stage, which goes on if the wait ends before
	 * @param timeout how long to wait at most
	 * @return its result
	 * @throws InterruptedException if the thread is interrupted
	 * @throws ExecutionException if the stage fails
	 * @throws TimeoutException if the time or the deadline has passed
	 */
	public static <T extends @Nullable Object> T await(CompletionStage<T> stage, Duration timeout)
			throws InterruptedException, ExecutionException, TimeoutException {
		return get(future(stage), timeout);
	}

	private static <T extends @Nullable Object> T get(CompletableFuture<T> future, Duration timeout)
			throws InterruptedException, ExecutionException, TimeoutException {
		try {
			return future.get(nanos(timeout), TimeUnit.NANOSECONDS);
		}
		catch (TimeoutException ex) {
			throw new TimeoutException("No result within " + timeout.toMillis() + " ms, or before the deadline");
		}
	}

	/**
	 * A stage need not be a future.
	 */
	private static <T extends @Nullable Object> CompletableFuture<T> future(CompletionStage<T> stage) {
		try {
			return stage.toCompletableFuture();
		}
		catch (UnsupportedOperationException ex) {
			CompletableFuture<T> future = new CompletableFuture<>();
			stage.whenComplete((result, failure) -> {
				if (failure != null) {
					future.completeExceptionally((failure instanceof CompletionException && failure.getCause() != null)
							? failure.getCause() : failure);
				}
				else {
					future.complete(result);
				}
			});
			return future;
		}
	}

	/**
	 * Wait for the first element of a publisher.
	 * @param <T> the type of its elements
	 * @param publisher the publisher, which is canceled when the wait ends
	 * @param timeout how long to wait at most
	 * @return the element, or {@code null} if it completes without one
	 * @throws InterruptedException if the thread is interrupted
	 * @throws ExecutionException if the publisher fails
	 * @throws TimeoutException if the time or the deadline has passed
	 */
	public static <T> @Nullable T await(Publisher<T> publisher, Duration timeout)
			throws InterruptedException, ExecutionException, TimeoutException {
		if (Thread.interrupted()) {
			throw new InterruptedException();
		}
		First<T> first = new First<>();
		publisher.subscribe(first);
		try {
			return get(first.result, timeout);
		}
		finally {
			first.cancel();
		}
	}

	private static final class First<T> implements Subscriber<T> {

		private final CompletableFuture<@Nullable T> result = new CompletableFuture<>();

		private final Object lock = new Object();

		private @Nullable Subscription subscription;

		private boolean canceled;

		@Override
		public void onSubscribe(Subscription subscription) {
			boolean accepted;
			synchronized (this.lock) {
				accepted = this.subscription == null && !this.canceled;
				if (accepted) {
					this.subscription = subscription;
				}
			}
			if (accepted) {
				subscription.request(1);
			}
			else {
				subscription.cancel();
			}
		}

		@Override
		public void onNext(T element) {
			this.result.complete(element);
		}

		@Override
		public void onError(Throwable failure) {
			this.result.completeExceptionally(failure);
		}

		@Override
		public void onComplete() {
			this.result.complete(null);
		}

		void cancel() {
			Subscription subscription;
			synchronized (this.lock) {
				this.canceled = true;
				subscription = this.subscription;
			}
			if (subscription != null) {
				subscription.cancel();
			}
		}

	}

}
