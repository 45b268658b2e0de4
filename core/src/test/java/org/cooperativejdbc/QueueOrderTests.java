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
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;

import org.cooperativejdbc.pool.CooperativeDataSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for the order in which threads get the connections of a
 * {@link CooperativeDataSource}.
 */
@Timeout(60)
class QueueOrderTests {

	@RegisterExtension
	private final Pools pools = new Pools();

	@ParameterizedTest
	@EnumSource
	void connectionsAreGivenInTheOrderOfArrival(PoolThreads threads) throws Exception {
		CooperativeDataSource pool = this.pools.create(1);
		Queue<Integer> order = new ConcurrentLinkedQueue<>();
		List<CompletableFuture<?>> all = new ArrayList<>();
		Connection first = pool.getConnection();
		for (int i = 0; i < 20; i++) {
			int number = i;
			all.add(threads.run(() -> {
				try (Connection connection = pool.getConnection()) {
					order.add(number);
				}
				return null;
			}));
			Pools.awaitWaiting(pool, i + 1);
		}
		first.close();
		CompletableFuture.allOf(all.toArray(CompletableFuture[]::new)).get();
		assertThat(List.copyOf(order)).hasSize(20).isSorted();
	}

	@Test
	void threadThatHoldsAConnectionComesBeforeThoseThatHoldNone() throws Exception {
		CooperativeDataSource pool = this.pools.create(2);
		Queue<String> order = new ConcurrentLinkedQueue<>();
		Connection one = pool.getConnection();
		CountDownLatch holds = new CountDownLatch(1);
		CountDownLatch nest = new CountDownLatch(1);
		CompletableFuture<?> nested = PoolThreads.VIRTUAL.run(() -> {
			try (Connection outer = pool.getConnection()) {
				holds.countDown();
				nest.await();
				try (Connection inner = pool.getConnection()) {
					order.add("nested");
				}
			}
			return null;
		});
		holds.await();
		CompletableFuture<?> plain = PoolThreads.VIRTUAL.run(() -> {
			try (Connection connection = pool.getConnection()) {
				order.add("plain");
			}
			return null;
		});
		Pools.awaitWaiting(pool, 1);
		nest.countDown();
		Pools.awaitWaiting(pool, 2);
		one.close();
		CompletableFuture.allOf(nested, plain).get();
		assertThat(order).containsExactly("nested", "plain");
	}

	@ParameterizedTest
	@EnumSource
	void newestFailsAtOnceIfEveryConnectionIsHeldByAThreadThatWaits(PoolThreads threads) throws Exception {
		CooperativeDataSource pool = this.pools.create(3);
		CyclicBarrier allHold = new CyclicBarrier(3);
		List<CompletableFuture<String>> all = new ArrayList<>();
		long began = System.nanoTime();
		for (int i = 0; i < 3; i++) {
			all.add(threads.run(() -> order(pool, allHold)));
		}
		List<String> outcomes = new ArrayList<>();
		for (CompletableFuture<String> outcome : all) {
			outcomes.add(outcome.get());
		}
		assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(10));
		assertThat(outcomes).filteredOn("audited"::equals).hasSize(2);
		assertThat(outcomes).filteredOn((outcome) -> !"audited".equals(outcome))
			.singleElement()
			.asString()
			.contains("test - Connection is not available, all 3 connections are held by threads that wait for another")
			.contains(getClass().getName() + "#audit, called from " + getClass().getName() + "#order");
	}

	private static String order(CooperativeDataSource pool, CyclicBarrier allHold) throws Exception {
		try (Connection outer = pool.getConnection()) {
			allHold.await();
			return audit(pool);
		}
	}

	private static String audit(CooperativeDataSource pool) throws SQLException {
		try (Connection inner = pool.getConnection()) {
			return "audited";
		}
		catch (SQLTransientConnectionException ex) {
			return String.valueOf(ex.getMessage());
		}
	}

	@Test
	void threadsThatBorrowASecondConnectionAgainAndAgainAllGetIt() throws Exception {
		CooperativeDataSource pool = this.pools.create(4);
		try (Connection outer = pool.getConnection();
				Connection one = pool.getConnection();
				Connection two = pool.getConnection();
				Connection last = pool.getConnection()) {
			assertThat(pool.getPlacesTaken()).isEqualTo(4);
		}
		List<CompletableFuture<Integer>> clients = new ArrayList<>();
		for (int i = 0; i < 40; i++) {
			clients.add(PoolThreads.VIRTUAL.run(() -> {
				int audited = 0;
				for (int j = 0; j < 5; j++) {
					try (Connection outer = pool.getConnection(); Connection inner = pool.getConnection()) {
						audited++;
					}
				}
				return audited;
			}));
		}
		for (CompletableFuture<Integer> client : clients) {
			assertThat(client.get()).isEqualTo(5);
		}
	}

	@Test
	void growingPoolAdmitsThoseThatWait() throws Exception {
		CooperativeDataSource pool = this.pools.create(1);
		try (Connection connection = pool.getConnection()) {
			CompletableFuture<Boolean> waiting = PoolThreads.VIRTUAL.run(() -> Pools.borrow(pool));
			Pools.awaitWaiting(pool, 1);
			pool.setMaximumPoolSize(2);
			assertThat(waiting.get()).isTrue();
		}
	}

	@Test
	void shrinkingPoolAdmitsNoMoreThanItsSize() throws Exception {
		CooperativeDataSource pool = this.pools.create(3);
		Connection one = pool.getConnection();
		Connection two = pool.getConnection();
		pool.setMaximumPoolSize(1);
		CompletableFuture<Boolean> waiting = PoolThreads.VIRTUAL.run(() -> Pools.borrow(pool));
		Pools.awaitWaiting(pool, 1);
		one.close();
		assertThat(waiting).isNotDone();
		two.close();
		assertThat(waiting.get()).isTrue();
	}

}
