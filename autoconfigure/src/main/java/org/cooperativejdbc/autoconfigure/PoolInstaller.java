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

package org.cooperativejdbc.autoconfigure;

import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

import javax.sql.DataSource;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import com.zaxxer.hikari.HikariPoolMXBean;
import org.cooperativejdbc.ConcurrencyModel;
import org.cooperativejdbc.CooperativeJdbc;
import org.cooperativejdbc.Finding;
import org.cooperativejdbc.door.CooperativeSockets;
import org.cooperativejdbc.driver.DriverSupport;
import org.cooperativejdbc.driver.DriverSupports;
import org.cooperativejdbc.pool.CooperativeDataSource;
import org.cooperativejdbc.pool.HikariConfigs;
import org.cooperativejdbc.pool.HoldTimes;
import org.cooperativejdbc.pool.InstalledPools;
import org.cooperativejdbc.pool.ManagedPools;
import org.cooperativejdbc.pool.PoolSettings;
import org.cooperativejdbc.pool.QueueLimits;
import org.cooperativejdbc.pool.SocketInstaller;
import org.cooperativejdbc.spring.EventLoopGuard;
import org.cooperativejdbc.spring.ShareKeys;
import org.jspecify.annotations.Nullable;

import org.springframework.beans.factory.BeanFactory;
import org.springframework.beans.factory.DisposableBean;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.SmartInitializingSingleton;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;
import org.springframework.boot.jdbc.DatabaseDriver;
import org.springframework.core.env.Environment;

/**
 * Makes pools cooperative: each gets a queue, and the socket factory where its driver has
 * one.
 */
class PoolInstaller implements SmartInitializingSingleton, DisposableBean {

	private final CooperativeJdbc cooperativeJdbc;

	private final CooperativeJdbcProperties properties;

	private final SocketInstaller installer;

	private final CooperativeSockets sockets;

	private final EventLoopGuard eventLoopGuard;

	private final @Nullable HoldTimes holdTimes;

	private final ShareKeys shareKeys;

	private final ManagedPools pools;

	private final Duration closeTimeout;

	private final BeanFactory beanFactory;

	private final Set<String> names = ConcurrentHashMap.newKeySet();

	private final InstalledPools installed;

	PoolInstaller(CooperativeJdbc cooperativeJdbc, CooperativeJdbcProperties properties, DriverSupports drivers,
			CooperativeSockets sockets, EventLoopGuard eventLoopGuard, ObjectProvider<HoldTimes> holdTimes,
			ShareKeys shareKeys, ManagedPools pools, InstalledPools installed, Environment environment,
			BeanFactory beanFactory) {
		this.beanFactory = beanFactory;
		this.shareKeys = shareKeys;
		this.cooperativeJdbc = cooperativeJdbc;
		this.properties = properties;
		this.installer = new SocketInstaller(cooperativeJdbc, drivers, sockets::key, properties.getCancelGrace(),
				properties.isTuning(), sockets.readOnlyTransactions());
		this.sockets = sockets;
		this.eventLoopGuard = eventLoopGuard;
		this.holdTimes = holdTimes.getIfAvailable();
		this.pools = pools;
		this.installed = installed;
		this.closeTimeout = Binder.get(environment)
			.bind("spring.lifecycle.timeout-per-shutdown-phase", Duration.class)
			.orElse(Duration.ofSeconds(30));
	}

	/**
	 * Create a cooperative pool with the settings of another one that has not started.
	 * @param sizeUnset whether its maximum size is known to be unset
	 */
	CooperativeDataSource install(String name, HikariConfig config, boolean sizeUnset) {
		HikariDataSource copy = HikariConfigs.copy(config);
		DriverSupport support = installSockets(name, copy);
		QueueLimits limits = new PoolLimits(this.cooperativeJdbc, this.properties, this.shareKeys, name).of(copy,
				this.cooperativeJdbc.model() != ConcurrencyModel.PLATFORM);
		if (limits != null && limits.shares() != null) {
			this.shareKeys.propagate();
		}
		CooperativeDataSource pool = new CooperativeDataSource(copy,
				new PoolSettings(limits, this.eventLoopGuard, SocketInstaller.sockets(support), this.holdTimes,
						this.properties.isDetectSharedConnections(), this.closeTimeout,
						this.properties.getCancelGrace()));
		this.installed.add(name, pool);
		this.names.add(name);
		this.pools.add(name, pool, support, sizeUnset);
		return pool;
	}

