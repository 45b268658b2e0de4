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

import org.cooperativejdbc.pool.PoolOverloadedException;
import org.jspecify.annotations.Nullable;

import org.springframework.http.HttpStatus;
import org.springframework.web.server.ResponseStatusException;

/**
 * What a client is told whose request was refused.
 */
final class PoolOverload {

	static final HttpStatus STATUS = HttpStatus.SERVICE_UNAVAILABLE;

	static final String REASON = "Please try again later";

	/**
	 * The value of the header {@code Retry-After} where nothing tells how long it takes.
	 */
	static final String SOON = "1";

	/**
	 * The causes of an exception may form a cycle.
	 */
	private static final int MAX_CAUSES = 100;

	private PoolOverload() {
	}

	/**
	 * Return the value of the header {@code Retry-After} for a refusal.
	 * @param failure what has failed
	 * @return the value, or {@code null} if no refusal is among the causes
	 */
	static @Nullable String retryAfter(@Nullable Throwable failure) {
		Throwable cause = failure;
		for (int i = 0; i < MAX_CAUSES && cause != null; i++) {
			if (cause instanceof PoolOverloadedException refusal) {
				return Long.toString(refusal.getRetryAfter().toSeconds());
			}
			cause = cause.getCause();
		}
		return null;
	}

	/**
	 * Return a refusal in the words of Spring, which has handlers for them.
	 * @param failure what has failed
	 * @return the exception
	 */
	static ResponseStatusException response(Throwable failure) {
		return new ResponseStatusException(STATUS, REASON, failure);
	}

}
