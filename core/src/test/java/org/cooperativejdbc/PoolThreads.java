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

package org.cooperativejdbc;

import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ThreadFactory;

/**
 * The kinds of threads that borrow connections.
 */
enum PoolThreads {

	PLATFORM(Thread.ofPlatform().daemon().factory()),

	VIRTUAL(Thread.ofVirtual().factory());

	private final ThreadFactory factory;

	PoolThreads(ThreadFactory factory) {
		this.factory = factory;
	}

	<T> CompletableFuture<T> run(Callable<T> task) {
		CompletableFuture<T> result = new CompletableFuture<>();
		this.factory.newThread(() -> {
			try {
				result.complete(task.call());
			}
			catch (Throwable ex) {
				result.completeExceptionally(ex);
			}
		}).start();
		return result;
	}

	static <T> T unwrapped(Callable<T> task) throws Exception {
		try {
			return task.call();
		}
		catch (ExecutionException ex) {
			throw (ex.getCause() instanceof Exception cause) ? cause : ex;
		}
	}

}
