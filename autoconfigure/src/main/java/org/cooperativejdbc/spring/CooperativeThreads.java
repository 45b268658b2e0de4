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

package org.cooperativejdbc.spring;

import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ThreadFactory;

import org.cooperativejdbc.ConcurrencyModel;
import org.cooperativejdbc.carrier.EventLoops;
import org.cooperativejdbc.door.BoundedExecutor;
import org.cooperativejdbc.door.Threads;
import org.jspecify.annotations.Nullable;

/**
 * The threads of the concurrency model, for tasks that an application starts itself.
 *
 * @since 0.1.0
 */
public final class CooperativeThreads {

	private final ConcurrencyModel model;

	private final @Nullable EventLoops loops;

	private final Threads calls;

	/**
	 * Create threads.
	 * @param model the concurrency model
	 * @param loops what carries them, or {@code null} if that is up to the JDK
	 */
	public CooperativeThreads(ConcurrencyModel model, @Nullable EventLoops loops) {
		this.model = model;
		this.loops = loops;
		this.calls = threads("cooperative-");
	}

	private Threads threads(String prefix) {
		return new Threads(factory(prefix), this.loops);
	}

	private ThreadFactory factory(String prefix) {
		if (this.loops != null) {
			return this.loops.threadFactory(prefix);
		}
		return (this.model != ConcurrencyModel.PLATFORM) ? Thread.ofVirtual().name(prefix, 1).factory()
				: Thread.ofPlatform().daemon().name(prefix, 1).factory();
	}

	/**
	 * Call a task on a thread of its own.
	 * @param <T> the type of the result
	 * @param task the task
	 * @return a future whose cancelation interrupts the thread
	 */
	public <T extends @Nullable Object> CompletableFuture<T> call(Callable<T> task) {
		return this.calls.call(task);
	}

	/**
	 * Run a task on a thread of its own.
	 * @param task the task
	 */
	public void run(Runnable task) {
		call(() -> {
			task.run();
			return true;
		});
	}

	/**
	 * Create an executor that runs a limited number of tasks at once.
	 * @param prefix how the names of its threads begin
	 * @param limit how many tasks run at once at most
	 * @param queueCapacity how many others it keeps at most
	 * @return the executor
	 */
	BoundedExecutor executor(String prefix, int limit, int queueCapacity) {
		return new BoundedExecutor(threads(prefix), limit, queueCapacity);
	}

}
