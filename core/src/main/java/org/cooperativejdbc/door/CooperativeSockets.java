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
import java.net.Socket;
import java.nio.channels.SelectableChannel;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.Predicate;

import org.cooperativejdbc.InterruptPolicy;
import org.cooperativejdbc.ReadOnlyBegin;
import org.cooperativejdbc.ReadOnlyCommit;
import org.cooperativejdbc.WaitStrategy;
import org.cooperativejdbc.driver.DriverSupport;
import org.cooperativejdbc.driver.ReadOnlyTransactions;
import org.cooperativejdbc.socket.CooperativeSocket;
import org.cooperativejdbc.socket.CooperativeSocketFactory;
import org.cooperativejdbc.socket.CooperativeSocketFactory.SocketSupplier;
import org.cooperativejdbc.socket.ParkingSocket;
import org.cooperativejdbc.socket.WaitFigures;
import org.jspecify.annotations.Nullable;

/**
 * The sockets of an application, registered with {@link CooperativeSocketFactory} as long
 * as the application runs, or one of its pools that is not closed with it. In any model
 * those that may need a SOCKS proxy are the JDK's, made safe against interrupts.
 *
 * @since 0.1.0
 */
public final class CooperativeSockets implements AutoCloseable {

	private final SocketSupplier sockets;

	private final WaitFigures figures = new WaitFigures();

	private final Map<DriverSupport, String> keys = new ConcurrentHashMap<>();

	private final @Nullable ReadOnlyTransactions readOnlyTransactions;

	/**
	 * The application, and the pools that outlive it.
	 */
	private final AtomicInteger users = new AtomicInteger(1);

	private volatile boolean outlived;

	private volatile boolean closed;

	private final @Nullable WaitStrategy strategy;

	/**
	 * Create the sockets of an application.
	 * @param strategy how their threads wait, or {@code null} to wait as the JDK's do
	 * @param eventLoopThread tells threads that run an event loop, which must not wait
	 * @param interruptPolicy what an interrupt does
	 * @param cancelGrace how long the answer of a canceled statement is waited for
	 * @param readOnlyCommit how long the COMMIT of a transaction that has only read is
	 * waited for
	 * @param readOnlyBegin when a transaction that is read-only begins
	 */
	public CooperativeSockets(@Nullable WaitStrategy strategy, Predicate<Thread> eventLoopThread,
			InterruptPolicy interruptPolicy, Duration cancelGrace, ReadOnlyCommit readOnlyCommit,
			ReadOnlyBegin readOnlyBegin) {
		this.strategy = strategy;
		this.readOnlyTransactions = ReadOnlyTransactions.register(readOnlyCommit, readOnlyBegin);
		SocketSupplier parking = () -> new ParkingSocket(eventLoopThread, interruptPolicy, cancelGrace, this.figures);
		this.sockets = new SocketSupplier() {

			@Override
			public Socket get() throws IOException {
				return (strategy != null && !CooperativeSockets.this.outlived) ? new CooperativeSocket(strategy,
						eventLoopThread, interruptPolicy, cancelGrace, CooperativeSockets.this.figures) : parking.get();
			}

			@Override
			public Socket getProxied() throws IOException {
				return parking.get();
			}

		};
	}

	/**
	 * Return the key with which a driver gets its sockets.
	 * @param driver the support of the driver
	 * @return the same key each time
	 */
	public String key(DriverSupport driver) {
		return this.keys.computeIfAbsent(driver,
				(support) -> CooperativeSocketFactory.register(support.sockets(this.sockets)));
	}

	/**
	 * Return a factory of sockets for clients that are not database drivers, in which
	 * threads wait as they do for a database. An interrupt does there what it does to the
	 * JDK's socket, and the deadline of a thread ends its wait with the socket. The
	 * sockets may be used, and others created, after the application has been closed.
	 * @return a factory that may be used by any thread
	 */
	public CooperativeSocketFactory clients() {
		WaitStrategy strategy = this.strategy;
		WaitStrategy lasting = (strategy != null) ? lasting(strategy) : null;
		return CooperativeSocketFactory.of(new SocketSupplier() {

			@Override
			public Socket get() throws IOException {
				return (lasting != null && !CooperativeSockets.this.closed) ? new CooperativeSocket(lasting)
						: new ParkingSocket();
			}

			@Override
			public Socket getProxied() {
				return new ParkingSocket();
			}

		});
	}

	/**
	 * Return a strategy that goes on elsewhere when the application is closed, whose
	 * threads may end later.
	 */
	private WaitStrategy lasting(WaitStrategy strategy) {
		return new WaitStrategy() {

			@Override
			public void await(SelectableChannel channel, int operation, long timeoutNanos) throws IOException {
				if (!CooperativeSockets.this.closed) {
					try {
						strategy.await(channel, operation, timeoutNanos);
						return;
					}
					catch (IOException | RuntimeException ex) {
						if (!CooperativeSockets.this.closed) {
							throw ex;
						}
					}
				}
				ChannelPoller.shared.await(channel, operation, timeoutNanos);
			}

			@Override
			public void closed(SelectableChannel channel) {
				strategy.closed(channel);
			}

		};
	}

	/**
	 * Return what the sockets have counted.
	 * @return figures that change
	 */
	public WaitFigures figures() {
		return this.figures;
	}

	/**
	 * Return how transactions that are read-only begin and end.
	 * @return how, or {@code null} if as the driver does it
	 */
	public @Nullable ReadOnlyTransactions readOnlyTransactions() {
		return this.readOnlyTransactions;
	}

	/**
	 * Stay until a pool is closed that is not closed with the application, and create
	 * sockets that need no thread of it from now on.
	 * @param onClose takes what is to be run when the pool has been closed
	 */
	public void outlive(Consumer<Runnable> onClose) {
		this.outlived = true;
		this.users.incrementAndGet();
		onClose.accept(this::release);
	}

	@Override
	public void close() {
		this.closed = true;
		this.figures.close();
		release();
	}

	private void release() {
		if (this.users.decrementAndGet() == 0) {
			this.keys.values().forEach(CooperativeSocketFactory::unregister);
			if (this.readOnlyTransactions != null) {
				this.readOnlyTransactions.unregister();
			}
		}
	}

}
