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

package org.cooperativejdbc.benchmark.soak;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;

import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;

/**
 * An operation under way: what it asks for, and what is done to it.
 */
final class Work {

	private final SoakPool pool;

	private final Random random;

	private final boolean exposed;

	private final Thread thread = Thread.currentThread();

	private final long number;

	private volatile @Nullable Connection connection;

	private volatile @Nullable PGConnection driver;

	private final List<PGConnection> drivers = new ArrayList<>();

	private volatile boolean closedByAnother;

	private boolean interrupted; // this

	private boolean ended; // this

	private boolean committing;

	private boolean committed;

	private @Nullable Integer rows;

	/**
	 * Create work of the current thread.
	 * @param exposed whether it may be interrupted
	 */
	Work(SoakPool pool, Random random, boolean exposed) {
		this.pool = pool;
		this.random = random;
		this.exposed = exposed;
		this.number = pool.nextNumber();
	}

	SoakPool pool() {
		return this.pool;
	}

	Random random() {
		return this.random;
	}

	long number() {
		return this.number;
	}

	Connection connect() throws SQLException {
		Connection connection = this.pool.dataSource().getConnection();
		PGConnection driver = connection.unwrap(PGConnection.class);
		this.drivers.add(driver);
		this.driver = driver;
		this.connection = connection;
		return connection;
	}

	/**
	 * Borrow a connection that is not disturbed itself.
	 */
	Connection connectAgain() throws SQLException {
		Connection connection = this.pool.dataSource().getConnection();
		this.drivers.add(connection.unwrap(PGConnection.class));
		return connection;
	}

	/**
	 * Return whether one of its connections was or will be ended.
	 */
	boolean isDoomed() {
		return this.drivers.stream().anyMatch(this.pool::isDoomed);
	}

	@Nullable Connection connection() {
		return this.connection;
	}

	@Nullable PGConnection driver() {
		return this.driver;
	}

	void sent(int statements) {
		this.pool.counts().statements.add(statements);
	}

	/**
	 * Note that rows are written which are there only after a commit.
	 */
	void writes(int rows) {
		this.rows = rows;
	}

	@Nullable Integer rows() {
		return this.rows;
	}

	void commit(Connection connection) throws SQLException {
		this.committing = true;
		connection.commit();
		this.committing = false;
		this.committed = true;
	}

	boolean isCommitting() {
		return this.committing;
	}

	boolean isPossible(int rows) {
		boolean all = Objects.equals(rows, this.rows);
		return this.committing ? all || rows == 0 : this.committed ? all : rows == 0;
	}

	void check(@Nullable Object expected, @Nullable Object actual) {
		if (!Objects.equals(expected, actual)) {
			throw new WrongAnswerException(actual + " instead of " + expected);
		}
	}

	/**
	 * Let another thread close the connection that this one uses.
	 */
	void closeByAnother(Connection connection) {
		this.closedByAnother = true;
		closeElsewhere(connection);
	}

	void closeElsewhere(Connection connection) {
		this.pool.start(() -> {
			try {
				connection.close();
			}
			catch (SQLException ex) {
				this.pool.counts().terminated.increment();
			}
		});
	}

	boolean isClosedByAnother() {
		return this.closedByAnother;
	}

	synchronized void interrupt() {
		if (this.exposed && !this.ended) {
			this.interrupted = true;
			this.thread.interrupt();
		}
	}

	/**
	 * End the time in which it can be interrupted, and clear the status.
	 * @return whether the status was lost
	 */
	synchronized boolean end() {
		this.ended = true;
		return Thread.interrupted() != this.interrupted;
	}

	synchronized boolean isInterrupted() {
		return this.interrupted;
	}

}
