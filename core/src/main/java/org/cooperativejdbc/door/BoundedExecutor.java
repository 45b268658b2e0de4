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
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.AbstractExecutorService;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

/**
 * Runs a limited number of tasks at once, each on a thread of its own, and keeps a
 * limited number of others in the order of arrival.
 *
 * @since 0.1.0
 */
public final class BoundedExecutor extends AbstractExecutorService {

	private static final Log logger = LogFactory.getLog(BoundedExecutor.class);

	private final Threads threads;

	private final int limit;

	private final int queueCapacity;

	private final ReentrantLock lock = new ReentrantLock();

	private final Condition ended = this.lock.newCondition();

	private final Queue<Waiting> queue = new ArrayDeque<>();

	/**
	 * Those that have a place. A thread is added before it starts, and after that it is
	 * seen whether all are to be interrupted, so that none is missed.
	 */
	private final Set<Thread> running = ConcurrentHashMap.newKeySet();

	private volatile boolean interrupting;

	private int active;

	private boolean shutdown;

	/**
	 * Create an executor.
	 * @param threads where its threads are from
	 * @param limit how many tasks run at once at most
	 * @param queueCapacity how many others it keeps at most
	 */
	public BoundedExecutor(Threads threads, int limit, int queueCapacity) {
		if (limit < 1) {
			throw new IllegalArgumentException("'limit' must be positive, but is " + limit);
		}
		if (queueCapacity < 0) {
			throw new IllegalArgumentException("'queueCapacity' must not be negative, but is " + queueCapacity);
		}
		this.threads = threads;
		this.limit = limit;
		this.queueCapacity = queueCapacity;
	}

	@Override
	public void execute(Runnable task) {
		Context context = Context.capture();
		Waiting waiting = new Waiting(task, this.threads.newThread(() -> run(task, context)));
		this.lock.lock();
		try {
			if (this.shutdown) {
				throw new RejectedExecutionException("The executor has been shut down");
			}
			this.threads.ensureOpen();
			if (this.active >= this.limit) {
				if (this.queue.size() >= this.queueCapacity) {
					throw new RejectedExecutionException("The executor runs " + this.active + " tasks and keeps "
							+ this.queue.size() + ", which is all it may");
				}
				this.queue.add(waiting);
				return;
			}
			this.active++;
		}
		finally {
			this.lock.unlock();
		}
		boolean started = false;
		try {
			start(waiting.thread());
			started = true;
		}
		finally {
			if (!started) {
				ended(waiting.thread());
			}
		}
	}

	private void start(Thread thread) {
		this.running.add(thread);
		if (this.interrupting) {
			thread.interrupt();
		}
		this.threads.start(thread);
	}

	private void run(Runnable task, Context context) {
		try {
			context.runOnNewThread(task);
		}
		finally {
			ended(Thread.currentThread());
		}
	}

	/**
	 * The next task gets a thread of its own, which no interrupt meets that was for the
	 * one before.
	 */
	private void ended(Thread thread) {
		this.running.remove(thread);
		for (Waiting next = next(); next != null; next = next()) {
			try {
				start(next.thread());
				return;
			}
			catch (RejectedExecutionException | OutOfMemoryError ex) {
				logger.debug("No thread for a task that was kept", ex);
				abandon(next.task());
				this.running.remove(next.thread());
			}
		}
	}

	private @Nullable Waiting next() {
		this.lock.lock();
		try {
			Waiting next = this.queue.poll();
			if (next == null) {
				this.active--;
				this.ended.signalAll();
			}
			return next;
		}
		finally {
			this.lock.unlock();
		}
	}

	/**
	 * Let nobody wait for what is not going to happen.
	 */
	private static void abandon(Runnable task) {
		if (task instanceof Future<?> future) {
			future.cancel(false);
		}
	}

	/**
	 * Take no more tasks, wait for the others, and give up those that are still kept.
	 * @param timeout how long to wait at most
	 * @return {@code false} if interrupted meanwhile
	 */
	public boolean drain(Duration timeout) {
		shutdown();
		boolean interrupted = false;
		try {
			awaitTermination(timeout.toNanos(), TimeUnit.NANOSECONDS);
		}
		catch (InterruptedException ex) {
			interrupted = true;
		}
		this.lock.lock();
		try {
			this.queue.forEach((waiting) -> abandon(waiting.task()));
			this.queue.clear();
		}
		finally {
			this.lock.unlock();
		}
		return !interrupted;
	}

	/**
	 * Wait until no task runs, however long that takes. Others may come meanwhile and
	 * afterwards.
	 * @throws InterruptedException if the thread is interrupted
	 */
	public void awaitIdle() throws InterruptedException {
		this.lock.lockInterruptibly();
		try {
			while (this.active != 0) {
				this.ended.await();
			}
		}
		finally {
			this.lock.unlock();
		}
	}

	@Override
	public void shutdown() {
		this.lock.lock();
		try {
			this.shutdown = true;
			this.ended.signalAll();
		}
		finally {
			this.lock.unlock();
		}
	}

	@Override
	public List<Runnable> shutdownNow() {
		this.lock.lock();
		try {
			this.shutdown = true;
			List<Runnable> tasks = new ArrayList<>(this.queue.stream().map(Waiting::task).toList());
			this.queue.clear();
			this.interrupting = true;
			this.running.forEach(Thread::interrupt);
			this.ended.signalAll();
			return tasks;
		}
		finally {
			this.lock.unlock();
		}
	}

	@Override
	public boolean isShutdown() {
		this.lock.lock();
		try {
			return this.shutdown;
		}
		finally {
			this.lock.unlock();
		}
	}

	@Override
	public boolean isTerminated() {
		this.lock.lock();
		try {
			return this.shutdown && this.active == 0;
		}
		finally {
			this.lock.unlock();
		}
	}

	@Override
	public boolean awaitTermination(long timeout, TimeUnit unit) throws InterruptedException {
		EventLoopThreads.refuse("ExecutorService.awaitTermination");
		long left = unit.toNanos(timeout);
		this.lock.lockInterruptibly();
		try {
			while (!(this.shutdown && this.active == 0)) {
				if (left <= 0) {
					return false;
				}
				left = this.ended.awaitNanos(left);
			}
			return true;
		}
		finally {
			this.lock.unlock();
		}
	}

	private record Waiting(Runnable task, Thread thread) {

	}

}
