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
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;

/**
 * Watches, on a platform thread and a connection of its own, how many backends of the
 * server execute a statement at the same time.
 */
public final class ActiveBackends implements AutoCloseable {

	private static final String QUERY = "select count(*) from pg_stat_activity "
			+ "where state = 'active' and pid <> pg_backend_pid() and query like ?";

	private final Thread thread;

	private volatile boolean closed;

	private volatile int peak;

	private volatile Throwable failure = new AssertionError("not started");

	public ActiveBackends(String statementPattern) {
		this.thread = Thread.ofPlatform().name("active-backends").start(() -> watch(statementPattern));
	}

	private void watch(String statementPattern) {
		try (Connection connection = TestDatabase.instance().connect();
				PreparedStatement statement = connection.prepareStatement(QUERY)) {
			statement.setString(1, statementPattern);
			while (!this.closed) {
				this.peak = Math.max(this.peak, count(statement));
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
		try (Connection connection = TestDatabase.instance().connect();
				PreparedStatement statement = connection.prepareStatement(QUERY)) {
			statement.setString(1, statementPattern);
			return count(statement);
		}
	}

	private static int count(PreparedStatement statement) throws SQLException {
		try (ResultSet result = statement.executeQuery()) {
			result.next();
			return result.getInt(1);
		}
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
