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

import java.sql.Connection;
import java.sql.SQLException;
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
import org.cooperativejdbc.driver.ConnectionSource;
import org.cooperativejdbc.driver.DriverSupport;
import org.cooperativejdbc.driver.DriverSupports;
import org.cooperativejdbc.driver.Installation;
import org.cooperativejdbc.pool.ConnectionSources;
import org.cooperativejdbc.pool.CooperativeDataSource;
import org.cooperativejdbc.pool.HikariConfigs;
import org.cooperativejdbc.pool.HoldTimes;
import org.cooperativejdbc.pool.PoolSettings;
import org.cooperativejdbc.pool.QueueLimits;
import org.cooperativejdbc.socket.DriverSocket;
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

	private final DriverSupports drivers;

	private final CooperativeSockets sockets;

	private final Duration cancelGrace;

	private final Duration closeTimeout;

	private final HoldTimes holdTimes = new HoldTimes(Duration.ofMillis(500));

	private final AtomicInteger number = new AtomicInteger();

	private final Set<HikariDataSource> open = ConcurrentHashMap.newKeySet();

	/**
	 * Create an application without pools.
	 * @param description where to say what was done to each pool
	 * @param drivers the drivers that are supported
	 * @param sockets their sockets
	 * @param cancelGrace how long the answer of a canceled statement is waited for
	 * @param closeTimeout how long closing a pool waits at most for connections that are
	 * out
	 */
	public Pools(CooperativeJdbc description, DriverSupports drivers, CooperativeSockets sockets, Duration cancelGrace,
			Duration closeTimeout) {
		this.description = description;
		this.drivers = drivers;
		this.sockets = sockets;
		this.cancelGrace = cancelGrace;
		this.closeTimeout = closeTimeout;
	}

	/**
	 * Create a pool that starts with its first connection.
	 * @param config the settings of HikariCP, which are copied
	 * @return the pool
	 */
	public HikariDataSource create(HikariConfig config) {
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
				new PoolSettings(QueueLimits.NONE, EventLoopThreads::isCurrent,
						(connection) -> (support != null) ? socket(support, connection) : null, this.holdTimes, false,
						this.closeTimeout, this.cancelGrace));
		this.open.add(pool);
		pool.onClose(() -> this.open.remove(pool));
		return pool;
	}

	private static @Nullable DriverSocket socket(DriverSupport support, Connection connection) {
		try {
			return support.socket(connection);
		}
		catch (SQLException | RuntimeException | LinkageError ex) {
			logger.debug("Socket of a connection unknown", ex);
			return null;
		}
	}

	private @Nullable DriverSupport install(String name, HikariDataSource pool) {
		ConnectionSource source = (pool.getDataSource() == null) ? ConnectionSources.of(name, pool) : null;
		DriverSupport support = (source != null) ? this.drivers.find(source) : null;
		if (source == null || support == null) {
			this.description.dataSource(name, "no socket factory to install");
			return null;
		}
		switch (answer(support, source)) {
			case Installation.Installed installed -> {
				set(name, pool, installed);
				this.description.dataSource(name, support.name() + " socket factory installed"
						+ String.join("", installed.limits().stream().map((limit) -> ", " + limit).toList()));
				return support;
			}
			case Installation.NotNeeded notNeeded -> this.description.dataSource(name, notNeeded.outcome());
			case Installation.Refused refused -> {
				this.description.dataSource(name, refused.outcome());
				this.description.found(new Finding("socket-factory", name + ": " + refused.outcome(),
						"an interrupt closes its connections, and its waits are not those of the concurrency model",
						refused.remedy()));
			}
		}
		return null;
	}

	private Installation answer(DriverSupport support, ConnectionSource source) {
		try {
			return support.install(source, this.sockets.key(support), this.cancelGrace);
		}
		catch (RuntimeException | LinkageError ex) {
			logger.debug("Support of a driver failed: " + support.getClass().getName(), ex);
			return new Installation.Refused("the support of " + support.name() + " failed: " + ex,
					"Use a version of the driver that it supports");
		}
	}

	private void set(String name, HikariDataSource pool, Installation.Installed installed) {
		installed.properties().forEach(pool.getDataSourceProperties()::setProperty);
		if (installed.driverClassName() != null) {
			pool.setDriverClassName(installed.driverClassName());
		}
		installed.settings().forEach((setting) -> {
			pool.getDataSourceProperties().setProperty(setting.name(), setting.value());
			this.description.tuned(setting.on(name));
		});
		installed.findings().forEach(this.description::found);
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