	private @Nullable DriverSupport installSockets(String name, HikariDataSource pool) {
		return this.installer.install(name, pool,
				() -> leave(name, product(pool) + " has no socket factory to install",
						"Use PostgreSQL, MariaDB or MySQL for the data source '" + name
								+ "', or remove 'cooperative.jdbc.required'."),
				(refused) -> find(name, refused.outcome(), refused.remedy()));
	}

	/**
	 * Leave a pool as it is.
	 */
	void keep(String name, HikariDataSource pool, String outcome, String remedy) {
		if (this.installer.find(name, pool) != null) {
			find(name, outcome, remedy);
		}
		else {
			leave(name, outcome, remedy + ".");
		}
	}

	/**
	 * Leave a pool of a driver that is supported as it is, which is at odds with the
	 * model.
	 */
	private void find(String name, String outcome, String remedy) {
		leave(name, outcome, remedy + ".");
		this.cooperativeJdbc.found(new Finding("socket-factory", name + ": " + outcome,
				"an interrupt closes its connections, and its waits are not those of the concurrency model", remedy));
	}

	/**
	 * Leave a data source as it is.
	 */
	void leave(String name, String outcome, String remedy) {
		if (this.properties.isRequired()) {
			throw new UncooperativeDataSourceException(name, outcome, remedy);
		}
		this.cooperativeJdbc.dataSource(name, outcome);
	}

	/**
	 * A name that nothing has may be that of a pool that is created later, and a data
	 * source may be another one in a test.
	 */
	@Override
	public void afterSingletonsInstantiated() {
		this.properties.getPools().keySet().stream().filter((name) -> !this.names.contains(name)).forEach((name) -> {
			String property = "cooperative.jdbc.pools." + name;
			if (!this.beanFactory.containsBean(name)) {
				ineffective(property, "there is no pool '" + name + "'", "Use the name of the bean of a pool");
			}
			else if (!isDataSource(name)) {
				throw new InvalidConfigurationPropertyValueException(property, this.properties.getPools().get(name),
						"The bean '" + name + "' is no HikariCP pool that could have a queue. Remove the property.");
			}
			else if (!isLazy(name)) {
				ineffective(property, "'" + name + "' is no HikariCP pool that could have a queue",
						"Use HikariCP for it, or remove the property");
			}
		});
	}

	private void ineffective(String property, String reason, String remedy) {
		this.cooperativeJdbc
			.found(new Finding("pool-name", property + " is set, but " + reason, "the property has no effect", remedy));
	}

	private boolean isDataSource(String name) {
		Class<?> type = this.beanFactory.getType(name, false);
		return type != null && DataSource.class.isAssignableFrom(type);
	}

	private boolean isLazy(String name) {
		return this.beanFactory instanceof ConfigurableListableBeanFactory beans && !beans.containsSingleton(name);
	}

	private static String product(HikariDataSource pool) {
		if (pool.getDataSource() != null) {
			return pool.getDataSource().getClass().getName();
		}
		if (pool.getDataSourceClassName() != null) {
			return pool.getDataSourceClassName();
		}
		DatabaseDriver driver = DatabaseDriver.fromJdbcUrl(pool.getJdbcUrl());
		return (driver != DatabaseDriver.UNKNOWN) ? driver.getId() : "the driver";
	}

	/**
	 * Have pools that are not closed with the application connect anew.
	 */
	@Override
	public void destroy() {
		for (CooperativeDataSource pool : this.installed.all()) {
			if (!pool.isClosed()) {
				this.sockets.outlive(pool::onClose);
				pool.queueFigures().close();
				HikariPoolMXBean connections = pool.getHikariPoolMXBean();
				if (connections != null) {
					connections.softEvictConnections();
				}
			}
		}
	}

}
