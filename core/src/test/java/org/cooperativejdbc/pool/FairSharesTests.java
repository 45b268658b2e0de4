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

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.PriorityQueue;
import java.util.Queue;
import java.util.Random;
import java.util.Set;
import java.util.function.LongSupplier;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link FairShares}, without threads and clocks.
 */
class FairSharesTests {

	private static final long TURN = FairShares.TURN_NANOS;

	private static final long LOOK = PoolQueue.LOOK_NANOS;

	private final Set<PoolWaiter> queue = new LinkedHashSet<>();

	private final Map<PoolWaiter, String> keys = new LinkedHashMap<>();

	private long now;

	@Test
	void placesAreDividedByWeight() {
		FairShares shares = shares(Map.of("gold", 3));
		arrive(shares, "silver", 100);
		arrive(shares, "gold", 100);
		List<String> served = serve(shares, 40, TURN);
		assertThat(served).filteredOn("gold"::equals).hasSize(30);
		assertThat(served.subList(0, 8)).filteredOn("gold"::equals).hasSize(6);
	}

	@Test
	void oneKeyIsServedInTheOrderOfArrival() {
		FairShares shares = shares(Map.of());
		List<PoolWaiter> arrived = arrive(shares, "only", 20);
		for (PoolWaiter waiter : arrived) {
			assertThat(shares.next()).isSameAs(waiter);
			serve(shares, 1, TURN);
		}
		assertThat(shares.known()).isZero();
	}

	@Test
	void keyThatBeginsToWaitIsNext() {
		FairShares shares = shares(Map.of());
		arrive(shares, "flood", 100);
		serve(shares, 10, 20 * TURN);
		arrive(shares, "other", 1);
		assertThat(serve(shares, 1, TURN)).containsExactly("other");
	}

	@Test
	void timeInWhichAKeyAskedForNothingIsNotSavedUp() {
		FairShares shares = shares(Map.of());
		arrive(shares, "one", 2000);
		serve(shares, 1000, TURN);
		arrive(shares, "other", 1000);
		assertThat(serve(shares, 20, TURN)).filteredOn("other"::equals).hasSize(10);
	}

	/**
	 * It is remembered because it still holds a connection.
	 */
	@Test
	void timeOfAKeyThatIsRememberedIsNotSavedUp() {
		FairShares shares = shares(Map.of());
		arrive(shares, "other", 1);
		Borrow held = admit(shares);
		arrive(shares, "one", 2000);
		serve(shares, 1000, TURN);
		arrive(shares, "other", 1000);
		assertThat(serve(shares, 20, TURN)).filteredOn("other"::equals).hasSizeBetween(9, 11);
		shares.giveBack(held, this.now);
	}

	@Test
	void timeForWhichConnectionsAreHeldIsDivided() {
		FairShares shares = shares(Map.of());
		arrive(shares, "reports", 1000);
		arrive(shares, "lookups", 1000);
		long reports = 0;
		long lookups = 0;
		for (int i = 0; i < 500; i++) {
			boolean report = "reports".equals(this.keys.get(shares.next()));
			serve(shares, 1, report ? 100 * TURN : 2 * TURN);
			reports += report ? 100 : 0;
			lookups += report ? 0 : 2;
		}
		assertThat(lookups).isBetween(reports - 100, reports + 100);
	}

	/**
	 * It is not known before how long connections are held.
	 */
	@Test
	void connectionIsChargedWhileItIsHeld() {
		FairShares shares = shares(Map.of());
		arrive(shares, "reports", 10);
		arrive(shares, "lookups", 100);
		Borrow report = admit(shares);
		serve(shares, 1, 2 * TURN);
		this.now += 50 * TURN;
		shares.charge(report, this.now);
		assertThat(serve(shares, 20, 2 * TURN)).containsOnly("lookups");
		shares.giveBack(report, this.now);
	}

	/**
	 * As many as places, and one more that has to wait for its second turn.
	 */
	@Test
	void keysThatComeAnewKeepNobodyFromItsTurn() {
		FairShares shares = shares(Map.of());
		arrive(shares, "patient", 2);
		serve(shares, 1, 20 * TURN);
		List<String> served = new ArrayList<>();
		for (int i = 0; i < 200; i++) {
			arrive(shares, "new" + i, 1);
			if (i > 2) {
				served.addAll(serve(shares, 1, 20 * TURN));
			}
		}
		assertThat(served.indexOf("patient")).isBetween(0, 20);
	}

