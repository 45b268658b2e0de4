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

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

import com.zaxxer.hikari.HikariDataSource;
import org.cooperativejdbc.driver.DriverSupport;
import org.cooperativejdbc.driver.PostgresqlDriver;
import org.jspecify.annotations.Nullable;

/**
 * The pools that an application has created until it is started. Those that it creates
 * later, as a scoped bean may be at any time, are not kept.
 *
 * @since 0.1.0
 */
public final class ManagedPools {

	private final List<ManagedPool> pools = new CopyOnWriteArrayList<>();

	private volatile boolean started;

	/**
	 * Create it without pools.
	 */
	public ManagedPools() {
	}

	/**
	 * Add a pool that has not started.
	 * @param name the name of its bean
	 * @param dataSource the pool
	 * @param support what has installed its sockets, or {@code null} if it has none
	 * @param sizeUnset whether the user left its maximum size unset
	 */
	public void add(String name, HikariDataSource dataSource, @Nullable DriverSupport support, boolean sizeUnset) {
		if (!this.started) {
			this.pools.add(new ManagedPool(name, dataSource, support, sizeUnset));
		}
	}

	/**
	 * Add no more pools.
	 */
	public void start() {
		this.started = true;
	}

	/**
	 * Return the pools of the application.
	 * @return a copy
	 */
	public List<ManagedPool> all() {
		return List.copyOf(this.pools);
	}

	/**
	 * Return the pools that get connections of PostgreSQL on the sockets of this library.
	 * @return a copy
	 */
	public List<ManagedPool> postgresql() {
		return this.pools.stream().filter(ManagedPool::isPostgresql).toList();
	}

	/**
	 * Return how many pools connect to the server of a pool.
	 * @param pool one of those of PostgreSQL
	 * @return the number, 1 if no other one does
	 */
	public int sharing(ManagedPool pool) {
		return (int) postgresql().stream().filter((other) -> server(other).equals(server(pool))).count();
	}

	/**
	 * Return the pools that connect to the server of a pool with the same role and to the
	 * same database, so that the limits of all of them hold for them together.
	 * @param pool one of those of PostgreSQL
	 * @return a copy, with that pool
	 */
	List<ManagedPool> sharingLimit(ManagedPool pool) {
		return postgresql().stream().filter((other) -> session(other).equals(session(pool))).toList();
	}

	private static String server(ManagedPool pool) {
		HikariDataSource dataSource = pool.dataSource();
		return PostgresqlDriver.server(dataSource.getJdbcUrl(), dataSource.getDataSourceProperties());
	}

	private static String session(ManagedPool pool) {
		HikariDataSource dataSource = pool.dataSource();
		return server(pool) + "/"
				+ PostgresqlDriver.database(dataSource.getJdbcUrl(), dataSource.getDataSourceProperties()) + " "
				+ dataSource.getUsername();
	}

}
