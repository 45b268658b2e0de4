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

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;

import org.cooperativejdbc.Deadline;
import org.cooperativejdbc.door.BoundedExecutor;
import org.cooperativejdbc.door.Waits;
import org.cooperativejdbc.reactor.ReactorCalls;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

import org.springframework.http.HttpHeaders;
import org.springframework.web.server.ServerWebExchange;
import org.springframework.web.server.WebFilter;
import org.springframework.web.server.WebFilterChain;

/**
 * Runs whole requests on a limited number of threads, so that annotated methods,
 * functional endpoints and other filters may block. The thread waits until the request
 * has ended, so the request counts until then. A client that disconnects interrupts the
 * thread.
 *
 * @since 0.1.0
 */
public class BoundedRequestsWebFilter implements WebFilter {

	private final BoundedExecutor executor;

	private final ReactorCalls calls = new ReactorCalls(this::execute);

	/**
	 * Create a filter.
	 * @param threads where its threads are from
	 * @param limit how many requests run at once at most
	 * @param queueCapacity how many others are kept at most
	 */
	public BoundedRequestsWebFilter(CooperativeThreads threads, int limit, int queueCapacity) {
		this.executor = threads.executor("request-", limit, queueCapacity);
	}

	private void execute(Runnable task) {
		try {
			this.executor.execute(task);
		}
		catch (RejectedExecutionException ex) {
			throw new RequestRefusedException(ex.getMessage());
		}
	}

	@Override
	public Mono<Void> filter(ServerWebExchange exchange, WebFilterChain chain) {
		Mono<Object> handled = Mono.deferContextual(
				(context) -> this.calls.fromCallable(() -> await(chain.filter(exchange).contextWrite(context))));
		return handled.then().onErrorMap(RequestRefusedException.class, (refused) -> {
			exchange.getResponse().getHeaders().set(HttpHeaders.RETRY_AFTER, PoolOverload.SOON);
			return PoolOverload.response(refused);
		});
	}

	/**
	 * The deadline is that of the handlers' waits: what is sent to the client may take
	 * longer.
	 */
	private static @Nullable Object await(Mono<Void> request) throws Exception {
		Deadline deadline = Deadline.current();
		if (deadline != null && deadline.leftNanos() <= 0) {
			throw new RequestRefusedException("The deadline has passed while the request waited for its turn");
		}
		CompletableFuture<@Nullable Void> handled = request.toFuture();
		try (Deadline.Scope scope = Deadline.replace(null)) {
			return CallBody.await(() -> Waits.await(handled, CallBody.FOREVER));
		}
		finally {
			handled.cancel(true);
		}
	}

	/**
	 * Tells a refusal of the filter from one of a handler's executor. It has no stack
	 * trace because there may be thousands a second.
	 */
	@SuppressWarnings("serial")
	private static final class RequestRefusedException extends RejectedExecutionException {

		private RequestRefusedException(@Nullable String message) {
			super(message);
		}

		@Override
		public synchronized Throwable fillInStackTrace() {
			return this;
		}

	}

}
