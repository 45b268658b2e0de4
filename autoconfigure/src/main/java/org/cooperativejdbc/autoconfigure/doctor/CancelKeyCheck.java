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
import org.cooperativejdbc.pool.ManagedPool;
import org.cooperativejdbc.pool.ManagedPools;
import org.cooperativejdbc.spring.Check;

/**
 * Looks for a server whose statements cannot be canceled, because it or a proxy in front
 * of it gives no cancel key to those who log in.
 *
 * @param pools the pools of the application
 */
record CancelKeyCheck(ManagedPools pools) implements Check {

	@Override
	public List<Finding> findings() {
		return this.pools.all()
			.stream()
			.filter(ManagedPool::uncancelable)
			.map((pool) -> new Finding("no-cancel-key",
					pool.name() + ": statements cannot be canceled on this server, which has given no cancel key",
					"an interrupt or a deadline ends the wait after the grace period and closes the connection, "
							+ "while the statement keeps running in the server",
					"Set a statement_timeout in the server, and look whether the proxy in front of it can pass the key on")
				.asAdvice())
			.toList();
	}

}
