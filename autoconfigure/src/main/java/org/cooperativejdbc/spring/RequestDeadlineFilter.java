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
import java.time.Duration;

import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import org.cooperativejdbc.Deadline;

import org.springframework.web.filter.OncePerRequestFilter;

/**
 * Gives the thread of a request its deadline, and the same one to that of a later
 * asynchronous dispatch.
 *
 * @since 0.1.0
 */
public class RequestDeadlineFilter extends OncePerRequestFilter {

	private static final String ATTRIBUTE = RequestDeadlineFilter.class.getName() + ".DEADLINE";

	private final Duration timeout;

	/**
	 * Create a filter.
	 * @param timeout the time of a request
	 */
	public RequestDeadlineFilter(Duration timeout) {
		this.timeout = timeout;
	}

	@Override
	protected boolean shouldNotFilterAsyncDispatch() {
		return false;
	}

	@Override
	protected void doFilterInternal(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
			throws ServletException, IOException {
		Deadline deadline = (request.getAttribute(ATTRIBUTE) instanceof Deadline noted) ? noted
				: Deadline.after(this.timeout);
		request.setAttribute(ATTRIBUTE, deadline);
		try (Deadline.Scope scope = deadline.enter()) {
			chain.doFilter(request, response);
		}
	}

}
