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

import java.util.Iterator;
import java.util.stream.Stream;

import org.aopalliance.intercept.MethodInvocation;
import org.cooperativejdbc.door.Waits;
import org.cooperativejdbc.reactor.ReactorCalls;
import org.jspecify.annotations.Nullable;
import reactor.core.Exceptions;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Signal;
import reactor.util.context.ContextView;

import org.springframework.aop.ProxyMethodInvocation;
import org.springframework.transaction.support.TransactionSynchronizationManager;

/**
 * The body of a method that returns a {@link Mono} or a {@link Flux}, called for one
 * subscriber.
 */
final class PublisherBody extends CallBody {

	/**
	 * What other advice gets for elements that the subscriber has already.
	 */
	private static final Flux<Object> SENT = Flux.error(() -> new IllegalStateException(
			"The elements of a Flux by @CooperativeCall have been sent within its transaction, and are not there for"
					+ " other advice, such as a cache: let the method return a Mono of a list"));

	private final ReactorCalls.Rows<Object> rows;

	private final ContextView context;

	/**
	 * Whether other advice has the method called when it is subscribed to, as that of
	 * Spring Security does, and so keeps nothing for itself.
	 */
	private boolean finishing;

	private PublisherBody(ReactorCalls.Rows<Object> rows, ContextView context) {
		this.rows = rows;
		this.context = context;
	}

	/**
	 * Return a publisher of the type that a method returns, which calls it for each
	 * subscriber.
	 */
	static Object publisher(MethodInvocation invocation, CooperativeThreads threads) {
		ReactorCalls calls = new ReactorCalls(threads::run);
		Flux<Object> flux = Flux.deferContextual((context) -> calls.create((rows) -> new PublisherBody(rows, context)
			.call(((ProxyMethodInvocation) invocation).invocableClone())));
		return (invocation.getMethod().getReturnType() == Mono.class) ? Mono.fromDirect(flux) : flux;
	}

	/**
	 * A Flux may be read later if there is no transaction that ends before.
	 */
	@Override
	@Nullable Object take(@Nullable Object returned) throws Exception {
		if (returned instanceof Mono<?> mono) {
			return Mono.justOrEmpty(value(mono));
		}
		if (returned instanceof Flux<?> flux && TransactionSynchronizationManager.isSynchronizationActive()) {
			sendAll(flux);
			return this.finishing ? Flux.empty() : SENT;
		}
		return returned;
	}

	@Override
	@Nullable Object finish(@Nullable Object returned) throws Exception {
		this.finishing = true;
		if (returned instanceof Mono<?> mono) {
			Object value = value(mono);
			if (value != null) {
				this.rows.next(value);
			}
		}
		else if (!(returned instanceof Flux<?> flux)) {
			throw new IllegalStateException("A method with @CooperativeCall returned " + returned);
		}
		else if (flux != SENT) {
			sendAll(flux);
		}
		return null;
	}

	private @Nullable Object value(Mono<?> mono) throws Exception {
		return await(() -> Waits.await(mono.contextWrite(this.context), FOREVER));
	}

	/**
	 * What comes before a failure is sent before it.
	 */
	private <T> void sendAll(Flux<T> flux) throws Exception {
		try (Stream<Signal<T>> signals = flux.contextWrite(this.context).materialize().toStream(1)) {
			for (Iterator<Signal<T>> iterator = signals.iterator(); iterator.hasNext();) {
				send(iterator.next());
			}
		}
	}

	private void send(Signal<?> signal) throws Exception {
		Object row = signal.get();
		Throwable failure = signal.getThrowable();
		if (row != null) {
			this.rows.next(row);
		}
		else if (failure instanceof Exception exception) {
			throw exception;
		}
		else if (failure != null) {
			throw Exceptions.propagate(failure);
		}
	}

}
