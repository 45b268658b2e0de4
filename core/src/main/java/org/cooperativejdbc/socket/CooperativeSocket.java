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

package org.cooperativejdbc.socket;

import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.function.Predicate;

import org.cooperativejdbc.InterruptPolicy;
import org.cooperativejdbc.WaitStrategy;
import org.jspecify.annotations.Nullable;

/**
 * A socket on a non-blocking channel that asks a {@link WaitStrategy} whenever it would
 * block. It behaves like a {@link Socket} of the JDK, except that it survives interrupts
 * and observes deadlines.
 *
 * @since 0.1.0
 */
public final class CooperativeSocket extends Socket implements DriverSocket {

	private final ChannelSocketImpl implementation;

	/**
	 * Create a new unconnected socket.
	 * @param waitStrategy how threads wait for the channel
	 * @param eventLoopThread tells threads that run an event loop, which must not wait
	 * @param interruptPolicy what happens when a thread that waits is interrupted
	 * @param cancelGrace how long to wait for the answer of a canceled statement, before
	 * the socket is closed
	 * @throws SocketException never, but declared by the super class
	 */
	public CooperativeSocket(WaitStrategy waitStrategy, Predicate<Thread> eventLoopThread,
			InterruptPolicy interruptPolicy, Duration cancelGrace) throws SocketException {
		this(waitStrategy, eventLoopThread, interruptPolicy, cancelGrace, new WaitFigures());
	}

	/**
	 * Create a new unconnected socket.
	 * @param waitStrategy how threads wait for the channel
	 * @param eventLoopThread tells threads that run an event loop, which must not wait
	 * @param interruptPolicy what happens when a thread that waits is interrupted
	 * @param cancelGrace how long to wait for the answer of a canceled statement, before
	 * the socket is closed
	 * @param figures where the socket counts
	 * @throws SocketException never, but declared by the super class
	 */
	public CooperativeSocket(WaitStrategy waitStrategy, Predicate<Thread> eventLoopThread,
			InterruptPolicy interruptPolicy, Duration cancelGrace, WaitFigures figures) throws SocketException {
		this(waitStrategy, new WaitSettings(eventLoopThread, interruptPolicy, cancelGrace, figures));
	}

	/**
	 * Create a new unconnected socket that is not a database driver's. An interrupt does
	 * what it does to the JDK's socket, any thread may wait, and when the deadline of the
	 * thread that waits passes, the socket is closed with a
	 * {@link SocketTimeoutException}.
	 * @param waitStrategy how threads wait for the channel
	 * @throws SocketException never, but declared by the super class
	 */
	public CooperativeSocket(WaitStrategy waitStrategy) throws SocketException {
		this(waitStrategy, WaitSettings.withoutStatements());
	}

	CooperativeSocket(WaitStrategy waitStrategy, WaitSettings settings) throws SocketException {
		this(new ChannelSocketImpl(waitStrategy, settings));
	}

	private CooperativeSocket(ChannelSocketImpl implementation) throws SocketException {
		super(implementation);
		this.implementation = implementation;
		implementation.usedBy(this);
	}

	@Override
	public void cancelWith(StatementCanceller canceller) {
		this.implementation.cancelWith(canceller);
	}

	@Override
	public long busyNanos() {
		return this.implementation.busyNanos();
	}

	@Override
	public long waitingNanos() {
		return this.implementation.waitingNanos();
	}

	@Override
	public long lastActivity() {
		return this.implementation.lastActivity();
	}

	@Override
	public void ownedBy(@Nullable Thread owner) {
		this.implementation.ownedBy(owner);
	}

}
