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

import java.io.IOException;
import java.util.function.Supplier;

import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.cooperativejdbc.CooperativeJdbc;
import org.jspecify.annotations.Nullable;

import org.springframework.core.Ordered;
import org.springframework.http.HttpHeaders;
import org.springframework.web.servlet.HandlerExceptionResolver;
import org.springframework.web.servlet.ModelAndView;

/**
 * Answers requests that were refused a connection. If no other resolver has handled the
 * exception, it asks Spring's own once more, with an exception whose status is known. So
 * the response looks like others of the application.
 *
 * @since 0.1.0
 */
public class PoolOverloadExceptionResolver implements HandlerExceptionResolver, Ordered {

	private static final Log logger = LogFactory.getLog(CooperativeJdbc.class);

	private final Supplier<@Nullable HandlerExceptionResolver> resolver;

	/**
	 * Create a resolver.
	 * @param resolver the resolvers of Spring, if there are any
	 */
	public PoolOverloadExceptionResolver(Supplier<@Nullable HandlerExceptionResolver> resolver) {
		this.resolver = resolver;
	}

	@Override
	public int getOrder() {
		return Ordered.LOWEST_PRECEDENCE;
	}

	@Override
	public @Nullable ModelAndView resolveException(HttpServletRequest request, HttpServletResponse response,
			@Nullable Object handler, Exception ex) {
		String retryAfter = PoolOverload.retryAfter(ex);
		if (retryAfter == null || response.isCommitted()) {
			return null;
		}
		response.setHeader(HttpHeaders.RETRY_AFTER, retryAfter);
		HandlerExceptionResolver resolver = this.resolver.get();
		ModelAndView resolved = (resolver != null)
				? resolver.resolveException(request, response, handler, PoolOverload.response(ex)) : null;
		return (resolved != null) ? resolved : sendError(response);
	}

	private static @Nullable ModelAndView sendError(HttpServletResponse response) {
		try {
			response.sendError(PoolOverload.STATUS.value(), PoolOverload.REASON);
			return new ModelAndView();
		}
		catch (IOException ex) {
			logger.debug("Refusal not sent", ex);
			return null;
		}
	}

}
