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

import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;

import org.cooperativejdbc.Deadline;
import org.jspecify.annotations.Nullable;

/**
 * Platform threads for what cannot yield. They end when there is nothing to do.
 *
 * @since 0.1.0
 */
public final class Offload {

	private final ThreadPoolExecutor executor;

	/**
	 * Create without threads.
	 * @param threads how many there are at most
	 */
	public Offload(int threads) {
		this.executor = new ThreadPoolExecutor(threads, threads, 1, TimeUnit.SECONDS, new LinkedBlockingQueue<>(),
				Thread.ofPlatform()
					.daemon()
					.name("cooperative-jdbc-offload-", 1)
					.inheritInheritableThreadLocals(false)
					.factory());
		this.executor.allowCoreThreadTimeOut(true);
	}

	/**
	 * Call a task as if the current thread did, which is the case if it is a platform
	 * thread.
	 * @param <T> the type of the result
	 * @param task the task
	 * @return its result
	 * @throws Exception what it throws; {@link InterruptedException} and
	 * {@link TimeoutException} also if the thread is interrupted, or its deadline passes,
	 * before the task begins
	 */
	public <T extends @Nullable Object> T call(Callable<T> task) throws Exception {
		if (!Thread.currentThread().isVirtual()) {
			return task.call();
		}
		if (Thread.interrupted()) {
			throw new InterruptedException();
		}
		Task<T> offloaded = new Task<>(task);
		this.executor.execute(offloaded);
		try {
			return offloaded.await();
		}
		finally {
			if (offloaded.abandoned) {
				this.executor.remove(offloaded);
			}
		}
	}

	/**
	 * Take no more tasks, interrupt those that run, and refuse those that have not begun.
	 */
	public void close() {
		this.executor.shutdownNow().forEach((task) -> ((Task<?>) task).refuse());
	}

	/**
	 * The thread that waits does not go on before a task that has begun has ended,
	 * whatever happens: the task may use what the thread owns, such as its connection.
	 */
	private static final class Task<T extends @Nullable Object> implements Runnable {

		private final Context context = Context.capture();

		private final Callable<T> callable;

		private final AtomicBoolean claimed = new AtomicBoolean();

		private final CountDownLatch ended = new CountDownLatch(1);

		private final Object runnerLock = new Object();

		private @Nullable Thread runner;

		private boolean interrupted;

		/**
		 * Whether the thread has gone on before the task began. Only then it is still
		 * among those of the executor, where looking for it stops all others.
		 */
		private boolean abandoned;

		private @Nullable T result;

		private @Nullable Throwable failure;

		private Task(Callable<T> callable) {
			this.callable = callable;
		}

		@Override
		public void run() {
			if (!this.claimed.compareAndSet(false, true)) {
				return;
			}
			synchronized (this.runnerLock) {
				this.runner = Thread.currentThread();
				if (this.interrupted) {
					Thread.currentThread().interrupt();
				}
			}
			try {
				this.result = this.context.call(this.callable);
			}
			catch (Throwable ex) {
				this.failure = ex;
			}
			synchronized (this.runnerLock) {
				this.runner = null;
				this.interrupted = Thread.interrupted();
			}
			this.ended.countDown();
		}

		private void refuse() {
			if (this.claimed.compareAndSet(false, true)) {
				this.failure = new RejectedExecutionException("Cooperative has been closed");
				this.ended.countDown();
			}
		}

		private void interrupt() {
			synchronized (this.runnerLock) {
				this.interrupted = true;
				if (this.runner != null) {
					this.runner.interrupt();
				}
			}
		}

		@SuppressWarnings("NullAway") // The result is null only where T allows it
		T await() throws Exception {
			Deadline deadline = Deadline.current();
			boolean begun = false;
			while (true) {
				try {
					if (begun || deadline == null) {
						this.ended.await();
						break;
					}
					if (this.ended.await(deadline.leftNanos(), TimeUnit.NANOSECONDS)) {
						break;
					}
					if (this.claimed.compareAndSet(false, true)) {
						this.abandoned = true;
						throw new TimeoutException("No thread to offload to before the deadline");
					}
					begun = true;
				}
				catch (InterruptedException ex) {
					if (this.claimed.compareAndSet(false, true)) {
						this.abandoned = true;
						throw ex;
					}
					begun = true;
					interrupt();
				}
			}
			if (this.interrupted) {
				Thread.currentThread().interrupt();
			}
			if (this.failure != null) {
				throw sneaky(this.failure);
			}
			return this.result;
		}

		private static Exception sneaky(Throwable failure) {
			if (failure instanceof Error error) {
				throw error;
			}
			return (Exception) failure;
		}

	}

}
