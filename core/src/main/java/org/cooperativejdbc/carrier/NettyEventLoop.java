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
import java.nio.channels.CancelledKeyException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SelectableChannel;
import java.nio.channels.SelectionKey;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
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
import org.cooperativejdbc.WaitStrategy;
import org.jspecify.annotations.Nullable;

/**
 * An event loop of Netty's that also carries virtual threads. It is the loop's
 * {@link IoHandler}, so that it can register channels of JDBC connections with the very
 * selector on which the loop waits for its HTTP connections, and so that tasks submitted
 * by a virtual thread that is mounted on the loop cause no wake-up of a loop that is
 * awake.
 */
final class NettyEventLoop extends CarrierScheduler implements IoHandler, StallWatch.Watched {

	/**
	 * How many continuations run before Netty looks at its selector.
	 */
	private static final int MAX_CONTINUATIONS = 128;

	private final Queue<Runnable> continuations = new ConcurrentLinkedQueue<>();

	private final Map<SelectableChannel, WaitingHandle> handles = new ConcurrentHashMap<>();

	private final AtomicBoolean scheduled = new AtomicBoolean();

	private final ThreadAwareExecutor executor;

	private final IoHandler ioHandler;

	private volatile @Nullable Carriers carriers;

	private volatile @Nullable Shift shift;

	private volatile @Nullable LongestRound longestRound;

	private volatile long roundStart; // 0 while it waits, or nobody measures

	NettyEventLoop(ThreadAwareExecutor executor) {
		super(1);
		this.executor = executor;
		this.ioHandler = NioIoHandler.newFactory().newHandler(executor);
	}

	/**
	 * Set the carriers to leave to what this loop does not get to, before it carries the
	 * first thread.
	 */
	void leaveTo(Carriers carriers) {
		this.carriers = carriers;
	}

	private Carriers carriers() {
		return Objects.requireNonNull(this.carriers);
	}

	/**
	 * Return the event loop whose own thread carries the current thread, or {@code null}.
	 */
	static @Nullable NettyEventLoop current() {
		Thread thread = Thread.currentThread();
		return (thread.isVirtual() && CarriedThreads.schedulerOf(thread) instanceof NettyEventLoop loop
				&& loop.isThread(CarriedThreads.carrierOf(thread))) ? loop : null;
	}

	@Override
	public void execute(Runnable continuation) {
		this.continuations.add(continuation);
		if (isStalled()) {
			handOver(carriers());
		}
		else if (this.scheduled.compareAndSet(false, true)) {
			Wakeups.run(this::scheduleContinuations);
		}
		carriers().awake();
	}

	private void scheduleContinuations() {
		try {
			this.executor.execute(this::runContinuations);
		}
		catch (RejectedExecutionException ex) {
			this.scheduled.set(false);
			handOver(CarriedThreads.defaultScheduler());
		}
	}

	private void runContinuations() {
		this.scheduled.set(false);
		Shift shift = noteProgress();
		for (int i = 0; i < MAX_CONTINUATIONS && !shift.isOver(); i++) {
			Runnable continuation = this.continuations.poll();
			if (continuation == null) {
				return;
			}
			shift.run(continuation);
		}
		if (this.scheduled.compareAndSet(false, true)) {
			scheduleContinuations();
		}
	}

	/**
	 * Note that the loop makes progress. A loop that was stalled begins anew.
	 */
	private Shift noteProgress() {
		Shift shift = this.shift;
		if (shift != null) {
			shift.advance();
		}
		if (shift == null || shift.isOver()) {
			shift = new Shift(Thread.currentThread());
			this.shift = shift;
		}
		return shift;
	}

	/**
	 * Note that the current thread is the one that is being run.
	 */
	void note() {
		Shift shift = this.shift;
		if (shift != null) {
			shift.carries(Thread.currentThread());
		}
	}

	private void handOver(Executor executor) {
		Runnable continuation;
		while ((continuation = this.continuations.poll()) != null) {
			executor.execute(continuation);
		}
	}

	/**
	 * Wait in this loop. It is awake, because it runs the thread that waits.
	 */
	void await(SelectableChannel channel, int operation, long timeoutNanos) throws IOException {
		WaitingHandle handle = register(channel);
		SelectionKey key = handle.registration.attachment();
		handle.waiters.enter(operation, Thread.currentThread());
		try {
			if ((key.interestOps() & operation) == 0) {
				key.interestOpsOr(operation);
			}
			carriers().awake();
			ensureOpen();
			if (!isStalled()) {
				park(channel, timeoutNanos);
			}
		}
		catch (CancelledKeyException ex) {
			if (!channel.isOpen()) {
				throw new ClosedChannelException();
			}
		}
		finally {
			handle.waiters.leave(operation, key);
		}
	}

