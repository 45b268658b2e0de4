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

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.cooperativejdbc.Deadline;

/**
 * Cancels a statement until its answer is there. The server ignores a request that comes
 * before it has read the statement, so the request is repeated, a few times and at
 * growing intervals, unless it passes through a pooler.
 */
final class Cancellation {

	private static final int MAX_REQUESTS = 6;

	private static final int GROWTH = 4;

	private static final long FIRST_INTERVAL_MILLIS = 10;

	private static final Log logger = LogFactory.getLog(Cancellation.class);

	private final CompletableFuture<Void> answered = new CompletableFuture<>();

	private final CompletableFuture<Void> ended = new CompletableFuture<>();

	private volatile boolean requested;

	/**
	 * Begin to cancel, on a thread of its own.
	 */
	Cancellation(StatementCanceller canceller, WaitSettings settings) {
		settings.cancelThreads().newThread(() -> cancel(canceller, settings.graceNanos())).start();
	}

	/**
	 * This thread has a deadline too, so that it ends. It is later than the end of the
	 * grace period of the thread that waits: a request that it gives up then may still
	 * reach the server.
	 */
	private void cancel(StatementCanceller canceller, long graceNanos) {
		try (Deadline.Scope scope = Deadline.after(Duration.ofNanos(graceNanos)).enter()) {
			long interval = FIRST_INTERVAL_MILLIS;
			int requests = canceller.isRepeatable() ? MAX_REQUESTS : 1;
			for (int i = 0; i < requests && !this.answered.isDone(); i++) {
				this.requested = true;
				canceller.cancel();
				awaitAnswer(interval);
				interval *= GROWTH;
			}
		}
		catch (Throwable ex) {
			logger.debug("Statement not canceled", ex);
		}
		finally {
			this.ended.complete(null);
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
	 * Tell that no more requests are needed, and wait until none is under way that could
	 * meet a later statement. The interrupt status is kept.
	 * @param nanos how long to wait at most
	 * @return {@code false} if a request is still under way
	 */
	boolean end(long nanos) {
		this.answered.complete(null);
		long until = System.nanoTime() + nanos;
		boolean interrupted = false;
		try {
			while (true) {
				try {
					this.ended.get(until - System.nanoTime(), TimeUnit.NANOSECONDS);
					return true;
				}
				catch (InterruptedException ex) {
					interrupted = true;
				}
			}
		}
		catch (TimeoutException | ExecutionException ex) {
			return false;
		}
		finally {
			if (interrupted) {
				Thread.currentThread().interrupt();
			}
		}
	}

	/**
	 * Return whether the server was asked at all.
	 */
	boolean isRequested() {
		return this.requested;
	}

}
