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

import org.cooperativejdbc.ShareKey;
import reactor.core.publisher.Mono;

import org.springframework.util.StringUtils;
import org.springframework.web.server.ServerWebExchange;
import org.springframework.web.server.WebFilter;
import org.springframework.web.server.WebFilterChain;

/**
 * Puts the key that a header of a request has into the Reactor context, under the key
 * {@code ShareKey.class}. Micrometer's context propagation passes it on to the threads
 * that work for the request.
 *
 * @since 0.1.0
 */
public class ShareKeyWebFilter implements WebFilter {

	private final String header;

	/**
	 * Create a filter.
	 * @param header the name of the header
	 */
	public ShareKeyWebFilter(String header) {
		this.header = header;
	}

	@Override
	public Mono<Void> filter(ServerWebExchange exchange, WebFilterChain chain) {
		String key = exchange.getRequest().getHeaders().getFirst(this.header);
		if (!StringUtils.hasText(key)) {
			return chain.filter(exchange);
		}
		ShareKey shareKey = new ShareKey(key);
		return chain.filter(exchange).contextWrite((context) -> context.put(ShareKey.class, shareKey));
	}

}
