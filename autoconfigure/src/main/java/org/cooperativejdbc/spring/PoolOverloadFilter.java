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

import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;

import org.springframework.http.HttpHeaders;
import org.springframework.web.filter.OncePerRequestFilter;

/**
 * Answers requests that were refused a connection in a filter or a servlet other than
 * Spring's, if nothing else has handled the exception.
 *
 * @since 0.1.0
 */
public class PoolOverloadFilter extends OncePerRequestFilter {

	/**
	 * Create a filter.
	 */
	public PoolOverloadFilter() {
	}

	@Override
	protected boolean shouldNotFilterAsyncDispatch() {
		return false;
	}

	@Override
	protected void doFilterInternal(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
			throws ServletException, IOException {
		try {
			chain.doFilter(request, response);
		}
		catch (ServletException | IOException | RuntimeException ex) {
			String retryAfter = PoolOverload.retryAfter(ex);
			if (retryAfter == null || response.isCommitted() || request.isAsyncStarted()) {
				throw ex;
			}
			response.setHeader(HttpHeaders.RETRY_AFTER, retryAfter);
			response.sendError(PoolOverload.STATUS.value(), PoolOverload.REASON);
		}
	}

}
