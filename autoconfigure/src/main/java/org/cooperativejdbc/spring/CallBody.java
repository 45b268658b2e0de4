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

import java.lang.reflect.UndeclaredThrowableException;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;

import org.aopalliance.intercept.MethodInvocation;
import org.cooperativejdbc.door.Waits;
import org.jspecify.annotations.Nullable;

/**
 * The body of a method with {@link CooperativeCall}, on the thread that calls it.
 */
class CallBody {

	/**
	 * The thread has a deadline, or it has none.
	 */
	static final Duration FOREVER = Duration.ofDays(36_500);

	private static final ThreadLocal<@Nullable CallBody> current = new ThreadLocal<>();

	/**
	 * Return the body that the current thread calls.
	 */
	static @Nullable CallBody current() {
		return current.get();
	}

	/**
	 * Call the method on the current thread, and wait for what it returns. Advice may
	 * have it called then only.
	 */
	@Nullable Object call(MethodInvocation invocation) throws Exception {
		current.set(this);
		try {
			return finish(invocation.proceed());
		}
		catch (Exception | Error ex) {
			throw ex;
		}
		catch (Throwable ex) {
			throw new UndeclaredThrowableException(ex);
		}
		finally {
			current.remove();
		}
	}

	/**
	 * Wait for what the method has returned.
	 * @return the result of a future
	 */
	@Nullable Object finish(@Nullable Object returned) throws Exception {
		return result(returned);
	}

	/**
	 * Wait for what the body has returned.
	 * @return what takes its place for the other advice
	 */
	@Nullable Object take(@Nullable Object returned) throws Exception {
		return CompletableFuture.completedFuture(result(returned));
	}

	private static @Nullable Object result(@Nullable Object returned) throws Exception {
		if (!(returned instanceof CompletionStage<?> stage)) {
			throw new IllegalStateException("A method with @CooperativeCall returned " + returned);
		}
		return await(() -> Waits.await(stage, FOREVER));
	}

	/**
	 * Wait for a result. That a wait ends early is no checked exception, with which a
	 * transaction would be committed.
	 */
	static @Nullable Object await(Callable<? extends @Nullable Object> result) throws Exception {
		try {
			return result.call();
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			throw new IllegalStateException("Interrupted while the result was waited for", ex);
		}
		catch (TimeoutException ex) {
			throw new IllegalStateException("Deadline passed while the result was waited for", ex);
		}
		catch (ExecutionException ex) {
			if (ex.getCause() instanceof Error error) {
				throw error;
			}
			throw (ex.getCause() instanceof Exception cause) ? cause : ex;
		}
	}

}
