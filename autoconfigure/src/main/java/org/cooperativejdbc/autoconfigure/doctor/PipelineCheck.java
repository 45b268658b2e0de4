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
import org.cooperativejdbc.driver.PostgresqlDriver;
import org.cooperativejdbc.pool.ManagedPool;
import org.cooperativejdbc.pool.ManagedPools;
import org.cooperativejdbc.spring.Check;

/**
 * Looks for a pool whose driver is to read the answers of the server on a thread of its
 * own, where nobody knows for whom.
 *
 * @param pools the pools of the application
 */
record PipelineCheck(ManagedPools pools) implements Check {

	@Override
	public List<Finding> findings() {
		return this.pools.postgresql()
			.stream()
			.filter(PipelineCheck::isPipelining)
			.map((pool) -> new Finding("pgjdbc-pipeline",
					pool.name() + ": '" + PostgresqlDriver.PIPELINE_MODE + "' is set",
					"where the driver has it, a thread of its own waits for the answers, so that neither an interrupt "
							+ "nor a deadline cancels a statement",
					"Remove '" + PostgresqlDriver.PIPELINE_MODE
							+ "' from the URL or the properties of the data source"))
			.toList();
	}

	private static boolean isPipelining(ManagedPool pool) {
		return PostgresqlDriver.isPipelining(pool.dataSource().getJdbcUrl(),
				pool.dataSource().getDataSourceProperties());
	}

}
