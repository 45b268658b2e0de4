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

package org.cooperativejdbc.pool;

import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for the wait of {@link PoolQueue} for the connections that are out.
 */
class PoolQueueCloseTests {

	private static final int ROUNDS = 20_000;

	private static final Duration LONG = Duration.ofSeconds(20);

	/**
	 * The place that comes back last is on its way to the thread that waits for it.
	 */
	@Test
	void threadThatWaitsIsWaitedForWhateverTheMomentTheLastConnectionComesBack() throws Exception {
		try (ExecutorService threads = Executors.newFixedThreadPool(2)) {
			for (int round = 0; round < ROUNDS; round++) {
				PoolQueue queue = new PoolQueue(() -> "pool", () -> 1, QueueLimits.NONE, (borrow) -> {
				}, () -> {
				});
				Borrow held = Objects.requireNonNull(queue.enter(LONG.toNanos()));
				CompletableFuture<Integer> waiting = CompletableFuture.supplyAsync(() -> borrow(queue), threads);
				while (queue.waiting() == 0) {
					Thread.onSpinWait();
				}
				CompletableFuture<Integer> left = CompletableFuture.supplyAsync(() -> awaitReturn(queue), threads);
				queue.giveBack(held);
				assertThat(left.get(20, TimeUnit.SECONDS)).as("threads that wait, in round %d", round).isZero();
				assertThat(waiting.get(20, TimeUnit.SECONDS)).isOne();
			}
		}
	}

	private static int borrow(PoolQueue queue) {
		try {
			queue.giveBack(Objects.requireNonNull(queue.enter(LONG.toNanos())));
			return 1;
		}
		catch (Exception ex) {
			throw new IllegalStateException(ex);
		}
	}

	private static int awaitReturn(PoolQueue queue) {
		try {
			queue.awaitReturn(LONG, LONG);
			return queue.waiting();
		}
		catch (InterruptedException ex) {
			throw new IllegalStateException(ex);
		}
	}

}
