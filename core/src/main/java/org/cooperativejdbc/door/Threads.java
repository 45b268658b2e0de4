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

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadFactory;

import org.cooperativejdbc.Deadline;
import org.cooperativejdbc.carrier.EventLoops;
import org.jspecify.annotations.Nullable;

/**
 * The threads that work for an application, one for each task, until it is closed.
 *
 * @since 0.1.0
 */
public final class Threads {

	private static final ThreadLocal<@Nullable EventLoops> currentLoops = new ThreadLocal<>();

	private final ThreadFactory factory;

	private final @Nullable EventLoops loops;

	/**
	 * Those that run, with who has started them.
	 */
	private final Map<Thread, Object> running = new ConcurrentHashMap<>();

	private volatile boolean closed;

	/**
	 * Create threads.
	 * @param factory makes them
	 * @param loops what carries them, or {@code null} if that is up to the JDK
	 */
	public Threads(ThreadFactory factory, @Nullable EventLoops loops) {
		this.factory = factory;
		this.loops = loops;
	}

	/**
	 * Return the event loops that carry the current thread, if it is one of these.
	 */
	static @Nullable EventLoops currentLoops() {
		return currentLoops.get();
	}

	/**
	 * Call a task on a thread of its own.
	 * @param <T> the type of the result
	 * @param task the task
	 * @return a future whose cancelation interrupts the thread
	 * @throws RejectedExecutionException if the application has been closed
	 */
	public <T extends @Nullable Object> CompletableFuture<T> call(Callable<T> task) {
		Call<T> call = new Call<>(task);
		Thread thread = newThread(call);
		call.startingOn(thread);
		start(thread, this);
		return call;
	}

	/**
	 * Create a thread for a task. What a thread inherits is from the one that creates it.
	 */
	Thread newThread(Runnable task) {
		return this.factory.newThread(() -> run(task));
	}

	/**
	 * Start a thread.
	 * @param owner who may {@link #interrupt} it with all others of its own
	 * @throws RejectedExecutionException if the application has been closed
	 */
	void start(Thread thread, Object owner) {
		this.running.put(thread, owner);
		boolean started = false;
		try {
			ensureOpen();
			thread.start();
			started = true;
		}
		finally {
			if (!started) {
				this.running.remove(thread);
			}
		}
	}

	private void run(Runnable task) {
		try {
			if (this.loops != null) {
				currentLoops.set(this.loops);
			}
			task.run();
		}
		finally {
			this.running.remove(Thread.currentThread());
		}
	}

	/**
	 * Interrupt the threads that somebody has started.
	 */
	void interrupt(Object owner) {
		this.running.forEach((thread, other) -> {
			if (other == owner) {
				thread.interrupt();
			}
		});
	}

	/**
	 * Refuse to go on after the application has been closed.
	 * @throws RejectedExecutionException if it has
	 */
	public void ensureOpen() {
		if (this.closed) {
			throw new RejectedExecutionException("Cooperative has been closed");
		}
	}

	/**
	 * Start no more threads, wait for the others, and interrupt those that take too long,
	 * or all if the current thread is interrupted. The current thread may be one of them.
	 * @param timeout how long to wait at most before they are interrupted
	 * @param grace how long to wait at most afterwards
	 */
	public void close(Duration timeout, Duration grace) {
		this.closed = true;
		boolean interrupted = !join(timeout);
		this.running.keySet().forEach((thread) -> {
			if (thread != Thread.currentThread()) {
				thread.interrupt();
			}
		});
		interrupted |= !join(grace);
		if (interrupted) {
			Thread.currentThread().interrupt();
		}
	}

	/**
	 * Wait for the other threads.
	 * @return {@code false} if interrupted
	 */
	private boolean join(Duration time) {
		Deadline end = Deadline.after(time);
		try {
			for (Thread thread = other(); thread != null; thread = other()) {
				Duration left = end.left();
				if (!left.isPositive()) {
					return true;
				}
				if (thread.getState() == Thread.State.NEW) {
					Thread.yield();
				}
				else {
					thread.join(left);
				}
			}
			return true;
		}
		catch (InterruptedException ex) {
			return false;
		}
	}

	private @Nullable Thread other() {
		for (Thread thread : this.running.keySet()) {
			if (thread != Thread.currentThread()) {
				return thread;
			}
		}
		return null;
	}

}
