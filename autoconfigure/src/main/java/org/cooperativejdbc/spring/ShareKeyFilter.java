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
import org.cooperativejdbc.ShareKey;

import org.springframework.util.StringUtils;
import org.springframework.web.filter.OncePerRequestFilter;

/**
 * Gives the thread of a request, and that of a later asynchronous dispatch, the key that
 * a header of the request has. Without the header nothing changes.
 *
 * @since 0.1.0
 */
public class ShareKeyFilter extends OncePerRequestFilter {

	private final String header;

	/**
	 * Create a filter.
	 * @param header the name of the header
	 */
	public ShareKeyFilter(String header) {
		this.header = header;
	}

	@Override
	protected boolean shouldNotFilterAsyncDispatch() {
		return false;
	}

	@Override
	protected void doFilterInternal(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
			throws ServletException, IOException {
		String key = request.getHeader(this.header);
		if (!StringUtils.hasText(key)) {
			chain.doFilter(request, response);
			return;
		}
		try (ShareKey.Scope scope = new ShareKey(key).enter()) {
			chain.doFilter(request, response);
		}
	}

}
