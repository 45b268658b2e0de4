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

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;

import org.cooperativejdbc.pool.CooperativeDataSource;
import org.cooperativejdbc.pool.PoolSettings;
import org.cooperativejdbc.pool.QueueLimits;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests for closing a {@link CooperativeDataSource}.
 */
@Timeout(60)
class PoolCloseTests {

	@RegisterExtension
	private final Pools pools = new Pools();

	@Test
	void closingWaitsForConnectionsThatAreOutAndThreadsThatWait() throws Exception {
		CooperativeDataSource pool = this.pools.create(1);
		CountDownLatch proceed = new CountDownLatch(1);
		CountDownLatch holds = new CountDownLatch(1);
		CompletableFuture<Boolean> holder = PoolThreads.VIRTUAL.run(() -> {
			try (Connection connection = pool.getConnection()) {
				holds.countDown();
				proceed.await();
				return connection.isValid(1);
			}
		});
		holds.await();
		CompletableFuture<Boolean> waiting = PoolThreads.VIRTUAL.run(() -> Pools.borrow(pool));
		Pools.awaitWaiting(pool, 1);
		CompletableFuture<?> close = PoolThreads.PLATFORM.run(() -> {
			pool.close();
			return null;
		});
		assertThat(borrowInThread(pool, proceed)).isTrue();
		assertThat(holder.get()).isTrue();
		assertThat(waiting.get()).isTrue();
		close.get();
		assertThatExceptionOfType(SQLException.class).isThrownBy(pool::getConnection)
			.withMessageContaining("has been closed");
	}

	private boolean borrowInThread(CooperativeDataSource pool, CountDownLatch proceed) throws Exception {
		CompletableFuture<Boolean> late = PoolThreads.VIRTUAL.run(() -> Pools.borrow(pool));
		Pools.awaitWaiting(pool, 2);
		proceed.countDown();
		return late.get();
	}

	@Test
	void closingDoesNotWaitForAConnectionOnWhichNothingHappens() throws Exception {
		CooperativeDataSource pool = new CooperativeDataSource(Pools.config(1), new PoolSettings(QueueLimits.NONE,
				(thread) -> false, (connection) -> null, null, false, Duration.ofMinutes(5), Duration.ofMillis(100)));
		PoolThreads.VIRTUAL.run(pool::getConnection).get();
		CompletableFuture<Boolean> waiting = PoolThreads.VIRTUAL.run(() -> Pools.borrow(pool));
		Pools.awaitWaiting(pool, 1);
		long began = System.nanoTime();
		pool.close();
		assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(30));
		assertThat(waiting).failsWithin(Duration.ofSeconds(10));
	}

}
