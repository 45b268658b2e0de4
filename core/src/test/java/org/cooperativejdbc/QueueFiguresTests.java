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
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

import org.cooperativejdbc.pool.CooperativeDataSource;
import org.cooperativejdbc.pool.InstalledPools;
import org.cooperativejdbc.pool.PoolOverloadedException;
import org.cooperativejdbc.pool.PoolSettings;
import org.cooperativejdbc.pool.QueueLimits;
import org.cooperativejdbc.pool.RefusalReason;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

/**
 * What the queue of a {@link CooperativeDataSource} counts.
 */
@Timeout(60)
class QueueFiguresTests {

	private static final Duration MOMENT = Duration.ofMillis(50);

	@RegisterExtension
	private final Pools pools = new Pools();

	@Test
	void waitsAreToldAndMeasuredWhateverListenersThrow() throws Exception {
		CooperativeDataSource pool = this.pools.create(1);
		Queue<Boolean> admitted = new ConcurrentLinkedQueue<>();
		pool.queueFigures().onWait((share) -> {
			throw new AssertionError("on purpose");
		});
		pool.queueFigures().onWait((share) -> (nanos, served) -> {
			throw new AssertionError("on purpose");
		});
		pool.queueFigures().onWait((share) -> (nanos, served) -> admitted.add(served));
		assertThat(Pools.borrow(pool)).isTrue();
		assertThat(admitted).isEmpty();
		assertThat(pool.unserved()).isZero();
		CompletableFuture<Boolean> waiting;
		try (Connection connection = pool.getConnection()) {
			waiting = PoolThreads.VIRTUAL.run(() -> Pools.borrow(pool));
			await().until(() -> pool.unserved().compareTo(MOMENT) > 0);
			assertThatExceptionOfType(SQLException.class)
				.isThrownBy(() -> PoolThreads.unwrapped(() -> PoolThreads.VIRTUAL.run(() -> late(pool)).get()));
			assertThat(admitted).containsExactly(false);
		}
		assertThat(waiting.get()).isTrue();
		assertThat(admitted).containsExactly(false, true);
		assertThat(pool.unserved()).isZero();
		assertThat(pool.queueFigures().longestWait()).isGreaterThan(MOMENT);
	}

	private static boolean late(CooperativeDataSource pool) throws SQLException {
		try (Deadline.Scope scope = Deadline.after(Duration.ofMillis(1)).enter()) {
			return Pools.borrow(pool);
		}
	}

	@Test
	void somebodyIsServedAsLongAsTheQueueMoves() throws Exception {
		CooperativeDataSource pool = this.pools.create(1);
		CountDownLatch served = new CountDownLatch(1);
		CountDownLatch released = new CountDownLatch(1);
		CompletableFuture<Boolean> first;
		CompletableFuture<Boolean> second;
		long began;
		try (Connection connection = pool.getConnection()) {
			first = PoolThreads.VIRTUAL.run(() -> {
				try (Connection next = pool.getConnection()) {
					served.countDown();
					return released.await(20, TimeUnit.SECONDS);
				}
			});
			Pools.awaitWaiting(pool, 1);
			second = PoolThreads.VIRTUAL.run(() -> Pools.borrow(pool));
			Pools.awaitWaiting(pool, 2);
			await().until(() -> pool.unserved().compareTo(MOMENT) > 0);
			began = System.nanoTime();
		}
		served.await();
		assertThat(pool.unserved()).isPositive().isLessThan(Duration.ofNanos(System.nanoTime() - began));
		released.countDown();
		assertThat(first.get()).isTrue();
		assertThat(second.get()).isTrue();
	}

	@Test
	void refusalsAreCountedByTheirReason() throws Exception {
		CooperativeDataSource few = this.pools.create(1, (config) -> {
		}, new QueueLimits(null, 0, null));
		try (Connection connection = few.getConnection()) {
			assertRefused(few);
		}
		assertThat(few.queueFigures().refused(RefusalReason.MAX_WAITING)).isEqualTo(1);
		CooperativeDataSource nested = this.pools.create(1);
		try (Connection connection = nested.getConnection()) {
			assertThatExceptionOfType(SQLException.class).isThrownBy(nested::getConnection);
		}
		assertThat(nested.queueFigures().refused(RefusalReason.DEADLOCK)).isEqualTo(1);
		CooperativeDataSource onLoop = new CooperativeDataSource(Pools.config(1), new PoolSettings(QueueLimits.NONE,
				(thread) -> true, (connection) -> null, null, false, Duration.ZERO, Duration.ZERO));
		this.pools.add(onLoop);
		assertThatExceptionOfType(SQLException.class)
			.isThrownBy(() -> PoolThreads.unwrapped(() -> PoolThreads.PLATFORM.run(() -> Pools.borrow(onLoop)).get()));
		assertThat(onLoop.queueFigures().refused(RefusalReason.EVENT_LOOP)).isEqualTo(1);
	}

	/**
	 * Nothing comes back. The first waits in vain; when the third comes, that is known,
	 * and the second still waits.
	 */
	@Test
	void refusalsForTheTimeOfTheWaitAreCountedByTheirReason() throws Exception {
		CooperativeDataSource pool = this.pools.create(1, (config) -> {
		}, new QueueLimits(Duration.ofSeconds(3), null, null));
		try (Connection connection = pool.getConnection()) {
			CompletableFuture<Boolean> first = PoolThreads.VIRTUAL.run(() -> Pools.borrow(pool));
			await().until(() -> pool.unserved().toMillis() > 1500);
			CompletableFuture<Boolean> second = PoolThreads.VIRTUAL.run(() -> Pools.borrow(pool));
			await().until(first::isCompletedExceptionally);
			assertThat(pool.queueFigures().refused(RefusalReason.MAX_WAIT)).isEqualTo(1);
			assertRefused(pool);
			assertThat(pool.queueFigures().refused(RefusalReason.EXPECTED_WAIT)).isEqualTo(1);
			await().until(second::isCompletedExceptionally);
			assertThat(pool.queueFigures().refused(RefusalReason.MAX_WAIT)).isEqualTo(2);
		}
	}

	private static void assertRefused(CooperativeDataSource pool) {
		assertThatExceptionOfType(PoolOverloadedException.class)
			.isThrownBy(() -> PoolThreads.unwrapped(() -> PoolThreads.PLATFORM.run(() -> Pools.borrow(pool)).get()));
	}

	@Test
	void reasonsAreNamedAsInTheDocumentation() {
		assertThat(RefusalReason.values()).extracting(RefusalReason::toString)
			.containsExactly("max-waiting", "expected-wait", "max-wait", "deadlock", "event-loop");
	}

	@Test
	void poolsAreToldWhetherTheyComeBeforeOrAfterTheListener() {
		InstalledPools installed = new InstalledPools();
		Queue<String> told = new ConcurrentLinkedQueue<>();
		CooperativeDataSource first = this.pools.create(1);
		CooperativeDataSource second = this.pools.create(1);
		installed.add("first", first);
		installed.onAdd((name, pool) -> {
			throw new IllegalStateException("on purpose");
		});
		installed.onAdd((name, pool) -> told.add(name));
		installed.add("second", second);
		assertThat(told).containsExactly("first", "second");
		first.close();
		told.clear();
		installed.forEachOpen((name, pool) -> told.add(name));
		assertThat(told).containsExactly("second");
		assertThat(installed.all()).containsExactlyInAnyOrder(first, second);
	}

}
