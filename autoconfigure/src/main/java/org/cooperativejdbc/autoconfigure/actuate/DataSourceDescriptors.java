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
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import org.cooperativejdbc.autoconfigure.actuate.CooperativeJdbcEndpoint.QueueDescriptor;
import org.cooperativejdbc.autoconfigure.actuate.CooperativeJdbcEndpoint.WaitsInFlightDescriptor;
import org.cooperativejdbc.pool.CooperativeDataSource;
import org.cooperativejdbc.pool.InstalledPools;
import org.cooperativejdbc.pool.RefusalReason;

/**
 * Describes pools. What needs HikariCP is here, because the methods of an endpoint are
 * looked at where HikariCP is absent, too.
 */
final class DataSourceDescriptors {

	private static final Duration SHORT = Duration.ofMillis(100);

	private static final Duration MEDIUM = Duration.ofSeconds(1);

	private static final Duration LONG = Duration.ofSeconds(10);

	private DataSourceDescriptors() {
	}

	static Map<String, QueueDescriptor> queues(InstalledPools pools) {
		Map<String, QueueDescriptor> queues = new LinkedHashMap<>();
		pools.forEachOpen((name, pool) -> queues.put(name, queue(pool)));
		return queues;
	}

	private static QueueDescriptor queue(CooperativeDataSource pool) {
		Map<String, Long> refused = new LinkedHashMap<>();
		for (RefusalReason reason : RefusalReason.values()) {
			refused.put(reason.toString(), pool.queueFigures().refused(reason));
		}
		return new QueueDescriptor(pool.getMaximumPoolSize(), pool.getPlacesTaken(), pool.getThreadsInQueue(),
				pool.unserved(), pool.queueFigures().longestWait(), refused);
	}

	static Map<String, WaitsInFlightDescriptor> waitsInFlight(InstalledPools pools) {
		Map<String, WaitsInFlightDescriptor> waits = new LinkedHashMap<>();
		pools.forEachOpen((name, pool) -> waits.put(name, waitsInFlight(pool.waitsInFlight())));
		return waits;
	}

	static WaitsInFlightDescriptor waitsInFlight(List<Duration> waits) {
		return new WaitsInFlightDescriptor(count(waits, Duration.ZERO, SHORT), count(waits, SHORT, MEDIUM),
				count(waits, MEDIUM, LONG), count(waits, LONG, Duration.ofSeconds(Long.MAX_VALUE)),
				waits.stream().max(Comparator.naturalOrder()).orElse(Duration.ZERO));
	}

	private static int count(List<Duration> waits, Duration from, Duration to) {
		return (int) waits.stream().filter((wait) -> wait.compareTo(from) >= 0 && wait.compareTo(to) < 0).count();
	}

}
