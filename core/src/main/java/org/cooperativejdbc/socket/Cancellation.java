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

package org.cooperativejdbc.socket;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;

/**
 * Cancels a statement until its answer is there. The server ignores a request that comes
 * before it has read the statement, so the request is repeated, at growing intervals.
 */
final class Cancellation {

	private static final int MAX_REQUESTS = 10;

	private static final long FIRST_INTERVAL_MILLIS = 10;

	private static final Log logger = LogFactory.getLog(Cancellation.class);

	private final CompletableFuture<Void> answered = new CompletableFuture<>();

	private final CompletableFuture<Boolean> ended = new CompletableFuture<>();

	/**
	 * Begin to cancel, on a platform thread: a virtual one would be carried by the event
	 * loop of the interrupted thread.
	 */
	Cancellation(StatementCanceller canceller) {
		Thread.ofPlatform().daemon().name("cooperative-jdbc-cancel").start(() -> cancel(canceller));
	}

	private void cancel(StatementCanceller canceller) {
		boolean requested = false;
		try {
			long interval = FIRST_INTERVAL_MILLIS;
			for (int i = 0; i < MAX_REQUESTS && !this.answered.isDone(); i++) {
				requested = true;
				canceller.cancel();
				awaitAnswer(interval);
				interval *= 2;
			}
		}
		catch (Throwable ex) {
			logger.debug("Statement of an interrupted thread not cancelled", ex);
		}
		finally {
			this.ended.complete(requested);
		}
	}

	private void awaitAnswer(long millis) throws InterruptedException, ExecutionException {
		try {
			this.answered.get(millis, TimeUnit.MILLISECONDS);
		}
		catch (TimeoutException ex) {
			// Next request
		}
	}

	/**
	 * Wait, when the answer is there, until no request is under way that could meet a
	 * later statement.
	 * @return {@code false} if the answer came before the first request
	 */
	boolean end() {
		this.answered.complete(null);
		return this.ended.join();
	}

}
