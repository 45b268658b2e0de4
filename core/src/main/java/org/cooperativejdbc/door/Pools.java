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

package org.cooperativejdbc.door;

import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.cooperativejdbc.ConcurrencyModel;
import org.cooperativejdbc.CooperativeJdbc;
import org.cooperativejdbc.Finding;
import org.cooperativejdbc.driver.DriverSupport;
import org.cooperativejdbc.driver.DriverSupports;
import org.cooperativejdbc.pool.CooperativeDataSource;
import org.cooperativejdbc.pool.HikariConfigs;
import org.cooperativejdbc.pool.HoldTimes;
import org.cooperativejdbc.pool.PoolSettings;
import org.cooperativejdbc.pool.QueueLimits;
import org.cooperativejdbc.pool.SocketInstaller;
import org.jspecify.annotations.Nullable;

/**
 * The HikariCP pools of an application without Spring. A pool that cannot wait
 * cooperatively is left as it is, and reported.
 *
 * @since 0.1.0
 */
public final class Pools implements AutoCloseable {

	private static final Log logger = LogFactory.getLog(Pools.class);

	private final CooperativeJdbc description;

	private final SocketInstaller installer;

	private final Duration cancelGrace;

	private final Duration closeTimeout;

	private final EventLoopCalls eventLoopCalls;

	private final HoldTimes holdTimes;

	private final AtomicInteger number = new AtomicInteger();

	private final Set<HikariDataSource> open = ConcurrentHashMap.newKeySet();

	/**
	 * Create an application without pools.
	 * @param observed where to say what was done to each pool, and who holds its
	 * connections
	 * @param drivers the drivers that are supported
	 * @param sockets their sockets
	 * @param cancelGrace how long the answer of a canceled statement is waited for
	 * @param closeTimeout how long closing a pool waits at most for connections that are
	 * out
	 */
	public Pools(Observed observed, DriverSupports drivers, CooperativeSockets sockets, Duration cancelGrace,
			Duration closeTimeout) {
		this.description = observed.description();
		this.eventLoopCalls = observed.eventLoopCalls();
		this.holdTimes = observed.holdTimes();
		this.installer = new SocketInstaller(this.description, drivers, sockets::key, cancelGrace, true,
				sockets.readOnlyTransactions());
		this.cancelGrace = cancelGrace;
		this.closeTimeout = closeTimeout;
	}

	/**
	 * Create a pool that starts with its first connection.
	 * @param config the settings of HikariCP, which are copied
	 * @return the pool
	 * @throws IllegalArgumentException if they are a pool that runs
	 */
	public HikariDataSource create(HikariConfig config) {
		if (config instanceof HikariDataSource started && started.isRunning()) {
			throw new IllegalArgumentException(
					"The pool '" + config.getPoolName() + "' runs already; pass the HikariConfig that it was made of");
		}
		HikariDataSource copy = HikariConfigs.copy(config);
		if (this.description.model() == ConcurrencyModel.PLATFORM) {
			this.open.removeIf(HikariDataSource::isClosed);
			this.open.add(copy);
			return copy;
		}
		String configured = config.getPoolName();
		String name = (configured != null) ? configured : "pool-" + this.number.incrementAndGet();
		DriverSupport support = install(name, copy);
		CooperativeDataSource pool = new CooperativeDataSource(copy,
				new PoolSettings(QueueLimits.NONE, this.eventLoopCalls, SocketInstaller.sockets(support),
						this.holdTimes, false, this.closeTimeout, this.cancelGrace));
		this.open.add(pool);
		pool.onClose(() -> this.open.remove(pool));
		return pool;
	}

	private @Nullable DriverSupport install(String name, HikariDataSource pool) {
		return this.installer.install(name, pool,
				() -> this.description.dataSource(name, "no socket factory to install"), (refused) -> {
					this.description.dataSource(name, refused.outcome());
					this.description.found(new Finding("socket-factory", name + ": " + refused.outcome(),
							"an interrupt closes its connections, and its waits are not those of the concurrency model",
							refused.remedy()));
				});
	}

	/**
	 * Close the pools that are not closed yet.
	 */
	@Override
	public void close() {
		for (HikariDataSource pool : List.copyOf(this.open)) {
			try {
				pool.close();
			}
			catch (RuntimeException ex) {
				logger.debug("Pool not closed", ex);
			}
		}
	}

}
