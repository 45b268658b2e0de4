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

package org.cooperativejdbc.door;

import java.io.IOException;
import java.net.SocketTimeoutException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.IllegalBlockingModeException;
import java.nio.channels.SelectableChannel;
import java.nio.channels.SelectionKey;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

import org.cooperativejdbc.carrier.EventLoops;

/**
 * Waits for channels of the user's.
 *
 * @since 0.1.0
 */
public final class Readiness {

	/**
	 * Nobody tells when another thread closes a channel, so that it is looked at now and
	 * then.
	 */
	private static final long LOOK_NANOS = TimeUnit.SECONDS.toNanos(1);

	private Readiness() {
	}

	/**
	 * Wait until a channel is ready.
	 * @param channel the channel, in non-blocking mode
	 * @param operations the operations to wait for
	 * @param timeout how long to wait at most
	 * @throws IOException if it cannot be waited for
	 * @throws InterruptedException if the thread is interrupted
	 */
	public static void await(SelectableChannel channel, int operations, Duration timeout)
			throws IOException, InterruptedException {
		check(channel, operations);
		long end = System.nanoTime() + Waits.nanos(timeout);
		boolean woken = false;
		while (!woken) {
			if (Thread.interrupted()) {
				throw new InterruptedException();
			}
			if (!channel.isOpen()) {
				throw new ClosedChannelException();
			}
			long left = end - System.nanoTime();
			if (left <= 0) {
				throw new SocketTimeoutException(
						"Channel not ready within " + timeout.toMillis() + " ms, or before the deadline");
			}
			long slice = Math.min(left, LOOK_NANOS);
			long began = System.nanoTime();
			awaitOnce(channel, operations, slice);
			woken = System.nanoTime() - began < slice && !Thread.currentThread().isInterrupted();
		}
		if (!channel.isOpen()) {
			throw new ClosedChannelException();
		}
	}

	private static void check(SelectableChannel channel, int operations) {
		if (operations == 0 || (operations & ~channel.validOps()) != 0) {
			throw new IllegalArgumentException("A " + channel.getClass().getSimpleName() + " has the operations "
					+ channel.validOps() + ", but not " + operations);
		}
		if (channel.isOpen() && channel.isBlocking()) {
			throw new IllegalBlockingModeException();
		}
	}

	private static void awaitOnce(SelectableChannel channel, int operations, long nanos) throws IOException {
		EventLoops loops = Threads.currentLoops();
		if (loops != null && loops.getClass() == EventLoops.class && isOne(operations)) {
			loops.await(channel, operations, nanos);
		}
		else {
			ChannelPoller.shared.await(channel, operations, nanos);
		}
	}

	/**
	 * Return whether it is one operation that event loops wait for.
	 */
	private static boolean isOne(int operations) {
		return operations == SelectionKey.OP_READ || operations == SelectionKey.OP_WRITE
				|| operations == SelectionKey.OP_CONNECT;
	}

}
