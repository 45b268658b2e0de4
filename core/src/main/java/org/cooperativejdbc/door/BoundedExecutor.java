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
import java.util.concurrent.AbstractExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
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

	/**
	 * Added to the {@link #places} by a shutdown.
	 */
	private static final long SHUTDOWN = 1L << 32;

	private final Threads threads;

	private final int limit;

	private final int queueCapacity;

	/**
	 * How many tasks have a place, and whether there has been a shutdown. A task that
	 * finds a place needs nothing but this number.
	 */
	private final AtomicLong places = new AtomicLong();

	private final ReentrantLock lock = new ReentrantLock();

	private final Condition ended = this.lock.newCondition();

	private final Queue<Waiting> queue = new ArrayDeque<>(); // needs lock

	/**
	 * The size of the queue. Whoever has added to the queue looks for a place, and
	 * whoever has left a place looks here, so that neither misses the other.
	 */
	private volatile int kept;

	private volatile boolean interrupting;

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
		Thread thread = this.threads.newThread(() -> run(task, context));
		if (this.kept == 0 && takePlace(false)) {
			startInPlace(thread);
		}
		else {
			keep(new Waiting(task, thread));
			startKept();
		}
	}

	private boolean takePlace(boolean alsoAfterShutdown) {
		long places = this.places.get();
		while ((int) places < this.limit && (alsoAfterShutdown || places < SHUTDOWN)) {
			if (this.places.compareAndSet(places, places + 1)) {
				return true;
			}
			places = this.places.get();
		}
		return false;
	}

	private void startInPlace(Thread thread) {
		boolean started = false;
		try {
			start(thread);
			started = true;
		}
		finally {
			if (!started) {
				leavePlace();
			}
		}
	}

	private void keep(Waiting waiting) {
		this.lock.lock();
		try {
			if (isShutdown()) {
				throw new RejectedExecutionException("The executor has been shut down");
			}
			this.threads.ensureOpen();
			if (this.queue.size() >= this.queueCapacity) {
				throw new RejectedExecutionException("The executor runs " + this.limit + " tasks and keeps "
						+ this.queue.size() + ", which is all it may");
			}
			this.queue.add(waiting);
			this.kept = this.queue.size();
		}
		finally {
			this.lock.unlock();
		}
	}

	/**
	 * A thread that starts after all have been interrupted has been missed then.
	 */
	private void start(Thread thread) {
		this.threads.start(thread, this);
		if (this.interrupting) {
			thread.interrupt();
		}
	}

	private void run(Runnable task, Context context) {
		try {
			context.runOnNewThread(task);
		}
		finally {
			leavePlace();
		}
	}

	private void leavePlace() {
		if ((int) this.places.decrementAndGet() == 0) {
			signal();
		}
		startKept();
	}

	/**
	 * Each task gets a thread of its own, which no interrupt meets that was for the one
	 * before.
	 */
	private void startKept() {
		for (Waiting next = next(); next != null; next = next()) {
			try {
				start(next.thread());
			}
			catch (RejectedExecutionException | OutOfMemoryError ex) {
				logger.debug("No thread for a task that was kept", ex);
				abandon(next.task());
				this.places.decrementAndGet();
				signal();
			}
		}
	}

	private @Nullable Waiting next() {
		if (this.kept == 0) {
			return null;
		}
		this.lock.lock();
		try {
			if (this.queue.isEmpty() || !takePlace(true)) {
				return null;
			}
			Waiting next = this.queue.remove();
			this.kept = this.queue.size();
			return next;
		}
		finally {
			this.lock.unlock();
		}
	}

	private void signal() {
		this.lock.lock();
		try {
			this.ended.signalAll();
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
		takeKept().forEach(BoundedExecutor::abandon);
		return !interrupted;
	}

	private List<Runnable> takeKept() {
		this.lock.lock();
		try {
			List<Runnable> tasks = new ArrayList<>(this.queue.stream().map(Waiting::task).toList());
			this.queue.clear();
			this.kept = 0;
			this.ended.signalAll();
			return tasks;
		}
		finally {
			this.lock.unlock();
		}
	}

	/**
	 * Wait until no task runs, however long that takes. Others may come meanwhile and
	 * afterwards.
	 * @throws InterruptedException if the thread is interrupted
	 */
	public void awaitIdle() throws InterruptedException {
		this.lock.lockInterruptibly();
		try {
			while (!isIdle()) {
				this.ended.await();
			}
		}
		finally {
			this.lock.unlock();
		}
	}

	/**
	 * Needs the lock: without it, a task may be on its way from the queue to a place.
	 */
	private boolean isIdle() {
		return this.queue.isEmpty() && (int) this.places.get() == 0;
	}

	@Override
	public void shutdown() {
		this.places.updateAndGet((places) -> places | SHUTDOWN);
		signal();
	}

	@Override
	public List<Runnable> shutdownNow() {
		shutdown();
		List<Runnable> tasks = takeKept();
		this.interrupting = true;
		this.threads.interrupt(this);
		return tasks;
	}

	@Override
	public boolean isShutdown() {
		return this.places.get() >= SHUTDOWN;
	}

	@Override
	public boolean isTerminated() {
		this.lock.lock();
		try {
			return isShutdown() && isIdle();
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
			while (!(isShutdown() && isIdle())) {
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
