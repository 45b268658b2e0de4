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

package org.cooperativejdbc.pool;

import java.sql.SQLTransientConnectionException;
import java.time.Duration;

/**
 * Thrown if the wait for a connection would be longer than {@link QueueLimits} allow. No
 * connection has been borrowed. A later attempt may succeed, so a web application answers
 * with the status 503 and {@link #getRetryAfter()}. This time differs between callers, so
 * that they do not all come back at once.
 *
 * @since 0.1.0
 */
@SuppressWarnings("serial")
public class PoolOverloadedException extends SQLTransientConnectionException {

	private final Duration retryAfter;

	/**
	 * Create a new exception.
	 * @param message what was refused and why
	 * @param retryAfter the time after which to try again, which is rounded up to whole
	 * seconds
	 */
	public PoolOverloadedException(String message, Duration retryAfter) {
		super(message);
		this.retryAfter = Duration.ofSeconds(Math.max(1, retryAfter.plusNanos(999_999_999).toSeconds()));
	}

	/**
	 * Return the time after which to try again, as in the HTTP header
	 * {@code Retry-After}.
	 * @return a number of whole seconds, at least one
	 */
	public Duration getRetryAfter() {
		return this.retryAfter;
	}

	/**
	 * Overridden to have no stack trace: under overload there may be thousands of
	 * refusals per second, and each stack trace takes processor time from requests that
	 * are served.
	 */
	@Override
	public synchronized Throwable fillInStackTrace() {
		return this;
	}

}
