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
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicReference;

import com.zaxxer.hikari.HikariDataSource;
import com.zaxxer.hikari.HikariPoolMXBean;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.cooperativejdbc.CooperativeJdbc.Tuning;
import org.cooperativejdbc.driver.PostgresqlDriver;
import org.cooperativejdbc.driver.StatementPooling;
import org.jspecify.annotations.Nullable;

/**
 * Does once, before there are requests, what the first requests would have to do:
 * connect, load the classes of pool and driver, and wait for the server on a thread of
 * the concurrency model.
 *
 * @since 0.1.0
 */
public final class WarmUp {

	private static final Log logger = LogFactory.getLog(WarmUp.class);

	private static final String QUERY = "select ?::int";

	private final ThreadFactory threads;

	private final OptionalInt instances;

	/**
	 * Create a warm-up.
	 * @param threads makes threads of the concurrency model
	 * @param instances how many instances of the application share the server at most, or
	 * empty to leave the size of pools alone
	 */
	public WarmUp(ThreadFactory threads, OptionalInt instances) {
		this.threads = threads;
		this.instances = instances;
	}

	/**
	 * Warm a pool up.
	 * @param pool the pool
	 * @param pools how many pools of the application share its server
	 * @return what was changed in it
	 * @throws SQLException if the server does not answer
	 * @throws InterruptedException if the current thread is interrupted
	 */
	public List<Tuning> run(ManagedPool pool, int pools) throws SQLException, InterruptedException {
		try {
			return warmUp(pool, pools);
		}
		catch (SQLException ex) {
			if (StatementPooling.isNameClash(ex)) {
				pool.observed(StatementPooling.BROKEN);
			}
			throw ex;
		}
	}

	private List<Tuning> warmUp(ManagedPool pool, int pools) throws SQLException, InterruptedException {
		HikariDataSource dataSource = pool.dataSource();
		List<Tuning> tunings = new ArrayList<>();
		try (Connection connection = dataSource.getConnection()) {
			query(connection);
			if (!PostgresqlDriver.hasCancelKey(connection)) {
				pool.noCancelKey();
			}
			ServerCapacity capacity = capacity(connection);
			end(connection);
			if (capacity != null) {
				pool.answered(capacity);
				if (this.instances.isPresent() && pool.sizeUnset()) {
					PoolSize size = PoolSize.of(capacity, this.instances.getAsInt(), pools);
					tunings.add(size.apply(dataSource, pool.idleUnset()).on(pool.name()));
					shrink(dataSource);
				}
			}
			observe(pool, connection);
		}
		waitOnThread(dataSource);
		return tunings;
	}

	/**
	 * A server that understands the driver need not have all that PostgreSQL tells of
	 * itself.
	 */
	private static @Nullable ServerCapacity capacity(Connection connection) {
		try {
			return ServerCapacity.of(connection);
		}
		catch (SQLException ex) {
			logger.debug("Unknown how many connections the server has", ex);
			return null;
		}
	}

	private static void observe(ManagedPool pool, Connection connection) throws SQLException {
		try {
			pool.observed(pooling(pool, connection));
		}
		catch (SQLException ex) {
			if (StatementPooling.isNameClash(ex)) {
				pool.observed(StatementPooling.BROKEN);
			}
			else {
				logger.debug("Unknown whether there is a pooler between driver and server", ex);
			}
			end(connection);
		}
	}

	private static StatementPooling pooling(ManagedPool pool, Connection connection) throws SQLException {
		if (pool.isFull()) {
			return StatementPooling.of(connection);
		}
		try (Connection second = pool.dataSource().getConnection()) {
			return StatementPooling.between(connection, second);
		}
	}

	private static void query(Connection connection) throws SQLException {
		try (PreparedStatement statement = connection.prepareStatement(QUERY)) {
			statement.setInt(1, 1);
			statement.executeQuery().close();
		}
		end(connection);
	}

	private static void end(Connection connection) throws SQLException {
		if (!connection.getAutoCommit()) {
			connection.rollback();
		}
	}

	/**
	 * Close connections that the pool has made before it had its size.
	 */
	private static void shrink(HikariDataSource dataSource) {
		HikariPoolMXBean pool = dataSource.getHikariPoolMXBean();
		if (pool.getTotalConnections() > dataSource.getMaximumPoolSize()) {
			pool.softEvictConnections();
		}
	}

	private void waitOnThread(HikariDataSource dataSource) throws SQLException, InterruptedException {
		AtomicReference<@Nullable SQLException> failure = new AtomicReference<>();
		Thread thread = this.threads.newThread(() -> {
			try (Connection connection = dataSource.getConnection()) {
				query(connection);
			}
			catch (SQLException ex) {
				failure.set(ex);
			}
		});
		thread.start();
		thread.join();
		SQLException exception = failure.get();
		if (exception != null) {
			throw exception;
		}
	}

}
