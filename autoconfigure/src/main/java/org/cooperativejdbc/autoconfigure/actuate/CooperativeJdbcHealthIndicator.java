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

package org.cooperativejdbc.autoconfigure.actuate;

import java.time.Duration;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;

import org.cooperativejdbc.carrier.CarrierState;
import org.cooperativejdbc.carrier.EventLoops;
import org.cooperativejdbc.pool.CooperativeDataSource;
import org.cooperativejdbc.pool.InstalledPools;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.health.contributor.AbstractHealthIndicator;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.boot.health.contributor.Status;

/**
 * {@link HealthIndicator} that is down when an event loop has been stuck for too long, or
 * when threads wait for a connection and none has got one for too long. It uses neither
 * pool nor server, and so answers at once.
 *
 * @since 0.1.0
 */
public class CooperativeJdbcHealthIndicator extends AbstractHealthIndicator {

	private final InstalledPools pools;

	private final @Nullable EventLoops eventLoops;

	private final Duration downAfter;

	CooperativeJdbcHealthIndicator(InstalledPools pools, @Nullable EventLoops eventLoops, Duration downAfter) {
		super("Cooperative JDBC health check failed");
		this.pools = pools;
		this.eventLoops = eventLoops;
		this.downAfter = downAfter;
	}

	@Override
	protected void doHealthCheck(Health.Builder builder) {
		SortedSet<String> unserved = new TreeSet<>();
		this.pools.forEachOpen((name, pool) -> {
			if (isUnserved(pool)) {
				unserved.add(name);
			}
		});
		List<String> stuck = stuck();
		builder.status((unserved.isEmpty() && stuck.isEmpty()) ? Status.UP : Status.DOWN);
		if (!unserved.isEmpty()) {
			builder.withDetail("unserved", unserved);
		}
		if (!stuck.isEmpty()) {
			builder.withDetail("stuck", stuck);
		}
	}

	/**
	 * As long as it has not been longer than a thread may wait, nobody has failed for it.
	 */
	private boolean isUnserved(CooperativeDataSource pool) {
		Duration unserved = pool.unserved();
		return unserved.compareTo(this.downAfter) > 0 && unserved.toMillis() > pool.getConnectionTimeout();
	}

	private List<String> stuck() {
		return (this.eventLoops != null) ? this.eventLoops.states()
			.stream()
			.filter((state) -> state.stuck().compareTo(this.downAfter) > 0)
			.map(CarrierState::thread)
			.toList() : List.of();
	}

}