	@Test
	void keysAreForgotten() {
		FairShares shares = shares(Map.of());
		arrive(shares, "flood", 1000);
		int known = 0;
		for (int i = 0; i < 50_000; i++) {
			arrive(shares, "new" + i, 1);
			arrive(shares, "flood", 1);
			serve(shares, 2, TURN);
			known = Math.max(known, shares.known());
		}
		assertThat(known).isLessThan(200);
		serve(shares, this.queue.size(), TURN);
		assertThat(shares.known()).isZero();
	}

	@Test
	void keyIsForgottenWhenThoseWhoWaitLeave() {
		FairShares shares = shares(Map.of());
		List<PoolWaiter> waiters = arrive(shares, "impatient", 3);
		waiters.forEach(shares::remove);
		assertThat(shares.known()).isZero();
	}

	@Test
	void whoComesWaitsForOneRoundAtMost() {
		FairShares shares = shares(Map.of("gold", 2));
		assertThat(shares.places("gold")).isEqualTo(1);
		arrive(shares, "flood", 1000);
		assertThat(shares.places("flood")).isEqualTo(1001);
		assertThat(shares.places("other")).isEqualTo(2);
		assertThat(shares.places("gold")).isEqualTo(2);
		arrive(shares, "other", 3);
		assertThat(shares.places("other")).isEqualTo(8);
	}

	@Test
	void fullQueueMakesRoomForWhoHasHadLessThanItsPart() {
		FairShares shares = shares(Map.of());
		List<PoolWaiter> flood = arrive(shares, "flood", 10);
		assertThat(shares.crowded("flood", 10)).isNull();
		assertThat(shares.crowded("other", 10)).isSameAs(flood.getLast());
		arrive(shares, "other", 5);
		assertThat(shares.crowded("other", 10)).isNull();
	}

	/**
	 * Prints how long three tenants wait whose requests come now and then, while a fourth
	 * one never has fewer than 200 that wait.
	 */
	@Test
	void floodOfOneTenantLeavesTheTailOfTheOthersAlone() {
		System.out.println("| flood | order | p50 ms | p99 ms | longest ms |");
		for (long flooding : new long[] { 20, 2000 }) {
			Tail arrival = new Simulation(null, flooding).run();
			Tail shares = new Simulation(new FairShares(settings(Map.of())), flooding).run();
			System.out.printf(Locale.ROOT, "| 200 of %d ms | of arrival | %s |%n| | by shares | %s |%n", flooding,
					arrival, shares);
			assertThat(shares.p99()).isLessThan(arrival.p99() / 20);
		}
	}

	private static FairShares shares(Map<String, Integer> weights) {
		return new FairShares(settings(weights));
	}

	private static QueueShares settings(Map<String, Integer> weights) {
		return new QueueShares(weights, 1, () -> null);
	}

	private List<PoolWaiter> arrive(FairShares shares, String key, int count) {
		List<PoolWaiter> waiters = new ArrayList<>();
		for (int i = 0; i < count; i++) {
			PoolWaiter waiter = new PoolWaiter(this.queue, 0, new StackTraceElement[0]);
			shares.add(waiter, key);
			this.keys.put(waiter, key);
			waiters.add(waiter);
		}
		return waiters;
	}

	private Borrow admit(FairShares shares) {
		PoolWaiter next = shares.next();
		this.queue.remove(next);
		shares.admit(next);
		return new Borrow(0, this.now, next.share());
	}

	/**
	 * Serve one after another on a single connection.
	 */
	private List<String> serve(FairShares shares, int count, long nanos) {
		List<String> served = new ArrayList<>();
		for (int i = 0; i < count; i++) {
			served.add(Objects.requireNonNull(this.keys.remove(shares.next())));
			Borrow borrow = admit(shares);
			this.now += nanos;
			shares.giveBack(borrow, this.now);
		}
		return served;
	}

	private record Tail(double p50, double p99, double longest) {

