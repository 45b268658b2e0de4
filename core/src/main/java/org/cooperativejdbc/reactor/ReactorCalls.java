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

import java.util.Iterator;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.stream.Stream;

import org.cooperativejdbc.Cooperative;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Publisher;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Operators;

/**
 * Blocking code as a {@link Mono} or a {@link Flux}, called as by
 * {@link Cooperative#call}: for each subscription once, on a thread of its own, which is
 * a virtual thread of the very event loop that subscribes, if it is one that carries
 * them. It needs Reactor.
 * <p>
 * Nothing is called before the subscriber asks for an element, and no element is taken
 * before it is asked for. Operators run on the thread of the call and may wait there.
 * Canceling the subscription interrupts the thread, so that the statement is canceled on
 * the server and the connection stays.
 * <p>
 * The call takes along what the subscribing thread has: its deadline, its MDC, and what
 * Micrometer's context propagation knows. What the Reactor context has under the keys of
 * context propagation goes over that, and a {@link org.cooperativejdbc.Deadline} under
 * its class holds if it is the earlier one.
 * <p>
 * May be used by any thread, those of event loops included.
 *
 * @since 0.1.0
 */
public final class ReactorCalls {

	private final Executor executor;

	/**
	 * Create calls that are as many at once as there are subscriptions.
	 * @param cooperative what calls; when it has been closed, each subscription fails
	 * with a {@link RejectedExecutionException}
	 */
	public ReactorCalls(Cooperative cooperative) {
		this.executor = (task) -> cooperative.call(() -> {
			task.run();
			return true;
		});
	}

	/**
	 * Create calls that an executor runs, such as a
	 * {@linkplain Cooperative#executor(int, int) bounded} one. A subscription that it
	 * refuses fails with a {@link RejectedExecutionException}. A call keeps its place in
	 * the executor while it waits until it is asked for elements.
	 * @param executor the executor, which takes the MDC and the like along or does not
	 */
	public ReactorCalls(Executor executor) {
		this.executor = executor;
	}

	/**
	 * Call a task for each subscription.
	 * @param <T> the type of the result
	 * @param task the task; the Mono is empty if it returns {@code null}, and fails with
	 * what it throws
	 * @return a Mono of its result
	 */
	public <T> Mono<T> fromCallable(Callable<? extends @Nullable T> task) {
		return Mono.fromDirect(publisher((rows) -> {
			T result = task.call();
			if (result != null) {
				rows.next(result);
			}
		}));
	}

	/**
	 * Open a stream for each subscription and send its elements, one each time that the
	 * subscriber asks for one. The stream is closed on the thread that has opened it: at
	 * its end, after a failure and after a cancelation, before the subscriber learns of
	 * the end. The connection that is behind it is in use until then, also while the
	 * subscriber asks for nothing.
	 * @param <T> the type of the elements
	 * @param source opens the stream, and has it close what it needs; the Flux fails with
	 * what it throws
	 * @return a Flux of the elements
	 */
	public <T> Flux<T> fromStream(Callable<? extends Stream<? extends T>> source) {
		return create((rows) -> {
			try (Stream<? extends T> stream = source.call()) {
				sendAll(stream.iterator(), rows);
			}
		});
	}

	/**
	 * Send the elements of an iterable, as those of a stream. If it is
	 * {@link AutoCloseable}, it is closed as a stream is.
	 * @param <T> the type of the elements
	 * @param source returns the iterable; the Flux fails with what it throws
	 * @return a Flux of the elements
	 */
	public <T> Flux<T> fromIterable(Callable<? extends Iterable<? extends T>> source) {
		return create((rows) -> {
			Iterable<? extends T> iterable = source.call();
			try (AutoCloseable closed = (iterable instanceof AutoCloseable closeable) ? closeable : () -> {
			}) {
				sendAll(iterable.iterator(), rows);
			}
		});
	}

	private static <T> void sendAll(Iterator<? extends T> iterator, Rows<T> rows) {
		while (iterator.hasNext()) {
			rows.next(iterator.next());
		}
	}

	/**
	 * Let code send elements for each subscription, such as the callback of a query or
	 * what happens within a transaction, which is over before the subscriber learns of
	 * the end.
	 * @param <T> the type of the elements
	 * @param source sends the elements; the Flux completes when it returns, and fails
	 * with what it throws
	 * @return a Flux of the elements
	 */
	public <T> Flux<T> create(RowSource<T> source) {
		return Flux.from(publisher(source));
	}

	private <T> Publisher<T> publisher(RowSource<T> source) {
		return (subscriber) -> new CallSubscription<T>(Operators.toCoreSubscriber(subscriber), source)
			.start(this.executor);
	}

	/**
	 * Code that sends elements.
	 *
	 * @param <T> the type of the elements
	 */
	@FunctionalInterface
	public interface RowSource<T> {

		/**
		 * Send all elements.
		 * @param rows takes them
		 * @throws Exception what the subscriber is told
		 */
		void sendTo(Rows<T> rows) throws Exception;

	}

	/**
	 * Takes the elements of one subscription.
	 *
	 * @param <T> the type of the elements
	 */
	@FunctionalInterface
	public interface Rows<T> {

		/**
		 * Wait until the subscriber asks for an element, and send it. Only the thread
		 * that {@link RowSource#sendTo} was called by may do so.
		 * @param row the element
		 * @throws CancellationException if nobody wants it: the subscription has been
		 * canceled, or the thread has been interrupted, or its deadline has passed. Let
		 * it pass, so that what is open gets closed and a transaction is rolled back.
		 * @throws IllegalStateException if another thread calls it
		 */
		void next(T row);

	}

}
