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
 * Looks for a pooler through which requests to cancel a statement pass.
 *
 * @param pools the pools of the application
 */
record PoolerCancelCheck(ManagedPools pools) implements Check {

	@Override
	public List<Finding> findings() {
		return this.pools.all()
			.stream()
			.filter((pool) -> pool.statementPooling() != null && pool.statementPooling() != StatementPooling.NONE)
			.map((pool) -> new Finding("pooler-cancel",
					pool.name() + ": requests to cancel a statement pass through a pooler such as PgBouncer",
					"one that arrives late cancels what the backend executes by then, which may be another statement",
					"Set cooperative.jdbc.interrupt=defer if the pooler delays them")
				.asAdvice())
			.toList();
	}

}
