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
 * Runs blocking code as a {@link Mono} or a {@link Flux}: once for each subscription, on
 * a thread of its own, as {@link Cooperative#call} does. If the subscribing thread runs
 * an event loop that carries virtual threads, the new thread is carried by this loop.
 * Needs Reactor.
 * <p>
 * Nothing is called before the subscriber requests an element, and no element is taken
 * before it is requested. Operators run on the thread of the call and may block.
 * Canceling the subscription interrupts the thread: the statement is canceled in the
 * server, and the connection is kept.
 * <p>
 * The call has the deadline of the subscribing thread, its MDC, and what Micrometer's
 * context propagation knows. Values of the Reactor context under the keys of context
 * propagation override these. If the Reactor context has a
 * {@link org.cooperativejdbc.Deadline} under its class, the earlier deadline applies.
 * <p>
 * May be used by any thread, those of event loops included.
 *
 * @since 0.1.0
 */
public final class ReactorCalls {

	private final Executor executor;

	/**
	 * Create calls without a limit.
	 * @param cooperative runs the calls; when it has been closed, each subscription fails
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
	 * refuses fails with a {@link RejectedExecutionException}. A call occupies its place
	 * in the executor while it waits for the subscriber to request elements.
	 * @param executor the executor, which decides whether the MDC and the like are passed
	 * on
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
	 * Open a stream for each subscription, and send an element each time that the
	 * subscriber requests one. The stream is closed on the thread that has opened it: at
	 * its end, after a failure and after a cancelation, and before the subscriber sees
	 * the end. Its connection is in use until then, even while the subscriber requests
	 * nothing.
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
	 * Let code send elements for each subscription, such as the callback of a query, or
	 * code in a transaction. The transaction ends before the subscriber sees the end.
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
		 * Wait until the subscriber requests an element, and send it. May be called only
		 * by the thread that has called {@link RowSource#sendTo}.
		 * @param row the element
		 * @throws CancellationException if the subscription has been canceled, the thread
		 * has been interrupted, or its deadline has passed. Do not catch it, so that
		 * resources are closed and a transaction is rolled back.
		 * @throws IllegalStateException if another thread calls it
		 */
		void next(T row);

	}

}
