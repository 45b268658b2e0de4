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

package org.cooperativejdbc.driver;

import java.io.IOException;
import java.sql.Connection;
import java.sql.Driver;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.FutureTask;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;

import com.zaxxer.hikari.HikariDataSource;
import org.cooperativejdbc.InterruptPolicy;
import org.cooperativejdbc.ReadOnlyBegin;
import org.cooperativejdbc.ReadOnlyCommit;
import org.cooperativejdbc.pool.CooperativeDataSource;
import org.cooperativejdbc.pool.PoolSettings;
import org.cooperativejdbc.pool.QueueLimits;
import org.cooperativejdbc.socket.CooperativeSocketFactory;
import org.cooperativejdbc.socket.DriverSocket;
import org.cooperativejdbc.test.Carrier;
import org.cooperativejdbc.test.Database;
import org.jspecify.annotations.Nullable;

/**
 * Threads of a kind that use a database, with a pool and without.
 */
final class DatabaseUser implements AutoCloseable {

	private final Database database;

	private final Carrier.Carried carried;

	private final Duration grace;

	private final String url;

	private final String key;

	private @Nullable ReadOnlyTransactions readOnlyTransactions;

	private final Set<HikariDataSource> pools = ConcurrentHashMap.newKeySet();

	DatabaseUser(Database database, Carrier carrier, String url, Duration grace) throws IOException {
		this.database = database;
		this.grace = grace;
		this.carried = carrier.open(InterruptPolicy.CANCEL, grace);
		this.url = url;
		this.key = CooperativeSocketFactory.register(database.support().sockets(this.carried.sockets()));
	}

	/**
	 * Have connections that are opened from now on not wait for the COMMIT of read-only
	 * transactions.
	 */
	DatabaseUser overlapCommits() {
		return readOnly(ReadOnlyCommit.OVERLAPPED, ReadOnlyBegin.STANDARD);
	}

	/**
	 * Have connections that are opened from now on begin and end read-only transactions
	 * in some way.
	 */
	DatabaseUser readOnly(ReadOnlyCommit commit, ReadOnlyBegin begin) {
		this.readOnlyTransactions = ReadOnlyTransactions.register(commit, begin);
		return this;
	}

	/**
	 * Return how many COMMITs were not waited for.
	 */
	long overlappedCommits() {
		Long overlapped = (this.readOnlyTransactions != null) ? this.readOnlyTransactions.overlapped() : null;
		return (overlapped != null) ? overlapped : 0;
	}

	/**
	 * Return how many transactions have ended that had never begun.
	 */
	long elidedTransactions() {
		Long elided = (this.readOnlyTransactions != null) ? this.readOnlyTransactions.elided() : null;
		return (elided != null) ? elided : 0;
	}

	ThreadFactory threads() {
		return this.carried.threads();
	}

	void call(Callable<?> action) throws Exception {
		FutureTask<?> task = new FutureTask<>(action);
		this.carried.threads().newThread(task).start();
		task.get(120, TimeUnit.SECONDS);
	}

	/**
	 * Return a connection that belongs to no pool.
	 */
	Connection connect() throws SQLException {
		try (HikariDataSource settings = new HikariDataSource()) {
			configure(settings);
			Properties properties = settings.getDataSourceProperties();
			properties.setProperty("user", this.database.username());
			properties.setProperty("password", this.database.password());
			String driver = settings.getDriverClassName();
			Connection connection = ((driver != null) ? driver(driver) : DriverManager.getDriver(this.url))
				.connect(this.url, properties);
			this.database.support().socket(connection);
			return Objects.requireNonNull(connection);
		}
	}

	private void configure(HikariDataSource settings) {
		this.database.configure(settings, this.url, this.key, this.grace);
		if (this.readOnlyTransactions != null) {
			settings.addDataSourceProperty(ReadingConnector.PROPERTY, this.readOnlyTransactions.key());
		}
	}

	private static Driver driver(String name) throws SQLException {
		try {
			return (Driver) Class.forName(name).getConstructor().newInstance();
		}
		catch (ReflectiveOperationException ex) {
			throw new SQLException(ex);
		}
	}

	/**
	 * Return a pool that tells its sockets of their connections, as that of the starter
	 * does.
	 */
	synchronized HikariDataSource pool() {
		if (this.pools.isEmpty()) {
			HikariDataSource config = new HikariDataSource();
			configure(config);
			config.setMaximumPoolSize(4);
			this.pools.add(new CooperativeDataSource(config, new PoolSettings(QueueLimits.NONE, (thread) -> false,
					this::socket, null, false, Duration.ofSeconds(30), this.grace)));
		}
		return this.pools.iterator().next();
	}

	private @Nullable DriverSocket socket(Connection connection) {
		try {
			return this.database.support().socket(connection);
		}
		catch (SQLException ex) {
			throw new IllegalStateException(ex);
		}
	}

	Set<Integer> backends() throws SQLException {
		List<Connection> connections = new ArrayList<>();
		Set<Integer> backends = new HashSet<>();
		try {
			for (int i = 0; i < pool().getMaximumPoolSize(); i++) {
				Connection connection = pool().getConnection();
				connections.add(connection);
				backends.add(this.database.session(connection));
			}
		}
		finally {
			for (Connection connection : connections) {
				connection.close();
			}
		}
		return backends;
	}

	@Override
	public void close() throws Exception {
		this.pools.forEach(HikariDataSource::close);
		CooperativeSocketFactory.unregister(this.key);
		if (this.readOnlyTransactions != null) {
			this.readOnlyTransactions.unregister();
		}
		this.carried.resource().close();
	}

}
