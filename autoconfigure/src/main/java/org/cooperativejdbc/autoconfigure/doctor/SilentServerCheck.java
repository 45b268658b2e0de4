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

import com.zaxxer.hikari.HikariDataSource;
import org.cooperativejdbc.Finding;
import org.cooperativejdbc.driver.PostgresqlDriver;
import org.cooperativejdbc.pool.ManagedPool;
import org.cooperativejdbc.pool.ManagedPools;
import org.cooperativejdbc.spring.Check;

/**
 * Looks for pools that are to go on with another server when one is lost, but wait for
 * one that says nothing anymore.
 *
 * @param pools the pools of the application
 * @param names what their settings are called
 */
record SilentServerCheck(ManagedPools pools, PoolSettingNames names) implements Check {

	@Override
	public List<Finding> findings() {
		return this.pools.postgresql()
			.stream()
			.filter((pool) -> waitsForSilentServer(pool.dataSource()))
			.map((pool) -> new Finding("silent-server",
					pool.name() + ": the URL names several servers, and no timeout ends the wait for one that "
							+ "says nothing anymore",
					"its threads and connections wait for up to hours until the system gives up, "
							+ "instead of going on with another server",
					remedy(pool))
				.asAdvice())
			.toList();
	}

	private static boolean waitsForSilentServer(HikariDataSource pool) {
		return PostgresqlDriver.namesSeveralServers(pool.getJdbcUrl(), pool.getDataSourceProperties())
				&& PostgresqlDriver.configured(pool.getJdbcUrl(), pool.getDataSourceProperties(),
						PostgresqlDriver.SOCKET_TIMEOUT) == null;
	}

	private String remedy(ManagedPool pool) {
		return "Set " + this.names.name(pool, "data-source-properties." + PostgresqlDriver.SOCKET_TIMEOUT)
				+ " to more seconds than the longest statement takes, or cooperative.jdbc.request-timeout, "
				+ "which ends neither a login nor a COMMIT";
	}

}
