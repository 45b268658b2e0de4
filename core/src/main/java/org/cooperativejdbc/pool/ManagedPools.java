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
import org.cooperativejdbc.driver.PostgresqlDriver;

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
	 * Add a pool that has not started.
	 * @param name the name of its bean
	 * @param dataSource the pool
	 * @param sizeUnset whether the user left its maximum size unset
	 */
	public void add(String name, HikariDataSource dataSource, boolean sizeUnset) {
		if (!this.started) {
			this.pools.add(new ManagedPool(name, dataSource, sizeUnset));
		}
	}

	/**
	 * Add no more pools.
	 * @return the pools of the application
	 */
	public List<ManagedPool> start() {
		this.started = true;
		return all();
	}

	/**
	 * Return the pools of the application.
	 * @return a copy
	 */
	public List<ManagedPool> all() {
		return List.copyOf(this.pools);
	}

	/**
	 * Return how many pools connect to the server of a pool.
	 * @param pool one of them
	 * @return the number, 1 if no other one does
	 */
	public int sharing(ManagedPool pool) {
		return (int) this.pools.stream().filter((other) -> server(other).equals(server(pool))).count();
	}

	private static String server(ManagedPool pool) {
		HikariDataSource dataSource = pool.dataSource();
		return PostgresqlDriver.server(dataSource.getJdbcUrl(), dataSource.getDataSourceProperties());
	}

}
