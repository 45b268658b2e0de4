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

package org.cooperativejdbc.autoconfigure.doctor;

import java.util.List;

import org.cooperativejdbc.Finding;
import org.cooperativejdbc.driver.StatementPooling;
import org.cooperativejdbc.pool.ManagedPools;
import org.cooperativejdbc.spring.Check;

/**
 * Looks for PgBouncer in transaction mode together with statements that the driver
 * prepares in the server.
 *
 * @param pools the pools of the application
 * @param names the names of their settings
 */
record StatementPoolingCheck(ManagedPools pools, PoolSettingNames names) implements Check {

	@Override
	public List<Finding> findings() {
		return this.pools.all()
			.stream()
			.filter((pool) -> pool.statementPooling() == StatementPooling.BROKEN)
			.map((pool) -> new Finding("prepared-statements",
					pool.name()
							+ ": a pooler such as PgBouncer in transaction mode, and prepared statements in the server",
					"a statement that was prepared in one backend is executed in another one and fails",
					"Set " + this.names.name(pool, "data-source-properties.prepareThreshold") + " to 0, "
							+ "or max_prepared_statements in PgBouncer 1.21 or later"))
			.toList();
	}

}
