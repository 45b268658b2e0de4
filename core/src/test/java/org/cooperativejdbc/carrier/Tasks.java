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

import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;

/**
 * Tasks on threads of their own.
 */
final class Tasks {

	private Tasks() {
	}

	static <T> T run(ThreadFactory factory, Callable<T> task) throws Exception {
		return start(factory, task).get(20, TimeUnit.SECONDS);
	}

	static <T> CompletableFuture<T> start(ThreadFactory factory, Callable<T> task) {
		CompletableFuture<T> result = new CompletableFuture<>();
		factory.newThread(() -> {
			try {
				result.complete(task.call());
			}
			catch (Throwable ex) {
				result.completeExceptionally(ex);
			}
		}).start();
		return result;
	}

	/**
	 * Return the name of the platform thread that carries the current one.
	 */
	static String carrier() {
		String thread = Thread.currentThread().toString();
		return thread.substring(thread.indexOf('@') + 1);
	}

}