	private WaitingHandle register(SelectableChannel channel) throws IOException {
		WaitingHandle handle = this.handles.get(channel);
		if (handle == null) {
			handle = new WaitingHandle(channel, this.ioHandler);
			this.handles.put(channel, handle);
		}
		return handle;
	}

	private void ensureOpen() throws IOException {
		if (((EventExecutor) this.executor).isShuttingDown()) {
			throw new IOException("Event loop is closed");
		}
	}

	private void park(SelectableChannel channel, long timeoutNanos) {
		if (timeoutNanos == WaitStrategy.NO_TIMEOUT) {
			LockSupport.park(channel);
			return;
		}
		Thread thread = Thread.currentThread();
		Future<?> timeout = ((EventExecutor) this.executor).schedule(() -> LockSupport.unpark(thread), timeoutNanos,
				TimeUnit.NANOSECONDS);
		LockSupport.park(channel);
		timeout.cancel(false);
	}

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
		return carriers().schedule(task, delay, unit);
	}

	private void wakeAll() {
		this.handles.values().forEach((handle) -> handle.waiters.wakeAll());
	}

	boolean isThread(@Nullable Thread thread) {
		return thread != null && this.executor.isExecutorThread(thread);
	}

	/**
	 * Return whether the loop has made no progress for long.
	 */
	boolean isStalled() {
		Shift shift = this.shift;
		return shift != null && shift.isOver();
	}

	@Override
	public boolean isIdle() {
		Shift shift = this.shift;
		return (shift == null || (!shift.isRunning() && !shift.isOver())) && this.continuations.isEmpty()
				&& !hasWaiters();
	}

	private boolean hasWaiters() {
		for (WaitingHandle handle : this.handles.values()) {
			if (!handle.waiters.isEmpty()) {
				return true;
			}
		}
		return false;
	}

	/**
	 * Ask the loop to note progress.
	 */
	@Override
	public @Nullable Shift shift() {
		Wakeups.runElsewhere(() -> {
			try {
				this.executor.execute(this::noteProgress);
			}
			catch (RejectedExecutionException ex) {
				// The loop has ended
			}
		});
		return this.shift;
	}

	/**
	 * Leave the threads that can run, and those that wait here, to the carriers.
	 */
	@Override
	public void relieve(Shift shift) {
		if (shift.end()) {
			shift.recordReplacement();
		}
		handOver(carriers());
		wakeAll();
	}

	@Override
	public void close() {
		((EventExecutor) this.executor).shutdownGracefully(0, 5, TimeUnit.SECONDS);
	}

	@Override
	public void initialize() {
		noteProgress();
		this.ioHandler.initialize();
	}

	@Override
	public int run(IoHandlerContext context) {
		LongestRound longestRound = this.longestRound;
		if (longestRound == null) {
			return this.ioHandler.run(context);
		}
		if (this.roundStart != 0) {
			longestRound.ended(this.roundStart, System.nanoTime());
			this.roundStart = 0;
		}
		int handled = this.ioHandler.run(context);
		this.roundStart = System.nanoTime();
		return handled;
	}

	/**
	 * Measure rounds from now on, from one look at the selector to the next.
	 */
	void measureRounds() {
		if (this.longestRound == null) {
			this.longestRound = new LongestRound(System.nanoTime());
		}
	}

	/**
	 * Return what can be seen of the loop. May be called by any thread.
	 */
	CarrierState state() {
		Shift shift = this.shift;
		LongestRound longestRound = this.longestRound;
		long now = System.nanoTime();
		long start = this.roundStart;
		long round = (start != 0) ? now - start : 0;
		return new CarrierState((shift != null) ? shift.thread().getName() : "not started", this.continuations.size(),
				Duration.ofNanos((longestRound != null) ? Math.max(round, longestRound.nanos(now)) : 0), Duration.ZERO);
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

		private final Waiters waiters = new Waiters();

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
		 * The key is another one when Netty has exchanged its selector, as it does with
		 * one that keeps returning without a reason.
		 */
		@Override
		protected void handle(SelectableChannel channel, SelectionKey key) {
			this.waiters.ready(key);
		}

		@Override
		public void close() throws Exception {
			super.close();
			this.waiters.wakeAll();
		}

	}

}
