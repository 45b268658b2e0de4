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

package org.cooperativejdbc.loop;

import java.io.IOException;
import java.nio.channels.CancelledKeyException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SelectableChannel;
import java.util.concurrent.Executor;
import java.util.concurrent.locks.LockSupport;

import org.cooperativejdbc.WaitStrategy;
import org.jspecify.annotations.Nullable;

/**
 * A thread that runs virtual threads and, while none of them can run, waits for the
 * channels they use. It is the scheduler of its virtual threads: they run nowhere else as
 * long as the loop is open, so that a thread whose wait begins and the loop that ends the
 * wait share their state without a lock.
 */
abstract class EventLoop implements Executor {

	/**
	 * Return the event loop that carries the current virtual thread, or {@code null}.
	 */
	static @Nullable EventLoop current() {
		Thread thread = Thread.currentThread();
		return (thread.isVirtual() && CarriedThreads.schedulerOf(thread) instanceof EventLoop loop) ? loop : null;
	}

	/**
	 * Return an unstarted virtual thread that this event loop carries.
	 */
	Thread newThread(String name, Runnable task) {
		return CarriedThreads.builder(this).name(name).unstarted(task);
	}

	/**
	 * Wait in this event loop. Called by the virtual threads it carries and, where the
	 * loop carries none, by any thread.
	 * @see WaitStrategy#await(SelectableChannel, int, long)
	 */
	void await(SelectableChannel channel, int operation, long timeoutNanos) throws IOException {
		ChannelWaiters waiters = register(channel);
		waiters.enter(operation, Thread.currentThread());
		try {
			if (waiters.addInterest(operation)) {
				interestAdded();
			}
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
	 * Called after the interest in an operation was added.
	 */
	abstract void interestAdded();

	abstract void parkNanos(SelectableChannel channel, long timeoutNanos);

	/**
	 * Give up the registration of a closed channel. May be called by any thread.
	 */
	abstract void forget(SelectableChannel channel);

	/**
	 * Return whether the current thread is the platform thread of this event loop, with
	 * no virtual thread mounted.
	 */
	abstract boolean inEventLoop();

	/**
	 * End the loop. Virtual threads that have not ended go on on the scheduler of the
	 * JDK; their waits fail.
	 */
	abstract void close();

}
