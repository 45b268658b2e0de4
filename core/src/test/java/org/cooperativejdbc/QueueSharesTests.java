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
import java.util.Map;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;

import org.cooperativejdbc.pool.CooperativeDataSource;
import org.cooperativejdbc.pool.PoolSettings;
import org.cooperativejdbc.pool.QueueLimits;
import org.cooperativejdbc.pool.QueueShares;
import org.cooperativejdbc.pool.RefusalReason;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.awaitility.Awaitility.await;

/**
 * Tests for a {@link CooperativeDataSource} whose places are divided among keys.
 */
@Timeout(60)
class QueueSharesTests {

	private static final int FLOOD = 400;

	private static final QueueShares SHARES = new QueueShares(Map.of(), 1, QueueSharesTests::current);

	@RegisterExtension
	private final Pools pools = new Pools();

	private final Queue<String> order = new ConcurrentLinkedQueue<>();

	private final List<CompletableFuture<?>> all = new ArrayList<>();

	private static @Nullable String current() {
		ShareKey key = ShareKey.current();
		return (key != null) ? key.value() : null;
	}

	private CooperativeDataSource create(int size, @Nullable QueueShares shares) {
		return this.pools.create(size, (config) -> {
		}, new QueueLimits(null, null, null, shares));
	}

	/**
	 * With shares, those who come after the flood take turns with it; without, as the
	 * control, they come after all of it.
	 */
	@ParameterizedTest
	@EnumSource
	void floodOfOneTenantLeavesTheOthersAlone(PoolThreads threads) throws Exception {
		assertThat(lastOfOthers(threads, SHARES)).isLessThan(FLOOD / 2);
		assertThat(lastOfOthers(threads, null)).isEqualTo(FLOOD + 9);
	}

	private int lastOfOthers(PoolThreads threads, @Nullable QueueShares shares) throws Exception {
		this.order.clear();
		CooperativeDataSource pool = create(1, shares);
		try (Connection connection = pool.getConnection()) {
			for (int i = 0; i < FLOOD; i++) {
				start(pool, threads, "flood");
			}
			Pools.awaitWaiting(pool, FLOOD);
			for (int i = 0; i < 5; i++) {
				start(pool, threads, "one");
				start(pool, threads, "other");
			}
			Pools.awaitWaiting(pool, FLOOD + 10);
		}
		end();
		List<String> served = List.copyOf(this.order);
		assertThat(served).hasSize(FLOOD + 10);
		return Math.max(served.lastIndexOf("one"), served.lastIndexOf("other"));
	}

	private void wait(CooperativeDataSource pool, PoolThreads threads, String key) {
		int waiting = pool.getThreadsInQueue();
		start(pool, threads, key);
		Pools.awaitWaiting(pool, waiting + 1);
	}

	private void start(CooperativeDataSource pool, PoolThreads threads, String key) {
		this.all.add(threads.run(() -> {
			try (ShareKey.Scope scope = new ShareKey(key).enter(); Connection connection = pool.getConnection()) {
				this.order.add(key);
			}
			return null;
		}));
	}

	private void end() throws Exception {
		CompletableFuture.allOf(this.all.toArray(CompletableFuture[]::new)).get();
		this.all.clear();
	}

	@Test
	void threadsWithoutAKeyAreServedInTheOrderOfArrival() throws Exception {
		CooperativeDataSource pool = create(1, SHARES);
		try (Connection connection = pool.getConnection()) {
			for (int i = 0; i < 20; i++) {
				int number = i;
				this.all.add(PoolThreads.VIRTUAL.run(() -> {
					try (Connection next = pool.getConnection()) {
						this.order.add("%02d".formatted(number));
					}
					return null;
				}));
				Pools.awaitWaiting(pool, i + 1);
			}
		}
		end();
		assertThat(List.copyOf(this.order)).hasSize(20).isSorted();
	}

	@Test
	void nobodyIsAskedWhereNobodyHasToWait() throws Exception {
		AtomicInteger asked = new AtomicInteger();
		CooperativeDataSource pool = create(2, new QueueShares(Map.of(), 1, () -> {
			asked.incrementAndGet();
			return null;
		}));
		for (int i = 0; i < 10; i++) {
			try (Connection one = pool.getConnection(); Connection other = pool.getConnection()) {
				assertThat(one).isNotSameAs(other);
			}
		}
		assertThat(asked).hasValue(0);
		try (Connection one = pool.getConnection(); Connection other = pool.getConnection()) {
			this.all.add(PoolThreads.VIRTUAL.run(() -> Pools.borrow(pool)));
			Pools.awaitWaiting(pool, 1);
		}
		end();
		assertThat(asked).hasValue(1);
	}

