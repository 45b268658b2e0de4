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

package org.cooperativejdbc.carrier;

import java.io.IOException;
import java.nio.channels.SelectableChannel;
import java.nio.channels.SelectionKey;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;

import io.netty.channel.IoHandle;
import io.netty.channel.IoHandler;
import io.netty.channel.IoHandlerContext;
import io.netty.channel.IoRegistration;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.nio.NioSelectableChannelIoHandle;
import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.ThreadAwareExecutor;
import org.jspecify.annotations.Nullable;

/**
 * An event loop of Netty's that also carries virtual threads. It is the loop's
 * {@link IoHandler}, so that it can register channels of JDBC connections with the very
 * selector on which the loop waits for its HTTP connections, and so that tasks submitted
 * by a virtual thread that is mounted on the loop cause no wake-up of a loop that is
 * awake.
 */
final class NettyEventLoop extends EventLoop implements IoHandler {

	private final ThreadAwareExecutor executor;

	private final IoHandler ioHandler;

	private final Map<SelectableChannel, WaitingHandle> handles = new ConcurrentHashMap<>();

	private final AtomicBoolean scheduled = new AtomicBoolean();

	private volatile @Nullable Thread thread;

	private @Nullable Runnable running; // published by the loop's rounds

	NettyEventLoop(ThreadAwareExecutor executor) {
		super(1);
		this.executor = executor;
		this.ioHandler = NioIoHandler.newFactory().newHandler(executor);
	}

	@Override
	void continuationAdded() {
		if (this.scheduled.compareAndSet(false, true)) {
			try {
				this.executor.execute(this::runScheduled);
			}
			catch (RejectedExecutionException ex) {
				this.scheduled.set(false);
				handOver();
			}
		}
	}

	private void runScheduled() {
		this.scheduled.set(false);
		runContinuations();
		if (hasContinuations()) {
			continuationAdded();
		}
	}

	@Override
	void running(@Nullable Runnable continuation) {
		this.running = continuation;
	}

	@Override
	@Nullable Runnable running() {
		rounds();
		return this.running;
	}

	@Override
	ChannelWaiters register(SelectableChannel channel) throws IOException {
		WaitingHandle handle = this.handles.get(channel);
		if (handle == null) {
			handle = new WaitingHandle(channel, this.ioHandler);
			this.handles.put(channel, handle);
		}
		return handle.waiters();
	}

	@Override
	void ensureOpen() throws IOException {
		if (((EventExecutor) this.executor).isShuttingDown()) {
			throw new IOException("Event loop is closed");
		}
	}

	@Override
	void interestAdded(SelectionKey key) {
		// The loop is awake: it runs the thread that waits
	}

	@Override
	void parkNanos(SelectableChannel channel, long timeoutNanos) {
		Thread thread = Thread.currentThread();
		Future<?> timeout = ((EventExecutor) this.executor).schedule(() -> LockSupport.unpark(thread), timeoutNanos,
				TimeUnit.NANOSECONDS);
		LockSupport.park(channel);
		timeout.cancel(false);
	}

	@Override
	void forget(SelectableChannel channel) {
		try {
			this.executor.execute(() -> {
				WaitingHandle handle = this.handles.remove(channel);
				if (handle != null) {
					handle.registration.cancel();
				}
			});
		}
		catch (RejectedExecutionException ex) {
			// The loop has ended, and its selector with it
		}
	}

	@Override
	public ScheduledFuture<?> schedule(Runnable task, long delay, TimeUnit unit) {
		return timer.schedule(task, delay, unit);
	}

	@Override
	void wakeAll() {
		this.handles.values().forEach((handle) -> handle.waiters.wakeAll());
	}

	@Override
	boolean hasWaiters() {
		return this.handles.values().stream().anyMatch((handle) -> !handle.waiters.isEmpty());
	}

	@Override
	boolean isThread(@Nullable Thread thread) {
		return thread != null && this.executor.isExecutorThread(thread);
	}

	@Override
	@Nullable Thread thread() {
		return this.thread;
	}

	@Override
	boolean keepsChildren() {
		return true;
	}

	@Override
	void ping() {
		Wakeups.runElsewhere(this::askToAdvance);
	}

	private void askToAdvance() {
		try {
			this.executor.execute(this::advance);
		}
		catch (RejectedExecutionException ex) {
			advance();
		}
	}

	@Override
	public void close() {
		((EventExecutor) this.executor).shutdownGracefully(0, 5, TimeUnit.SECONDS);
	}

	@Override
	public void initialize() {
		this.thread = Thread.currentThread();
		this.ioHandler.initialize();
	}

	@Override
	public int run(IoHandlerContext context) {
		return this.ioHandler.run(context);
	}

	@Override
	public void prepareToDestroy() {
		this.ioHandler.prepareToDestroy();
	}

	/**
	 * The loop may end without {@link #prepareToDestroy()} when it is shut down while it
	 * runs its tasks, so threads that have begun to wait meanwhile are woken here.
	 */
	@Override
	public void destroy() {
		this.ioHandler.destroy();
		wakeAll();
	}

	@Override
	public IoRegistration register(IoHandle handle) throws Exception {
		return this.ioHandler.register(handle);
	}

	@Override
	public void wakeup() {
		if (current() != this) {
			this.ioHandler.wakeup();
		}
	}

	@Override
	public boolean isCompatible(Class<? extends IoHandle> handleType) {
		return this.ioHandler.isCompatible(handleType);
	}

	private static final class WaitingHandle extends NioSelectableChannelIoHandle<SelectableChannel> {

		private final ChannelWaiters waiters = new ChannelWaiters(0);

		private final IoRegistration registration;

		private WaitingHandle(SelectableChannel channel, IoHandler ioHandler) throws IOException {
			super(channel);
			try {
				this.registration = ioHandler.register(this);
			}
			catch (IOException ex) {
				throw ex;
			}
			catch (Exception ex) {
				throw new IOException("The event loop takes no channel", ex);
			}
		}

		/**
		 * Netty exchanges its selector, and with it the keys, when the selector keeps
		 * returning without a reason.
		 */
		ChannelWaiters waiters() {
			this.waiters.registered(this.registration.attachment());
			return this.waiters;
		}

		@Override
		protected void handle(SelectableChannel channel, SelectionKey key) {
			waiters().ready(key);
		}

		@Override
		public void close() throws Exception {
			super.close();
			this.waiters.wakeAll();
		}

	}

}
