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

import org.cooperativejdbc.Deadline;
import reactor.core.publisher.Mono;

import org.springframework.web.server.ServerWebExchange;
import org.springframework.web.server.WebFilter;
import org.springframework.web.server.WebFilterChain;

/**
 * Puts the deadline of a request into the Reactor context, under the key
 * {@code Deadline.class}. Micrometer's context propagation passes it on to the threads
 * that work for the request.
 *
 * @since 0.1.0
 */
public class RequestDeadlineWebFilter implements WebFilter {

	private final Duration timeout;

	/**
	 * Create a filter.
	 * @param timeout the time of a request
	 */
	public RequestDeadlineWebFilter(Duration timeout) {
		this.timeout = timeout;
	}

	@Override
	public Mono<Void> filter(ServerWebExchange exchange, WebFilterChain chain) {
		return Mono.defer(() -> {
			Deadline deadline = Deadline.after(this.timeout);
			return chain.filter(exchange).contextWrite((context) -> context.put(Deadline.class, deadline));
		});
	}

}
