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
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

import org.cooperativejdbc.pool.CooperativeDataSource;
import org.cooperativejdbc.pool.PoolOverloadedException;
import org.cooperativejdbc.pool.QueueLimits;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

/**
 * Tests for a {@link CooperativeDataSource} that refuses early.
 */
@Timeout(60)
class QueueLimitsTests {

	@RegisterExtension
	private final Pools pools = new Pools();

	@Test
	void refusesAtOnceWhenTooManyWait() throws Exception {
		CooperativeDataSource pool = this.pools.create(1, (config) -> {
		}, new QueueLimits(null, 1, null));
		try (Connection connection = pool.getConnection()) {
			CompletableFuture<Boolean> waiting = PoolThreads.VIRTUAL.run(() -> Pools.borrow(pool));
			Pools.awaitWaiting(pool, 1);
			assertThatExceptionOfType(PoolOverloadedException.class)
				.isThrownBy(() -> PoolThreads.unwrapped(() -> PoolThreads.PLATFORM.run(pool::getConnection).get()))
				.withMessage("test - Connection is not available, 1 threads wait already")
				.satisfies((ex) -> assertThat(ex.getRetryAfter()).isGreaterThanOrEqualTo(Duration.ofSeconds(1)))
				.satisfies((ex) -> assertThat(ex.getStackTrace()).isEmpty());
			connection.close();
			assertThat(waiting.get()).isTrue();
		}
	}

	@Test
	void refusesAfterMaxWait() throws Exception {
		CooperativeDataSource pool = this.pools.create(1, (config) -> {
		}, new QueueLimits(Duration.ofMillis(50), null, null));
		try (Connection connection = pool.getConnection()) {
			assertThatExceptionOfType(PoolOverloadedException.class)
				.isThrownBy(() -> PoolThreads.unwrapped(() -> PoolThreads.PLATFORM.run(pool::getConnection).get()))
				.withMessageEndingWith("no connection became free for 50 ms");
		}
	}

	/**
	 * The server hangs: the first may wait for as long as it is allowed to, those behind
	 * it have no chance.
	 */
	@Test
	void refusesAtOnceWhenNothingComesBack() throws Exception {
		CooperativeDataSource pool = this.pools.create(1, (config) -> {
		}, new QueueLimits(Duration.ofSeconds(2), null, null));
		try (Connection connection = pool.getConnection()) {
			List<CompletableFuture<String>> first = new ArrayList<>();
			for (int i = 0; i < 2; i++) {
				first.add(PoolThreads.VIRTUAL.run(() -> refusal(pool)));
			}
			Pools.awaitWaiting(pool, 2);
			for (CompletableFuture<String> each : first) {
				assertThat(each.get()).contains("no connection became free for 2000 ms");
			}
		}
	}

	private static String refusal(CooperativeDataSource pool) {
		try (Connection connection = pool.getConnection()) {
			return "served";
		}
		catch (SQLException ex) {
			return String.valueOf(ex.getMessage());
		}
	}

	/**
	 * What has been slow says nothing about what comes now.
	 */
	@Test
	void refusesNobodyOnAnIdlePoolBecauseOfWhatWasSlowBefore() throws Exception {
		CooperativeDataSource pool = this.pools.create(2, (config) -> {
		}, new QueueLimits(Duration.ofSeconds(20), null, null));
		try (Connection connection = pool.getConnection()) {
			long began = System.nanoTime();
			await().until(() -> System.nanoTime() - began > TimeUnit.MILLISECONDS.toNanos(500));
		}
		List<CompletableFuture<Boolean>> all = new ArrayList<>();
		for (int i = 0; i < 100; i++) {
			all.add(PoolThreads.VIRTUAL.run(() -> Pools.borrow(pool)));
		}
		for (CompletableFuture<Boolean> each : all) {
			assertThat(each.get()).isTrue();
		}
	}

}