		@Override
		public String toString() {
			return String.format(Locale.ROOT, "%.1f | %.1f | %.1f", this.p50, this.p99, this.longest);
		}

	}

	private record Event(long time, long number, Runnable action) {

	}

	private record Held(Borrow borrow, PoolWaiter waiter) {

	}

	/**
	 * A pool of 16 for 600 seconds. A tenant floods it with 216 requests that come again
	 * as soon as they have been served; three others have 50 requests a second each, of 5
	 * ms on average.
	 */
	private static final class Simulation {

		private static final int PLACES = 16;

		private static final int FLOOD = 200 + PLACES;

		private static final double RATE = 50;

		private static final double LOOKUP_MILLIS = 5;

		private static final long END = 600_000_000_000L;

		private final Random random = new Random(19);

		private final PriorityQueue<Event> events = new PriorityQueue<>(
				Comparator.comparingLong(Event::time).thenComparingLong(Event::number));

		private final Set<PoolWaiter> waiting = new LinkedHashSet<>();

		private final Queue<PoolWaiter> arrivals = new ArrayDeque<>();

		private final Map<PoolWaiter, String> keys = new LinkedHashMap<>();

		private final Map<PoolWaiter, Long> since = new LinkedHashMap<>();

		private final List<Held> held = new ArrayList<>();

		private final List<Long> waits = new ArrayList<>();

		private final @Nullable FairShares shares;

		private final long floodMillis;

		private long now;

		private long number;

		private Simulation(@Nullable FairShares shares, long floodMillis) {
			this.shares = shares;
			this.floodMillis = floodMillis;
		}

		Tail run() {
			for (int i = 0; i < FLOOD; i++) {
				arrive("flood");
			}
			for (String tenant : List.of("one", "two", "three")) {
				comes(tenant);
			}
			after(() -> LOOK, this::look);
			while (this.now < END) {
				Event event = this.events.remove();
				this.now = event.time();
				event.action().run();
			}
			long[] sorted = this.waits.stream().mapToLong(Long::longValue).sorted().toArray();
			return new Tail(millis(sorted, 0.5), millis(sorted, 0.99), millis(sorted, 1));
		}

		private static double millis(long[] sorted, double part) {
			return sorted[(int) Math.min(sorted.length - 1, part * sorted.length)] / 1e6;
		}

		private void comes(String tenant) {
			after(() -> exponential(1000 / RATE), () -> {
				arrive(tenant);
				comes(tenant);
			});
		}

		private void look() {
			if (this.shares != null) {
				this.held.forEach((each) -> this.shares.charge(each.borrow(), this.now));
			}
			after(() -> LOOK, this::look);
		}

		private void arrive(String key) {
			PoolWaiter waiter = new PoolWaiter(this.waiting, 0, new StackTraceElement[0]);
			this.keys.put(waiter, key);
			this.since.put(waiter, this.now);
			if (this.shares != null) {
				this.shares.add(waiter, key);
			}
			else {
				this.arrivals.add(waiter);
			}
			admit();
		}

		private void admit() {
			while (this.held.size() < PLACES && !this.waiting.isEmpty()) {
				PoolWaiter next = (this.shares != null) ? this.shares.next() : this.arrivals.remove();
				this.waiting.remove(next);
				if (this.shares != null) {
					this.shares.admit(next);
				}
				String key = Objects.requireNonNull(this.keys.remove(next));
				boolean flood = "flood".equals(key);
				long waited = this.now - Objects.requireNonNull(this.since.remove(next));
				if (!flood) {
					this.waits.add(waited);
				}
				Held place = new Held(new Borrow(waited, this.now, next.share()), next);
				this.held.add(place);
				after(() -> exponential(flood ? this.floodMillis : LOOKUP_MILLIS), () -> {
					this.held.remove(place);
					if (this.shares != null) {
						this.shares.giveBack(place.borrow(), this.now);
					}
					if (flood) {
						arrive(key);
					}
					admit();
				});
			}
		}

		private void after(LongSupplier nanos, Runnable action) {
			this.events.add(new Event(this.now + nanos.getAsLong(), this.number++, action));
		}

		private long exponential(double millis) {
			return (long) (-Math.log(1 - this.random.nextDouble()) * millis * 1e6);
		}

	}

}
