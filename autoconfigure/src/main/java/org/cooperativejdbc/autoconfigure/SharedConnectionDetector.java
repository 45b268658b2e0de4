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

import org.cooperativejdbc.driver.PostgresqlDriver;
import org.jspecify.annotations.Nullable;

import org.springframework.jdbc.datasource.ConnectionHolder;
import org.springframework.transaction.TransactionExecution;
import org.springframework.transaction.TransactionExecutionListener;

/**
 * Reports connections that another thread uses while a transaction runs on them.
 */
class SharedConnectionDetector implements TransactionExecutionListener {

	private final TransactionResources resources;

	SharedConnectionDetector(TransactionResources resources) {
		this.resources = resources;
	}

	@Override
	public void afterBegin(TransactionExecution transaction, @Nullable Throwable beginFailure) {
		if (beginFailure == null && this.resources.connection() instanceof ConnectionHolder holder) {
			Connection connection = holder.getConnection();
			own(connection, Thread.currentThread());
			AfterCompletion.run(() -> own(connection, null));
		}
	}

	private static void own(Connection connection, @Nullable Thread owner) {
		try {
			PostgresqlDriver.own(connection, owner);
		}
		catch (SQLException ex) {
			throw new IllegalStateException("Unable to tell the owner of a connection", ex);
		}
	}

}
