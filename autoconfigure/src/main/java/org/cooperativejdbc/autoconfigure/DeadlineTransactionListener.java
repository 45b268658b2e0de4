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

import java.sql.Connection;
import java.sql.SQLException;

import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.cooperativejdbc.CooperativeJdbc;
import org.cooperativejdbc.Deadline;
import org.cooperativejdbc.driver.PostgresqlDriver;
import org.cooperativejdbc.pool.Deadlines;
import org.cooperativejdbc.pool.Expiration;
import org.cooperativejdbc.pool.Expirations;
import org.jspecify.annotations.Nullable;

import org.springframework.jdbc.datasource.ConnectionHolder;
import org.springframework.transaction.TransactionExecution;
import org.springframework.transaction.TransactionExecutionListener;

/**
 * Cancels the statement of a transaction whose deadline passes. The time runs from before
 * the transaction has waited for its connection, where Spring's own starts afterwards.
 * <p>
 * It only does so where there is a synchronization, whose completion is called on every
 * way out and before the connection is given back: then the cancellation is over.
 */
class DeadlineTransactionListener implements TransactionExecutionListener {

	private static final Log logger = LogFactory.getLog(CooperativeJdbc.class);

	private final TransactionResources resources;

	private final Expirations expirations;

	private final ThreadLocal<@Nullable Long> began = new ThreadLocal<>();

	DeadlineTransactionListener(TransactionResources resources, Expirations expirations) {
		this.resources = resources;
		this.expirations = expirations;
	}

	@Override
	public void beforeBegin(TransactionExecution transaction) {
		if (transaction.isNewTransaction()) {
			this.began.set(System.nanoTime());
		}
	}

	@Override
	public void afterBegin(TransactionExecution transaction, @Nullable Throwable beginFailure) {
		if (!transaction.isNewTransaction()) {
			return;
		}
		Long began = this.began.get();
		this.began.remove();
		if (began != null && beginFailure == null && this.resources.connection() instanceof ConnectionHolder holder) {
			Deadline deadline = Deadline.earlier(Deadlines.of(transaction.getTransactionName()),
					timeout(holder, System.nanoTime() - began));
			if (deadline != null) {
				bound(holder, deadline);
			}
		}
	}

	private static @Nullable Deadline timeout(ConnectionHolder holder, long elapsed) {
		return holder.hasTimeout()
				? new Deadline(System.nanoTime() + (holder.getTimeToLiveInMillis() * 1_000_000) - elapsed) : null;
	}

	private void bound(ConnectionHolder holder, Deadline deadline) {
		holder.setTimeoutInMillis(Math.max(0, deadline.left().toMillis()));
		Connection connection = connection(holder);
		if (connection != null) {
			Expiration expiration = this.expirations.at(deadline, () -> cancel(connection));
			AfterCompletion.run(expiration::end);
		}
	}

	/**
	 * Must not fail: the transaction has begun, and nobody would end it.
	 */
	private static @Nullable Connection connection(ConnectionHolder holder) {
		try {
			Connection connection = holder.getConnection();
			return PostgresqlDriver.made(connection) ? connection : null;
		}
		catch (SQLException | RuntimeException ex) {
			logger.debug("No connection to bound", ex);
			return null;
		}
	}

	private static void cancel(Connection connection) {
		try {
			PostgresqlDriver.cancel(connection);
		}
		catch (SQLException ex) {
			logger.debug("Statement not cancelled", ex);
		}
	}

}
