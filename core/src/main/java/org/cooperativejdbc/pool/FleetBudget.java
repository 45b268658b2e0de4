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

import java.util.ArrayList;
import java.util.List;

import org.cooperativejdbc.driver.StatementPooling;
import org.jspecify.annotations.Nullable;

/**
 * How many connections the pools of each instance may have, so that all instances of the
 * application together fit on their server. It is known once a pool has been warmed up,
 * and unknown if there is a pooler between the pool and its server, because the pooler
 * then has the connections of the server. May be used by any thread.
 *
 * @since 0.1.0
 */
public final class FleetBudget {

	private final ManagedPools pools;

	private final int instances;

	private final int surge;

	/**
	 * Create a budget.
	 * @param pools the pools of this instance, which are those of any other one, too
	 * @param instances how many instances there are
	 * @param surge how many more run while a new version is rolled out
	 */
	public FleetBudget(ManagedPools pools, int instances, int surge) {
		this.pools = pools;
		this.instances = instances;
		this.surge = surge;
	}

	/**
	 * Return how many instances there are.
	 * @return the number, without those of a new version
	 */
	public int instances() {
		return this.instances;
	}

	/**
	 * Return how many more instances run while a new version is rolled out.
	 * @return the number
	 */
	public int surge() {
		return this.surge;
	}

	/**
	 * Return how many connections a pool may have, given the sizes of the others that
	 * share its limit.
	 * @param name the name of the pool
	 * @return the number, or {@code null} if it is unknown
	 */
	public @Nullable Integer of(String name) {
		for (ManagedPool pool : this.pools.all()) {
			ServerCapacity capacity = pool.name().equals(name) ? capacity(pool) : null;
			if (capacity != null) {
				List<ManagedPool> sharing = this.pools.sharingLimit(pool);
				return Math.max(0, share(capacity) - size(sharing) + pool.dataSource().getMaximumPoolSize());
			}
		}
		return null;
	}

	/**
	 * Return the pools that may have too many connections.
	 * @return those that share a limit together, empty if all is well
	 */
	public List<Overdraft> overdrafts() {
		List<Overdraft> overdrafts = new ArrayList<>();
		List<ManagedPool> seen = new ArrayList<>();
		for (ManagedPool pool : this.pools.all()) {
			ServerCapacity capacity = capacity(pool);
			if (capacity != null && !seen.contains(pool)) {
				List<ManagedPool> sharing = this.pools.sharingLimit(pool);
				seen.addAll(sharing);
				long all = (long) size(sharing) * (this.instances + this.surge);
				if (all > capacity.available()) {
					overdrafts.add(new Overdraft(sharing, size(sharing), share(capacity), capacity,
							all <= capacity.withoutOthers().available()));
				}
			}
		}
		return overdrafts;
	}

	private int share(ServerCapacity capacity) {
		return capacity.available() / (this.instances + this.surge);
	}

	private static int size(List<ManagedPool> pools) {
		return pools.stream().mapToInt((pool) -> pool.dataSource().getMaximumPoolSize()).sum();
	}

	private static @Nullable ServerCapacity capacity(ManagedPool pool) {
		StatementPooling pooling = pool.statementPooling();
		return (pooling == null || pooling == StatementPooling.NONE) ? pool.capacity() : null;
	}

	/**
	 * Pools of one instance that share a limit, and together exceed its part of it.
	 *
	 * @param pools the pools
	 * @param size how many connections they may have together
	 * @param share how many they should have at most
	 * @param capacity what their server has
	 * @param forOthers whether they would fit if others, who come and go, had none
	 */
	public record Overdraft(List<ManagedPool> pools, int size, int share, ServerCapacity capacity, boolean forOthers) {

	}

}
