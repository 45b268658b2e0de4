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

package org.cooperativejdbc;

import java.io.IOException;
import java.nio.channels.SelectableChannel;

/**
 * How a thread waits until a non-blocking channel is ready. A socket asks it whenever an
 * operation would block, and before it reads an answer that is probably not there yet; it
 * is the counterpart of the wait callback of psycopg2.
 * <p>
 * One instance serves all sockets of a pool and is called by many threads at once:
 * platform threads, virtual threads of the JDK's scheduler and virtual threads carried by
 * event loops may use the same connection one after the other. An implementation
 * therefore looks at the current thread in each call.
 * <p>
 * An application that defines a bean of this type replaces the strategy of the
 * {@link ConcurrencyModel#EVENT_LOOP event-loop} model.
 *
 * @since 0.1.0
 */
@FunctionalInterface
public interface WaitStrategy {

	/**
	 * The timeout of a wait that has no limit.
	 */
	long NO_TIMEOUT = Long.MAX_VALUE;

	/**
	 * Wait until the channel is ready for the operation, the timeout has passed, or the
	 * current thread is {@link java.util.concurrent.locks.LockSupport#unpark unparked}
	 * (which is how a socket that is closed by another thread ends the wait). Returning
	 * early is allowed: the caller tries the operation again and computes the remaining
	 * time anew. The interrupt status of the current thread is clear when the method is
	 * called; an interrupt during the wait should end it and leave the status set.
	 * <p>
	 * Anything that is thrown, an {@link Error} included, makes the socket close the
	 * channel and fail with an {@link IOException}, so that a connection is never used
	 * again after a wait that went wrong.
	 * @param channel the channel to wait for, in non-blocking mode
	 * @param operation one of the operations of {@link java.nio.channels.SelectionKey}:
	 * {@code OP_READ}, {@code OP_WRITE} or {@code OP_CONNECT}
	 * @param timeoutNanos how long to wait at most, in nanoseconds; {@link #NO_TIMEOUT}
	 * for no limit
	 * @throws IOException if the wait is impossible
	 */
	void await(SelectableChannel channel, int operation, long timeoutNanos) throws IOException;

	/**
	 * Called once after a channel that has been waited for was closed, on the thread that
	 * closed it, so that whatever was registered for the channel can be given up.
	 * @param channel the closed channel
	 */
	default void closed(SelectableChannel channel) {
	}

}
