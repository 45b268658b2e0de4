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

import java.util.concurrent.RejectedExecutionException;

import org.cooperativejdbc.Deadline;
import org.cooperativejdbc.door.BoundedExecutor;

import org.springframework.context.SmartLifecycle;
import org.springframework.core.task.AsyncTaskExecutor;
import org.springframework.core.task.TaskRejectedException;

/**
 * A {@link BoundedExecutor} as a bean. A task has the context of the thread that submits
 * it, but no deadline, because it may outlive its request.
 * <p>
 * It accepts tasks even while the application context closes. Its tasks are waited for
 * when everything else has stopped, and before the pools wait for their connections.
 *
 * @since 0.1.0
 */
public class BoundedTaskExecutor implements AsyncTaskExecutor, SmartLifecycle {

	private final String name;

	private final BoundedExecutor executor;

	private volatile boolean running = true;

	/**
	 * Create an executor.
	 * @param threads where its threads are from
	 * @param name the name of the bean, with which the names of its threads begin
	 * @param limit how many tasks run at once at most
	 * @param queueCapacity how many others it keeps at most
	 */
	public BoundedTaskExecutor(CooperativeThreads threads, String name, int limit, int queueCapacity) {
		this.name = name;
		this.executor = threads.executor(name + "-", limit, queueCapacity);
	}

	@Override
	public void execute(Runnable task) {
		try (Deadline.Scope scope = Deadline.replace(null)) {
			this.executor.execute(task);
		}
		catch (RejectedExecutionException ex) {
			throw new TaskRejectedException("Executor '" + this.name + "' refused a task: " + ex.getMessage(), ex);
		}
	}

	@Override
	public void start() {
		this.running = true;
	}

	@Override
	public void stop() {
		try {
			this.executor.awaitIdle();
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
		this.running = false;
	}

	/**
	 * Waits elsewhere, so that the time is that which Spring gives to each phase.
	 */
	@Override
	public void stop(Runnable callback) {
		Thread.ofVirtual().name(this.name + "-stop").start(() -> {
			try {
				stop();
			}
			finally {
				callback.run();
			}
		});
	}

	/**
	 * A paused application may still be used, as by a test that shares its context.
	 */
	@Override
	public boolean isPauseable() {
		return false;
	}

	@Override
	public boolean isRunning() {
		return this.running;
	}

	@Override
	public int getPhase() {
		return PoolDrain.PHASE + 1;
	}

}
