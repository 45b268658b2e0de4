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

import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;

import org.jspecify.annotations.Nullable;

/**
 * Divides the places of a queue among the keys of those who wait: start-time fair
 * queueing, in which the time that connections are held is what is divided. Each key has
 * a virtual time, which grows by the time that its connections are held divided by its
 * weight. The next place is for the key whose virtual time is the earliest, and there for
 * who came first.
 * <p>
 * A key that begins to wait begins at the virtual time of the queue, so that it can
 * neither save up time in which it asked for nothing nor be made to pay for what others
 * got. The time of the queue goes on with what all of them get, so that no number of keys
 * that come anew keeps one that waits from its turn.
 * <p>
 * How long a connection will be held is not known when it is handed out. A turn is
 * charged then, which is the least that it costs, what has become of it from time to time
 * while others wait, and the rest when it is back.
 * <p>
 * A key is known while somebody waits or holds a connection with it, and as long as it is
 * ahead of the others. When nobody waits, nothing is scarce, and only those that hold
 * connections are remembered. Must be called with the lock of the queue.
 */
final class FairShares {

	/**
	 * What is charged for a place that is handed out, so that those who wait take turns.
	 * It is short beside what most transactions take.
	 */
	static final long TURN_NANOS = TimeUnit.MILLISECONDS.toNanos(1);

	private static final int KNOWN_AT_LEAST = 64;

	private static final Comparator<Share> NEXT = (one, other) -> (one.time != other.time)
			? Long.signum(one.time - other.time) : Long.compare(one.arrival, other.arrival);

	private final QueueShares settings;

	private final Map<String, Share> known = new HashMap<>();

	private final TreeSet<Share> waiting = new TreeSet<>(NEXT);

	private long waitingWeight;

	private long time;

	/**
	 * By how much the time goes on when the next place is handed out: that in which the
	 * one before was held has only begun until then.
	 */
	private long turn;

	private long arrivals;

	private int forgetAt = KNOWN_AT_LEAST;

	FairShares(QueueShares settings) {
		this.settings = settings;
	}

	void add(PoolWaiter waiter, String key) {
		Share share = this.known.get(key);
		if (share == null) {
			forgetIfMany();
			share = new Share(key, this.settings.weight(key), this.time);
			this.known.put(key, share);
		}
		if (share.waiters.isEmpty()) {
			share.time = later(share.time, this.time);
			share.arrival = this.arrivals++;
			this.waiting.add(share);
			this.waitingWeight += share.weight;
		}
		share.waiters.add(waiter);
		waiter.share(share);
	}

	/**
	 * Remove one who waits no more.
	 */
	void remove(PoolWaiter waiter) {
		Share share = waiter.share();
		if (share != null && share.waiters.remove(waiter) && share.waiters.isEmpty()) {
			this.waiting.remove(share);
			this.waitingWeight -= share.weight;
			forgetIfIdle(share);
			if (this.waiting.isEmpty()) {
				this.known.values().removeIf(this::isIdle);
			}
		}
	}

	/**
	 * Return who is next, of whom there must be one.
	 */
	PoolWaiter next() {
		return this.waiting.first().waiters.getFirst();
	}

	/**
	 * Hand a place to one who waits.
	 */
	void admit(PoolWaiter waiter) {
		Share share = waiter.share();
		if (share != null) {
			proceed(this.turn);
			this.time = later(this.time, share.time);
			this.turn = TURN_NANOS / this.waitingWeight;
			share.held++;
			remove(waiter);
			charge(share, TURN_NANOS);
		}
	}

	/**
	 * Charge for how long a connection has been held by now.
	 */
	void charge(Borrow borrow, long now) {
		Share share = borrow.share();
		if (share != null) {
			long nanos = borrow.charge(now);
			charge(share, nanos);
			proceed(nanos / Math.max(1, this.waitingWeight));
		}
	}

	/**
	 * Take back the place of a connection.
	 */
	void giveBack(Borrow borrow, long now) {
		Share share = borrow.share();
		if (share != null) {
			charge(borrow, now);
			borrow.share(null);
			share.held--;
			forgetIfIdle(share);
		}
	}

	private void charge(Share share, long nanos) {
		boolean waits = this.waiting.remove(share);
		share.time += nanos / share.weight;
		if (waits) {
			this.waiting.add(share);
		}
	}

	/**
	 * Let the time go on, though not beyond the latest of those who wait: who comes anew
	 * is never behind all of them.
	 */
	private void proceed(long nanos) {
		if (!this.waiting.isEmpty()) {
			this.time = earlier(this.time + nanos, this.waiting.last().time);
		}
	}

	private static long later(long one, long other) {
		return (one - other >= 0) ? one : other;
	}

	private static long earlier(long one, long other) {
		return (one - other <= 0) ? one : other;
	}

	/**
	 * Return how many places are handed out at most before one who comes now with a key
	 * has got one, that one included, if those who wait hold them for equally long.
	 */
	int places(String key) {
		long weight = this.settings.weight(key);
		return (int) Math.min(Integer.MAX_VALUE, Math.ceilDiv((waiters(key) + 1L) * weightWith(key), weight));
	}

	/**
	 * Return who has to make room for one who comes now with a key, while as many wait as
	 * may: the last of those who have more than their part of the queue.
	 * @return {@code null} if that one's own share has its part already
	 */
	@Nullable PoolWaiter crowded(String key, int maxWaiting) {
		if ((waiters(key) + 1L) * weightWith(key) > (long) maxWaiting * this.settings.weight(key)) {
			return null;
		}
		return this.waiting.stream()
			.max(Comparator.comparingDouble((share) -> (double) share.waiters.size() / share.weight))
			.map((share) -> share.waiters.getLast())
			.orElse(null);
	}

	private int waiters(String key) {
		Share share = this.known.get(key);
		return (share != null) ? share.waiters.size() : 0;
	}

	private long weightWith(String key) {
		return this.waitingWeight + ((waiters(key) > 0) ? 0 : this.settings.weight(key));
	}

	/**
	 * Return how many keys are known.
	 */
	int known() {
		return this.known.size();
	}

	void clear() {
		this.known.clear();
		this.waiting.clear();
		this.waitingWeight = 0;
	}

	private void forgetIfMany() {
		if (this.known.size() >= this.forgetAt) {
			this.known.values().removeIf(this::isIdle);
			this.forgetAt = Math.max(KNOWN_AT_LEAST, 2 * this.known.size());
		}
	}

	private void forgetIfIdle(Share share) {
		if (isIdle(share)) {
			this.known.remove(share.key, share);
		}
	}

	private boolean isIdle(Share share) {
		return share.waiters.isEmpty() && share.held == 0 && (this.waiting.isEmpty() || share.time - this.time <= 0);
	}

	/**
	 * What is known of a key.
	 */
	static final class Share {

		private final String key;

		private final int weight;

		private final LinkedHashSet<PoolWaiter> waiters = new LinkedHashSet<>();

		private long time;

		private long arrival;

		private int held;

		private Share(String key, int weight, long time) {
			this.key = key;
			this.weight = weight;
			this.time = time;
		}

		String key() {
			return this.key;
		}

	}

}
