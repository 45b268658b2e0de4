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
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

import org.cooperativejdbc.pool.CooperativeDataSource;
import org.cooperativejdbc.pool.PoolSettings;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Tests for interrupted threads that give connections back, which an interrupt costs no
 * more.
 */
@Timeout(60)
class InterruptedReturnTests {

	@RegisterExtension
	private final Pools pools = new Pools();

	/**
	 * A platform thread hands a connection to a virtual one, which cannot run yet. Until
	 * it runs, HikariCP counts it among those that wait, and all who give back yield.
	 * They are enough to keep all carriers busy, if none of them parks.
	 */
	@Test
	void letThoseRunThatWereHandedAConnection() throws Exception {
		int count = 3 * Runtime.getRuntime().availableProcessors();
		CooperativeDataSource pool = new CooperativeDataSource(Pools.config(count + 1), new PoolSettings(null,
				(thread) -> false, (connection) -> null, null, false, Duration.ofSeconds(30), Duration.ofSeconds(5)));
		this.pools.add(pool);
		Connection handedOver = pool.getConnection();
		CountDownLatch holding = new CountDownLatch(count);
		CountDownLatch yield = new CountDownLatch(1);
		CountDownLatch yielding = new CountDownLatch(count);
		AtomicBoolean giveBack = new AtomicBoolean();
		List<CompletableFuture<Boolean>> interrupted = new ArrayList<>();
		for (int i = 0; i < count; i++) {
			interrupted.add(PoolThreads.VIRTUAL.run(() -> {
				try (Connection connection = pool.getConnection()) {
					holding.countDown();
					yield.await();
					Thread.currentThread().interrupt();
					yielding.countDown();
					while (!giveBack.get()) {
						Thread.yield();
					}
				}
				return Thread.interrupted();
			}));
		}
		holding.await();
		CompletableFuture<Boolean> waiting = PoolThreads.VIRTUAL.run(() -> Pools.borrow(pool));
		await().until(() -> pool.getHikariPoolMXBean().getThreadsAwaitingConnection() == 1);
		yield.countDown();
		yielding.await();
		handedOver.close();
		giveBack.set(true);
		try {
			assertThat(waiting.get(20, TimeUnit.SECONDS)).isTrue();
		}
		finally {
			pool.getHikariPoolMXBean().softEvictConnections();
		}
		for (CompletableFuture<Boolean> each : interrupted) {
			assertThat(each.get()).as("status").isTrue();
		}
	}

}
