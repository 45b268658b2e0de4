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
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.cooperativejdbc.WaitStrategy;
import org.jspecify.annotations.Nullable;

/**
 * One or a few threads that run virtual threads and, while none of them can run, wait for
 * the channels they use. It is the scheduler of its virtual threads: as long as the loop
 * keeps going they run nowhere else, so that an answer wakes the thread that waits for it
 * without a wake-up between operating system threads. Only a loop that is
 * {@link StallWatch stalled} lends them out.
 */
abstract class EventLoop extends CarrierScheduler {

	private static final Log logger = LogFactory.getLog(EventLoop.class);

	/**
	 * How many continuations run between two looks at the selector, so that threads that
	 * always have something to do do not keep others from their answers.
	 */
	private static final int MAX_CONTINUATIONS = 128;

	/**
	 * For the timed parks that no loop can keep.
	 */
	static final ScheduledThreadPoolExecutor timer = newTimer();

	private final Queue<Runnable> continuations = new ConcurrentLinkedQueue<>();

	private final AtomicLong rounds = new AtomicLong();

	EventLoop(int threads) {
		super(threads);
	}

	private static ScheduledThreadPoolExecutor newTimer() {
		ScheduledThreadPoolExecutor timer = new ScheduledThreadPoolExecutor(1,
				Thread.ofPlatform().daemon().name("cooperative-jdbc-timer").factory());
		timer.setRemoveOnCancelPolicy(true);
		return timer;
	}

	/**
	 * Return the event loop one of whose own threads carries the current virtual thread
	 * now, or {@code null}.
	 */
	static @Nullable EventLoop current() {
		Thread thread = Thread.currentThread();
		return (thread.isVirtual() && CarriedThreads.schedulerOf(thread) instanceof EventLoop loop
				&& loop.isThread(CarriedThreads.carrierOf(thread))) ? loop : null;
	}

	/**
	 * Return an unstarted virtual thread that this event loop carries.
	 */
	Thread newThread(String name, Runnable task) {
		return CarriedThreads.builder(this).name(name).unstarted(task);
	}

	@Override
	public final void execute(Runnable continuation) {
		this.continuations.add(continuation);
		Wakeups.run(this::continuationAdded);
	}

	abstract void continuationAdded();

	boolean hasContinuations() {
		return !this.continuations.isEmpty();
	}

	/**
	 * Run what can run, on a thread of the loop.
	 */
	void runContinuations() {
		for (int i = 0; i < MAX_CONTINUATIONS; i++) {
			Runnable continuation = this.continuations.poll();
			if (continuation == null) {
				break;
			}
			running(continuation);
			advance();
			run(continuation);
		}
		running(null);
	}

	/**
	 * Remember what the current thread of the loop runs; published by {@link #advance()}.
	 */
	abstract void running(@Nullable Runnable continuation);

	/**
	 * Give a sign of life.
	 */
	void advance() {
		this.rounds.incrementAndGet();
	}

	/**
	 * Run one continuation on another thread than the loop's.
	 * @return {@code false} if there was none
	 */
	boolean lendContinuation() {
		Runnable continuation = this.continuations.poll();
		if (continuation == null) {
			return false;
		}
		run(continuation);
		return true;
	}

	/**
	 * Run a continuation. It throws nothing that its thread throws, but what the JDK
	 * fails with between two threads, and that must not end the loop that carries all of
	 * them.
	 */
	private static void run(Runnable continuation) {
		try {
			continuation.run();
		}
		catch (Throwable ex) {
			failed(ex);
		}
	}

	private static void failed(Throwable failure) {
		try {
			logger.error("A virtual thread may have been lost: the JDK failed to run it", failure);
		}
		catch (Throwable ex) {
			// No memory to say so
		}
	}

	/**
	 * Give the continuations that are left to the scheduler of the JDK, because a
	 * continuation that is lost is a thread that never ends.
	 */
	void handOver() {
		Runnable continuation;
		while ((continuation = this.continuations.poll()) != null) {
			CarriedThreads.defaultScheduler().execute(continuation);
		}
	}

	/**
	 * Return a continuation that a thread of the loop runs now.
	 */
	abstract @Nullable Runnable running();

	/**
	 * Wait in this event loop. Called by the virtual threads that its thread carries and,
	 * where the loop carries none, by any thread.
	 * @see WaitStrategy#await(SelectableChannel, int, long)
	 */
	void await(SelectableChannel channel, int operation, long timeoutNanos) throws IOException {
		ChannelWaiters waiters = register(channel);
		waiters.enter(operation, Thread.currentThread());
		try {
			SelectionKey changed = waiters.addInterest(operation);
			if (changed != null) {
				interestAdded(changed);
			}
			ensureOpen();
			if (timeoutNanos == WaitStrategy.NO_TIMEOUT) {
				LockSupport.park(channel);
			}
			else {
				parkNanos(channel, timeoutNanos);
			}
		}
		catch (CancelledKeyException ex) {
			throw new ClosedChannelException();
		}
		finally {
			waiters.leave(operation);
		}
	}

	/**
	 * Return the waiters of a channel, after registering it where it is new.
	 */
	abstract ChannelWaiters register(SelectableChannel channel) throws IOException;

	/**
	 * Called after a thread has entered: a loop that ends wakes the threads that have
	 * entered by then, the others find it closed.
	 */
	abstract void ensureOpen() throws IOException;

	/**
	 * Called after the interest in an operation was added.
	 */
	abstract void interestAdded(SelectionKey key);

	abstract void parkNanos(SelectableChannel channel, long timeoutNanos);

	/**
	 * Wake all threads that wait for a channel, so that they wait elsewhere. May be
	 * called by any thread.
	 */
	abstract void wakeAll();

	/**
	 * Return whether a thread waits for a channel or for a time in this loop. May be
	 * called by any thread.
	 */
	abstract boolean hasWaiters();

	/**
	 * Give up the registration of a closed channel. May be called by any thread.
	 */
	abstract void forget(SelectableChannel channel);

	/**
	 * Return whether a platform thread is one of this event loop.
	 */
	abstract boolean isThread(@Nullable Thread thread);

	/**
	 * Return the (first) platform thread of this event loop, or {@code null} if it has
	 * not started.
	 */
	abstract @Nullable Thread thread();

	/**
	 * Return whether threads that a thread of this loop creates stay on this loop.
	 */
	abstract boolean keepsChildren();

	/**
	 * Make the loop {@link #advance()} if it keeps going. May be called by any thread.
	 */
	abstract void ping();

	/**
	 * Return a number that changes with each continuation and each round of the loop.
	 */
	long rounds() {
		return this.rounds.get();
	}

	/**
	 * End the loop. Virtual threads that have not ended go on on the scheduler of the
	 * JDK; their waits fail.
	 */
	@Override
	public abstract void close();

}
