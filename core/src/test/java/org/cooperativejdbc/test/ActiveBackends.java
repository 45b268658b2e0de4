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

package org.cooperativejdbc.test;

import java.sql.Connection;
import java.sql.SQLException;

/**
 * Watches, on a platform thread and a connection of its own, how many backends of the
 * server execute a statement at the same time.
 */
public final class ActiveBackends implements AutoCloseable {

	private final Database database;

	private final Thread thread;

	private volatile boolean closed;

	private volatile int peak;

	private volatile Throwable failure = new AssertionError("not started");

	public ActiveBackends(String statementPattern) {
		this(Database.POSTGRESQL, statementPattern);
	}

	public ActiveBackends(Database database, String statementPattern) {
		this.database = database;
		this.thread = Thread.ofPlatform().name("active-backends").start(() -> watch(statementPattern));
	}

	private void watch(String statementPattern) {
		try (Connection connection = this.database.connect()) {
			while (!this.closed) {
				this.peak = Math.max(this.peak, this.database.running(connection, statementPattern));
			}
		}
		catch (SQLException ex) {
			this.failure = ex;
			this.peak = -1;
		}
	}

	/**
	 * Return the number of backends that execute such a statement now.
	 */
	public static int count(String statementPattern) throws SQLException {
		return Database.POSTGRESQL.running(statementPattern);
	}

	public int peak() {
		if (this.peak == -1) {
			throw new IllegalStateException(this.failure);
		}
		return this.peak;
	}

	@Override
	public void close() throws InterruptedException {
		this.closed = true;
		this.thread.join();
	}

}
