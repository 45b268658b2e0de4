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
import java.sql.SQLTransientConnectionException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;

import com.zaxxer.hikari.metrics.micrometer.MicrometerMetricsTrackerFactory;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import org.cooperativejdbc.pool.CooperativeDataSource;
import org.cooperativejdbc.pool.QueueLimits;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

/**
 * Tests for what ends the wait for a connection of a {@link CooperativeDataSource} that
 * does not become free.
 */
@Timeout(60)
class QueueWaitEndTests {

	@RegisterExtension
	private final Pools pools = new Pools();

	@Test
	void timeoutIsThatOfHikari() throws Exception {
		SimpleMeterRegistry registry = new SimpleMeterRegistry();
		CooperativeDataSource pool = this.pools.create(1, (config) -> config.setConnectionTimeout(300),
				QueueLimits.NONE);
		pool.setMetricsTrackerFactory(new MicrometerMetricsTrackerFactory(registry));
		try (Connection connection = pool.getConnection()) {
			assertThatExceptionOfType(SQLTransientConnectionException.class)
				.isThrownBy(() -> PoolThreads.unwrapped(() -> PoolThreads.PLATFORM.run(pool::getConnection).get()))
				.withMessageMatching(
						"test - Connection is not available, request timed out after ([3-9]\\d\\d|\\d{4,})ms "
								+ "\\(total=1, active=1, idle=0, waiting=0\\)");
		}
		assertThat(registry.get("hikaricp.connections.timeout").counter().count()).isEqualTo(1);
	}

	@Test
	void timeInWhichThePoolIsSuspendedDoesNotCount() throws Exception {
		CooperativeDataSource pool = this.pools.create(1, (config) -> {
			config.setAllowPoolSuspension(true);
			config.setConnectionTimeout(1000);
		}, QueueLimits.NONE);
		Connection connection = pool.getConnection();
		pool.getHikariPoolMXBean().suspendPool();
		CompletableFuture<Boolean> waiting = PoolThreads.PLATFORM.run(() -> Pools.borrow(pool));
		Pools.awaitWaiting(pool, 1);
		long began = System.nanoTime();
		await().until(() -> System.nanoTime() - began > TimeUnit.MILLISECONDS.toNanos(1500));
		assertThat(waiting).isNotDone();
		connection.close();
		pool.getHikariPoolMXBean().resumePool();
		assertThat(waiting.get()).isTrue();
	}

	@Test
	void interruptEndsTheWaitAsInHikari() throws Exception {
		CooperativeDataSource pool = this.pools.create(1);
		AtomicReference<Thread> thread = new AtomicReference<>();
		try (Connection connection = pool.getConnection()) {
			CompletableFuture<Boolean> interrupted = PoolThreads.VIRTUAL.run(() -> {
				thread.set(Thread.currentThread());
				assertThatExceptionOfType(SQLException.class).isThrownBy(pool::getConnection)
					.withMessage("test - Interrupted during connection acquisition")
					.withCauseInstanceOf(InterruptedException.class);
				return Thread.interrupted();
			});
			Pools.awaitWaiting(pool, 1);
			thread.get().interrupt();
			assertThat(interrupted.get()).as("status").isTrue();
		}
	}

	@Test
	void interruptedThreadGetsAConnectionThatIsFreeAsFromHikari() throws Exception {
		CooperativeDataSource pool = this.pools.create(1);
		assertThat(Pools.borrow(pool)).isTrue();
		Thread.currentThread().interrupt();
		assertThat(Pools.borrow(pool)).isTrue();
		assertThat(Thread.interrupted()).isTrue();
	}

	@Test
	void deadlineOfTheThreadEndsTheWait() throws Exception {
		CooperativeDataSource pool = this.pools.create(1);
		try (Connection connection = pool.getConnection()) {
			CompletableFuture<Duration> waited = PoolThreads.VIRTUAL.run(() -> {
				long began = System.nanoTime();
				try (Deadline.Scope scope = Deadline.after(Duration.ofMillis(200)).enter()) {
					assertThatExceptionOfType(SQLTransientConnectionException.class).isThrownBy(pool::getConnection);
				}
				return Duration.ofNanos(System.nanoTime() - began);
			});
			assertThat(waited.get()).isBetween(Duration.ofMillis(200), Duration.ofSeconds(10));
		}
	}

}