	/**
	 * As one that looks the tenant up.
	 */
	@Test
	void resolverMayBorrowAConnectionItself() throws Exception {
		AtomicReference<@Nullable CooperativeDataSource> self = new AtomicReference<>();
		CooperativeDataSource pool = create(1, new QueueShares(Map.of(), 1, () -> {
			try {
				return String.valueOf(Pools.borrow(Objects.requireNonNull(self.get())));
			}
			catch (SQLException ex) {
				throw new IllegalStateException(ex);
			}
		}));
		self.set(pool);
		try (Connection connection = pool.getConnection()) {
			for (int i = 0; i < 3; i++) {
				this.all.add(PoolThreads.VIRTUAL.run(() -> Pools.borrow(pool)));
				Pools.awaitWaiting(pool, i + 1);
			}
		}
		end();
	}

	@ParameterizedTest
	@ValueSource(booleans = { true, false })
	void resolverThatFailsIsOfNoConsequence(boolean error) throws Exception {
		CooperativeDataSource pool = create(1, new QueueShares(Map.of(), 1, () -> {
			if (error) {
				throw new AssertionError("on purpose");
			}
			throw new IllegalStateException("on purpose");
		}));
		try (Connection connection = pool.getConnection()) {
			this.all.add(PoolThreads.VIRTUAL.run(() -> Pools.borrow(pool)));
			Pools.awaitWaiting(pool, 1);
		}
		end();
	}

	@Test
	void threadThatHoldsAConnectionComesBeforeAllShares() throws Exception {
		CooperativeDataSource pool = create(2, SHARES);
		Connection one = pool.getConnection();
		CountDownLatch holds = new CountDownLatch(1);
		CountDownLatch nest = new CountDownLatch(1);
		this.all.add(PoolThreads.VIRTUAL.run(() -> {
			try (ShareKey.Scope scope = new ShareKey("flood").enter(); Connection outer = pool.getConnection()) {
				holds.countDown();
				nest.await();
				try (Connection inner = pool.getConnection()) {
					this.order.add("nested");
				}
			}
			return null;
		}));
		holds.await();
		wait(pool, PoolThreads.VIRTUAL, "other");
		nest.countDown();
		Pools.awaitWaiting(pool, 2);
		one.close();
		end();
		assertThat(this.order).containsExactly("nested", "other");
	}

	@Test
	void thoseWhoGiveUpLeaveTheirPlaceToOthers() throws Exception {
		CooperativeDataSource pool = create(1, SHARES);
		try (Connection connection = pool.getConnection()) {
			AtomicReference<@Nullable Thread> interrupted = new AtomicReference<>();
			CompletableFuture<String> first = PoolThreads.PLATFORM.run(() -> {
				interrupted.set(Thread.currentThread());
				return failure(pool, "impatient", Duration.ofSeconds(20));
			});
			Pools.awaitWaiting(pool, 1);
			CompletableFuture<String> late = PoolThreads.VIRTUAL
				.run(() -> failure(pool, "late", Duration.ofMillis(50)));
			assertThat(late.get(20, TimeUnit.SECONDS)).contains("request timed out after");
			wait(pool, PoolThreads.VIRTUAL, "impatient");
			Objects.requireNonNull(interrupted.get()).interrupt();
			assertThat(first.get(20, TimeUnit.SECONDS)).contains("Interrupted during connection acquisition");
		}
		end();
		assertThat(this.order).containsExactly("impatient");
	}

	private static String failure(CooperativeDataSource pool, String key, Duration time) {
		try (ShareKey.Scope share = new ShareKey(key).enter();
				Deadline.Scope deadline = Deadline.after(time).enter();
				Connection connection = pool.getConnection()) {
			return "served";
		}
		catch (SQLException ex) {
			return String.valueOf(ex.getMessage());
		}
	}

