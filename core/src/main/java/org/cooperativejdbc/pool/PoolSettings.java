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

import java.sql.Connection;
import java.time.Duration;
import java.util.function.Function;
import java.util.function.Predicate;

import org.cooperativejdbc.socket.DriverSocket;
import org.jspecify.annotations.Nullable;

/**
 * What a {@link CooperativeDataSource} does in addition to its pool.
 *
 * @param queue the limits of its queue, or {@code null} to have no queue
 * @param eventLoopThread tells threads that run an event loop, which must not wait
 * @param sockets tells the socket of a connection, or {@code null} if it is not one of
 * ours
 * @param holdTimes where to note how long connections are held, or {@code null}
 * @param ownership whether to report connections that are used by another thread than the
 * one that borrowed them
 * @param closeTimeout how long closing waits at most for borrowed connections
 * @param quiet the time without activity after which closing no longer waits for a
 * connection
 * @since 0.1.0
 */
public record PoolSettings(@Nullable QueueLimits queue, Predicate<Thread> eventLoopThread,
		Function<Connection, @Nullable DriverSocket> sockets, @Nullable HoldTimes holdTimes, boolean ownership,
		Duration closeTimeout, Duration quiet) {

	/**
	 * A queue without limits.
	 */
	public static final PoolSettings DEFAULT = new PoolSettings(QueueLimits.NONE, (thread) -> false,
			(connection) -> null, null, false, Duration.ofSeconds(30), Duration.ofSeconds(5));

}
