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

import com.zaxxer.hikari.HikariDataSource;
import org.cooperativejdbc.driver.DriverSupport;
import org.cooperativejdbc.driver.PostgresqlSupport;
import org.cooperativejdbc.driver.StatementPooling;
import org.jspecify.annotations.Nullable;

/**
 * A HikariCP pool of the application, what the user left unset in it, and what its server
 * said when it was warmed up.
 *
 * @since 0.1.0
 */
public final class ManagedPool {

	private final String name;

	private final HikariDataSource dataSource;

	private final @Nullable DriverSupport support;

	private final boolean sizeUnset;

	private final boolean idleUnset;

	private volatile @Nullable ServerCapacity capacity;

	private volatile @Nullable StatementPooling statementPooling;

	private volatile boolean uncancelable;

	/**
	 * Create a description of a pool that has not started: when it starts, HikariCP fills
	 * in what is unset.
	 * @param name the name of its bean
	 * @param dataSource the pool
	 * @param support what has installed its sockets, or {@code null} if it has none
	 * @param sizeUnset whether the user left {@code maximumPoolSize} unset, which
	 * HikariCP does not tell from the default
	 */
	public ManagedPool(String name, HikariDataSource dataSource, @Nullable DriverSupport support, boolean sizeUnset) {
		this.name = name;
		this.dataSource = dataSource;
		this.support = support;
		this.sizeUnset = sizeUnset;
		this.idleUnset = dataSource.getMinimumIdle() < 0;
	}

	/**
	 * Return the name of the bean.
	 * @return the name
	 */
	public String name() {
		return this.name;
	}

	/**
	 * Return the pool.
	 * @return the pool
	 */
	public HikariDataSource dataSource() {
		return this.dataSource;
	}

	/**
	 * Return whether sockets were installed in the pool.
	 * @return whether its connections wait cooperatively
	 */
	public boolean isInstalled() {
		return this.support != null;
	}

	/**
	 * Return whether sockets were installed by the support of PostgreSQL, whose server
	 * can be asked what a pool wants to know.
	 * @return whether it can be warmed up
	 */
	boolean isPostgresql() {
		return this.support instanceof PostgresqlSupport;
	}

	/**
	 * Return whether all connections are out, so that who wants one has to wait.
	 * @return whether they are, as far as that is known
	 */
	public boolean isFull() {
		return this.dataSource instanceof CooperativeDataSource pool
				&& pool.getPlacesTaken() >= pool.getMaximumPoolSize();
	}

	/**
	 * Return whether the user left {@code maximumPoolSize} unset.
	 * @return whether it is known to be unset
	 */
	public boolean sizeUnset() {
		return this.sizeUnset;
	}

	/**
	 * Return whether the user left {@code minimumIdle} unset.
	 * @return whether it was unset before the pool started
	 */
	boolean idleUnset() {
		return this.idleUnset;
	}

	/**
	 * Return what the server has.
	 * @return its capacity, or {@code null} if it was not asked
	 */
	public @Nullable ServerCapacity capacity() {
		return this.capacity;
	}

	/**
	 * Return what is between driver and server.
	 * @return what was observed, or {@code null} if nobody looked
	 */
	public @Nullable StatementPooling statementPooling() {
		return this.statementPooling;
	}

	/**
	 * Return whether the server lacks what it takes to cancel a statement.
	 * @return {@code true} if its login had no cancel key, {@code false} if it had one or
	 * nobody looked
	 */
	public boolean uncancelable() {
		return this.uncancelable;
	}

	/**
	 * Note that the login had no cancel key.
	 */
	void noCancelKey() {
		this.uncancelable = true;
	}

	/**
	 * Note what the server said.
	 * @param capacity what it has
	 */
	void answered(ServerCapacity capacity) {
		this.capacity = capacity;
	}

	/**
	 * Note what is between driver and server.
	 * @param statementPooling what was observed
	 */
	void observed(StatementPooling statementPooling) {
		this.statementPooling = statementPooling;
	}

}