	@Test
	void fullQueueMakesRoomForTheOthers() throws Exception {
		CooperativeDataSource pool = this.pools.create(1, (config) -> {
		}, new QueueLimits(null, 4, null, SHARES));
		List<CompletableFuture<String>> flood = new ArrayList<>();
		try (Connection connection = pool.getConnection()) {
			for (int i = 0; i < 4; i++) {
				flood.add(PoolThreads.VIRTUAL.run(() -> failure(pool, "flood", Duration.ofSeconds(20))));
				Pools.awaitWaiting(pool, i + 1);
			}
			assertThat(PoolThreads.VIRTUAL.run(() -> failure(pool, "flood", Duration.ofSeconds(20))).get())
				.isEqualTo("test - Connection is not available, 4 threads wait already");
			CompletableFuture<String> other = PoolThreads.VIRTUAL
				.run(() -> failure(pool, "other", Duration.ofSeconds(20)));
			assertThat(flood.getLast().get(20, TimeUnit.SECONDS))
				.isEqualTo("test - Connection is not available, threads wait already that have a smaller share");
			assertThat(pool.getThreadsInQueue()).isEqualTo(4);
			assertThat(flood.subList(0, 3)).noneMatch(CompletableFuture::isDone);
			assertThat(other).isNotDone();
			this.all.addAll(flood.subList(0, 3));
			this.all.add(other);
		}
		end();
	}

	/**
	 * The flood is refused, because it would have to wait for too long, and others are
	 * not.
	 */
	@Test
	void expectedWaitIsThatOfTheOwnShare() throws Exception {
		CooperativeDataSource pool = this.pools.create(1, (config) -> {
		}, new QueueLimits(Duration.ofSeconds(10), null, null, SHARES));
		for (int i = 0; i < 12; i++) {
			this.all.add(PoolThreads.VIRTUAL.run(() -> {
				try (Connection connection = pool.getConnection()) {
					Thread.sleep(100);
				}
				return null;
			}));
		}
		end();
		try (Connection connection = pool.getConnection()) {
			for (int i = 0; i < 120; i++) {
				this.all.add(PoolThreads.VIRTUAL.run(() -> failure(pool, "flood", Duration.ofSeconds(20))));
			}
			await().until(
					() -> pool.getThreadsInQueue() + pool.queueFigures().refused(RefusalReason.EXPECTED_WAIT) == 120);
			assertThat(pool.queueFigures().refused(RefusalReason.EXPECTED_WAIT)).isPositive();
			wait(pool, PoolThreads.VIRTUAL, "other");
		}
		end();
		assertThat(this.order).containsExactly("other");
	}

	@Test
	void closedPoolEndsAllWaits() throws Exception {
		CooperativeDataSource pool = new CooperativeDataSource(Pools.config(1),
				new PoolSettings(new QueueLimits(null, null, null, SHARES), (thread) -> false, (connection) -> null,
						null, false, Duration.ofMillis(100), Duration.ofMillis(100)));
		this.pools.add(pool);
		List<CompletableFuture<String>> waiting = new ArrayList<>();
		CountDownLatch held = new CountDownLatch(1);
		CountDownLatch closed = new CountDownLatch(1);
		this.all.add(PoolThreads.PLATFORM.run(() -> {
			try (Connection connection = pool.getConnection()) {
				held.countDown();
				closed.await();
			}
			return null;
		}));
		held.await();
		for (String key : List.of("one", "one", "other")) {
			waiting.add(PoolThreads.VIRTUAL.run(() -> failure(pool, key, Duration.ofSeconds(20))));
		}
		Pools.awaitWaiting(pool, 3);
		pool.close();
		for (CompletableFuture<String> each : waiting) {
			assertThat(each.get(20, TimeUnit.SECONDS)).isNotEqualTo("served");
		}
		closed.countDown();
		end();
	}

	@Test
	void callTakesTheKeyAlong() throws Exception {
		try (Cooperative cooperative = Cooperative.start(CooperativeOptions.defaults());
				ShareKey.Scope scope = new ShareKey("gold").enter()) {
			assertThat(cooperative.call(ShareKey::current).get()).isEqualTo(new ShareKey("gold"));
			assertThat(cooperative.offload(ShareKey::current)).isEqualTo(new ShareKey("gold"));
		}
		assertThat(ShareKey.current()).isNull();
	}

	@Test
	void whatCannotBeIsRefused() {
		assertThatIllegalArgumentException().isThrownBy(() -> new ShareKey(""));
		assertThatIllegalArgumentException().isThrownBy(() -> new QueueShares(Map.of("gold", 0), 1, () -> null))
			.withMessage("The weight of 'gold' must be at least 1, but is 0");
		assertThatIllegalArgumentException().isThrownBy(() -> new QueueShares(Map.of(), 0, () -> null))
			.withMessage("The default weight must be at least 1, but is 0");
	}

}
