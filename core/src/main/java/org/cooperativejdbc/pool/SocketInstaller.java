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

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.function.Consumer;
import java.util.function.Function;

import com.zaxxer.hikari.HikariDataSource;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.cooperativejdbc.CooperativeJdbc;
import org.cooperativejdbc.Finding;
import org.cooperativejdbc.driver.ConnectionSource;
import org.cooperativejdbc.driver.DriverSupport;
import org.cooperativejdbc.driver.DriverSupports;
import org.cooperativejdbc.driver.Installation;
import org.cooperativejdbc.driver.ReadOnlyTransactions;
import org.cooperativejdbc.socket.DriverSocket;
import org.jspecify.annotations.Nullable;

/**
 * Installs the sockets of a driver into HikariCP pools that have not started.
 *
 * @since 0.1.0
 */
public final class SocketInstaller {

	private static final Log logger = LogFactory.getLog(SocketInstaller.class);

	private final CooperativeJdbc description;

	private final DriverSupports drivers;

	private final Function<DriverSupport, String> keys;

	private final Duration cancelGrace;

	private final boolean tuning;

	private final @Nullable ReadOnlyTransactions readOnlyTransactions;

	/**
	 * Create an installer.
	 * @param description where to say what was done to each pool
	 * @param drivers the drivers that are supported
	 * @param keys the key with which a driver gets its sockets
	 * @param cancelGrace how long the answer of a canceled statement is waited for
	 * @param tuning whether to set what the user left unset
	 * @param readOnlyTransactions how transactions that are read-only begin and end, or
	 * {@code null} if as the driver does it
	 */
	public SocketInstaller(CooperativeJdbc description, DriverSupports drivers, Function<DriverSupport, String> keys,
			Duration cancelGrace, boolean tuning, @Nullable ReadOnlyTransactions readOnlyTransactions) {
		this.description = description;
		this.drivers = drivers;
		this.keys = keys;
		this.cancelGrace = cancelGrace;
		this.tuning = tuning;
		this.readOnlyTransactions = readOnlyTransactions;
	}

	/**
	 * Return the support of the driver of a pool.
	 * @param name the name of the pool
	 * @param pool the pool
	 * @return the support, or {@code null} if it has none
	 */
	public @Nullable DriverSupport find(String name, HikariDataSource pool) {
		ConnectionSource source = source(name, pool);
		return (source != null) ? this.drivers.find(source) : null;
	}

	private static @Nullable ConnectionSource source(String name, HikariDataSource pool) {
		return (pool.getDataSource() == null) ? ConnectionSources.of(name, pool) : null;
	}

	/**
	 * Install the sockets of the driver.
	 * @param name the name of the pool
	 * @param pool the pool
	 * @param unsupported called if the driver has none
	 * @param refused called if they cannot be installed
	 * @return the support that has installed them, or {@code null}
	 */
	public @Nullable DriverSupport install(String name, HikariDataSource pool, Runnable unsupported,
			Consumer<Installation.Refused> refused) {
		ConnectionSource source = source(name, pool);
		DriverSupport support = (source != null) ? this.drivers.find(source) : null;
		if (source == null || support == null) {
			unsupported.run();
			return null;
		}
		switch (DriverSupports.install(support, source, this.keys, this.cancelGrace)) {
			case Installation.Installed installed -> {
				String transactions = saveRoundTrips(support, source, pool);
				set(name, pool, installed);
				this.description.dataSource(name, outcome(support, installed) + transactions);
				return support;
			}
			case Installation.NotNeeded notNeeded -> this.description.dataSource(name, notNeeded.outcome());
			case Installation.Refused answer -> refused.accept(answer);
		}
		return null;
	}

	/**
	 * Have round trips saved where that is wanted, and say what came of it.
	 */
	private String saveRoundTrips(DriverSupport support, ConnectionSource source, HikariDataSource pool) {
		ReadOnlyTransactions transactions = this.readOnlyTransactions;
		if (transactions == null) {
			return "";
		}
		return switch (DriverSupports.saveRoundTrips(support, source, transactions.key())) {
			case Installation.Installed installed -> {
				installed.properties().forEach(pool.getDataSourceProperties()::setProperty);
				yield ", " + transactions.description();
			}
			case Installation.NotNeeded notNeeded -> ", " + notNeeded.outcome();
			case Installation.Refused refused -> {
				this.description.found(new Finding("read-only", source.name() + ": " + refused.outcome(),
						"each is one round trip longer than was asked for", refused.remedy())
					.asAdvice());
				yield ", " + refused.outcome();
			}
		};
	}

	private void set(String name, HikariDataSource pool, Installation.Installed installed) {
		installed.properties().forEach(pool.getDataSourceProperties()::setProperty);
		if (installed.driverClassName() != null) {
			pool.setDriverClassName(installed.driverClassName());
		}
		if (this.tuning) {
			installed.settings().forEach((setting) -> {
				pool.getDataSourceProperties().setProperty(setting.name(), setting.value());
				this.description.tuned(setting.on(name));
			});
		}
		installed.findings().forEach(this.description::found);
	}

	private static String outcome(DriverSupport support, Installation.Installed installed) {
		StringBuilder outcome = new StringBuilder(support.name()).append(" socket factory installed");
		if (installed.through() != null) {
			outcome.append(" through ").append(installed.through());
		}
		installed.limits().forEach((limit) -> outcome.append(", ").append(limit));
		return outcome.toString();
	}

	/**
	 * Return what tells the socket of a connection.
	 * @param support what has installed the sockets, or {@code null} if there are none
	 * @return a function whose result is {@code null} where the socket is unknown
	 */
	public static Function<Connection, @Nullable DriverSocket> sockets(@Nullable DriverSupport support) {
		return (support != null) ? (connection) -> socket(support, connection) : (connection) -> null;
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

}
