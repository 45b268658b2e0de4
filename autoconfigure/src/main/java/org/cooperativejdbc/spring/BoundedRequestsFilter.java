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
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import org.cooperativejdbc.Deadline;

import org.springframework.http.HttpHeaders;
import org.springframework.web.filter.OncePerRequestFilter;

/**
 * Lets a limited number of requests run at once. Others wait on their own threads, in the
 * order of arrival, so thread-locals, dispatches and errors do not change. An
 * asynchronous request counts while a thread works on it; its later dispatches do not
 * count.
 *
 * @since 0.1.0
 */
public class BoundedRequestsFilter extends OncePerRequestFilter {

	private final Semaphore places;

	private final int queueCapacity;

	private final AtomicInteger waiting = new AtomicInteger();

	/**
	 * Create a filter.
	 * @param limit how many requests run at once at most
	 * @param queueCapacity how many others wait at most
	 */
	public BoundedRequestsFilter(int limit, int queueCapacity) {
		this.places = new Semaphore(limit, true);
		this.queueCapacity = queueCapacity;
	}

	@Override
	protected void doFilterInternal(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
			throws ServletException, IOException {
		if (!enter()) {
			response.setHeader(HttpHeaders.RETRY_AFTER, PoolOverload.SOON);
			response.sendError(PoolOverload.STATUS.value(), PoolOverload.REASON);
			return;
		}
		try {
			chain.doFilter(request, response);
		}
		finally {
			this.places.release();
		}
	}

	private boolean enter() {
		try {
			return this.places.tryAcquire(0, TimeUnit.NANOSECONDS) || enterLater();
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			return false;
		}
	}

	private boolean enterLater() throws InterruptedException {
		try {
			if (this.waiting.incrementAndGet() > this.queueCapacity) {
				return false;
			}
			Deadline deadline = Deadline.current();
			if (deadline != null) {
				return this.places.tryAcquire(deadline.leftNanos(), TimeUnit.NANOSECONDS);
			}
			this.places.acquire();
			return true;
		}
		finally {
			this.waiting.decrementAndGet();
		}
	}

}
