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

import java.util.function.Supplier;

import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.core.annotation.AnnotatedElementUtils;
import org.springframework.http.HttpHeaders;
import org.springframework.web.ErrorResponse;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.reactive.DispatchExceptionHandler;
import org.springframework.web.reactive.HandlerResult;
import org.springframework.web.reactive.HandlerResultHandler;
import org.springframework.web.server.ResponseStatusException;
import org.springframework.web.server.ServerWebExchange;
import org.springframework.web.server.WebExceptionHandler;

/**
 * Answers requests that were refused a connection, if nothing else has handled the
 * exception. It passes on an exception whose status is known, first to the application's
 * advice and then to the handlers after it. So the response looks like others of the
 * application.
 *
 * @since 0.1.0
 */
public class PoolOverloadWebExceptionHandler implements WebExceptionHandler {

	private final Supplier<? extends @Nullable DispatchExceptionHandler> advice;

	private final ObjectProvider<HandlerResultHandler> resultHandlers;

	/**
	 * Create a handler.
	 * @param advice what handles the exceptions of annotated controllers, if there is any
	 * @param resultHandlers what writes the results of that
	 */
	public PoolOverloadWebExceptionHandler(Supplier<? extends @Nullable DispatchExceptionHandler> advice,
			ObjectProvider<HandlerResultHandler> resultHandlers) {
		this.advice = advice;
		this.resultHandlers = resultHandlers;
	}

	@Override
	public Mono<Void> handle(ServerWebExchange exchange, Throwable ex) {
		String retryAfter = PoolOverload.retryAfter(ex);
		if (retryAfter == null || hasStatus(ex) || exchange.getResponse().isCommitted()) {
			return Mono.error(ex);
		}
		exchange.getResponse().getHeaders().set(HttpHeaders.RETRY_AFTER, retryAfter);
		ResponseStatusException response = PoolOverload.response(ex);
		DispatchExceptionHandler advice = this.advice.get();
		return (advice != null)
				? advice.handleError(exchange, response).flatMap((result) -> handle(exchange, result, response))
				: Mono.error(response);
	}

	private static boolean hasStatus(Throwable ex) {
		return ex instanceof ErrorResponse || AnnotatedElementUtils.hasAnnotation(ex.getClass(), ResponseStatus.class);
	}

	private Mono<Void> handle(ServerWebExchange exchange, HandlerResult result, ResponseStatusException response) {
		return this.resultHandlers.orderedStream()
			.filter((handler) -> handler.supports(result))
			.findFirst()
			.map((handler) -> handler.handleResult(exchange, result))
			.orElseGet(() -> Mono.error(response));
	}

}
