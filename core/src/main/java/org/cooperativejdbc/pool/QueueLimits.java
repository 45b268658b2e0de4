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

import java.time.Duration;

import org.jspecify.annotations.Nullable;

/**
 * The limits of the queue in front of a pool. By default it refuses no thread that the
 * pool would serve.
 *
 * @param maxWait how long a thread may wait before it is refused, or {@code null} to
 * leave that to the pool's connection timeout
 * @param maxWaiting how many threads may wait at once, or {@code null} for any number
 * @param reserve how many connections are reserved for threads that already hold one, or
 * {@code null} to hold one back briefly while there are such threads
 * @param shares how the pool is divided among waiting threads, or {@code null} for the
 * order of arrival
 * @since 0.1.0
 */
public record QueueLimits(@Nullable Duration maxWait, @Nullable Integer maxWaiting, @Nullable Integer reserve,
		@Nullable QueueShares shares) {

	/**
	 * No limits.
	 */
	public static final QueueLimits NONE = new QueueLimits(null, null, null);

	/**
	 * Create limits of a queue in the order of arrival.
	 * @param maxWait how long a thread may wait before it is refused, or {@code null}
	 * @param maxWaiting how many threads may wait at once, or {@code null}
	 * @param reserve how many connections only threads get that hold one already, or
	 * {@code null}
	 */
	public QueueLimits(@Nullable Duration maxWait, @Nullable Integer maxWaiting, @Nullable Integer reserve) {
		this(maxWait, maxWaiting, reserve, null);
	}

}
