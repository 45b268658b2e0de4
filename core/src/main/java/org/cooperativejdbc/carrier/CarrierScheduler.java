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

import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.ForkJoinTask;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;

/**
 * What the JDK takes for the scheduler of virtual threads. It is a {@link ForkJoinPool}
 * in name only, without workers: since JDK 25 that is how a scheduler gets to keep timed
 * parks. The price is that since JDK 26 continuations come as tasks of such a pool
 * (<a href="https://bugs.openjdk.org/browse/JDK-8360046">JDK-8360046</a>), so that every
 * way into the pool leads to {@link #execute(Runnable)} here.
 */
abstract class CarrierScheduler extends ForkJoinPool {

	CarrierScheduler(int parallelism) {
		super(parallelism);
	}

	/**
	 * Add the continuation of a virtual thread. Called by the JDK, on any thread, where
	 * blocking is not allowed.
	 */
	@Override
	public abstract void execute(Runnable continuation);

	/**
	 * Run a task after a delay. Since JDK 25 virtual threads whose scheduler is a
	 * {@link ForkJoinPool} have it end their timed parks.
	 */
	public abstract ScheduledFuture<?> schedule(Runnable task, long delay, TimeUnit unit);

	@Override
	public final void execute(ForkJoinTask<?> task) {
		add(task);
	}

	@Override
	public final <T> ForkJoinTask<T> submit(ForkJoinTask<T> task) {
		return add(task);
	}

	@Override
	public final <T> ForkJoinTask<T> externalSubmit(ForkJoinTask<T> task) {
		return add(task);
	}

	@Override
	public final <T> ForkJoinTask<T> lazySubmit(ForkJoinTask<T> task) {
		return add(task);
	}

	private <T> ForkJoinTask<T> add(ForkJoinTask<T> task) {
		execute((task instanceof Runnable continuation) ? continuation : task::invoke);
		return task;
	}

}
