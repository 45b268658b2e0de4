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
import java.util.concurrent.CompletableFuture;

import org.jspecify.annotations.Nullable;

/**
 * A task on a thread of its own, which is interrupted when the future is canceled.
 */
final class Call<T extends @Nullable Object> extends CompletableFuture<T> implements Runnable {

	private final Context context = Context.capture();

	private final Callable<T> task;

	private volatile @Nullable Thread thread;

	Call(Callable<T> task) {
		this.task = task;
	}

	void startingOn(Thread thread) {
		this.thread = thread;
	}

	@Override
	public void run() {
		if (isDone()) {
			return;
		}
		T result;
		try {
			result = this.context.callOnNewThread(this.task);
		}
		catch (Throwable ex) {
			completeExceptionally(ex);
			return;
		}
		complete(result);
	}

	/**
	 * As everywhere in {@link CompletableFuture}, the argument has no effect.
	 */
	@Override
	public boolean cancel(boolean mayInterruptIfRunning) {
		boolean cancelled = super.cancel(mayInterruptIfRunning);
		Thread thread = this.thread;
		if (cancelled && thread != null) {
			thread.interrupt();
		}
		return cancelled;
	}

	/**
	 * What depends on this is no task.
	 */
	@Override
	public <U> CompletableFuture<U> newIncompleteFuture() {
		return new CompletableFuture<>();
	}

}
