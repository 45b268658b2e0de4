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

import com.zaxxer.hikari.metrics.IMetricsTracker;
import com.zaxxer.hikari.metrics.MetricsTrackerFactory;
import com.zaxxer.hikari.metrics.PoolStats;
import com.zaxxer.hikari.metrics.micrometer.MicrometerMetricsTrackerFactory;
import io.micrometer.core.instrument.MeterRegistry;
import org.jspecify.annotations.Nullable;

/**
 * Has the pool tell of each connection that comes back, and adds to the meters of the
 * user what HikariCP does not see: the threads that wait in the queue, and how long.
 *
 * @param users the factory of the user, or {@code null} if there is none
 * @param queue the queue in front of the pool
 * @param returned called when a connection comes back, on the thread that has closed it
 */
record QueueMetricsTrackerFactory(@Nullable MetricsTrackerFactory users, PoolQueue queue,
		Runnable returned) implements MetricsTrackerFactory {

	/**
	 * Return the factory that HikariCP makes of a registry.
	 * @param registry a registry of Micrometer or Dropwizard
	 */
	static @Nullable MetricsTrackerFactory of(Object registry) {
		return isMicrometer(registry.getClass()) ? Micrometer.factory(registry) : Dropwizard.factory(registry);
	}

	private static boolean isMicrometer(@Nullable Class<?> type) {
		return type != null && (type.getName().equals("io.micrometer.core.instrument.MeterRegistry")
				|| isMicrometer(type.getSuperclass()));
	}

	@Override
	public IMetricsTracker create(String poolName, PoolStats poolStats) {
		IMetricsTracker tracker = (this.users != null)
				? this.users.create(poolName, new QueueStats(poolStats, this.queue)) : new IMetricsTracker() {
				};
		return new Tracker(tracker, this.queue, this.returned);
	}

	private record Tracker(IMetricsTracker users, PoolQueue queue, Runnable returned) implements IMetricsTracker {

		@Override
		public void recordConnectionCreatedMillis(long millis) {
			this.users.recordConnectionCreatedMillis(millis);
		}

		@Override
		public void recordConnectionAcquiredNanos(long nanos) {
			this.users.recordConnectionAcquiredNanos(nanos + this.queue.borrows().queuedNanos());
		}

		@Override
		public void recordConnectionUsageMillis(long millis) {
			this.returned.run();
			this.users.recordConnectionUsageMillis(millis);
		}

		@Override
		public void recordConnectionTimeout() {
			this.users.recordConnectionTimeout();
		}

		@Override
		public void close() {
			this.users.close();
		}

	}

	private static final class QueueStats extends PoolStats {

		private final PoolStats stats;

		private final PoolQueue queue;

		private QueueStats(PoolStats stats, PoolQueue queue) {
			super(0);
			this.stats = stats;
			this.queue = queue;
		}

		@Override
		protected void update() {
			this.totalConnections = this.stats.getTotalConnections();
			this.idleConnections = this.stats.getIdleConnections();
			this.activeConnections = this.stats.getActiveConnections();
			this.pendingThreads = this.stats.getPendingThreads() + this.queue.waiting();
			this.maxConnections = this.stats.getMaxConnections();
			this.minConnections = this.stats.getMinConnections();
		}

	}

	private static final class Micrometer {

		private static MetricsTrackerFactory factory(Object registry) {
			return new MicrometerMetricsTrackerFactory((MeterRegistry) registry);
		}

	}

	/**
	 * The classes of HikariCP, which need one of two versions of Dropwizard's library.
	 */
	private static final class Dropwizard {

		private static @Nullable MetricsTrackerFactory factory(Object registry) {
			for (String name : new String[] { "CodahaleMetricsTrackerFactory", "Dropwizard5MetricsTrackerFactory" }) {
				try {
					return (MetricsTrackerFactory) Class.forName("com.zaxxer.hikari.metrics.dropwizard." + name)
						.getConstructors()[0].newInstance(registry);
				}
				catch (ReflectiveOperationException | LinkageError | IllegalArgumentException ex) {
					continue;
				}
			}
			return null;
		}

	}

}
