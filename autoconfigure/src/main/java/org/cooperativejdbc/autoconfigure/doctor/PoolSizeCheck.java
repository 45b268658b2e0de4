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
import java.util.stream.Stream;

import org.cooperativejdbc.Finding;
import org.cooperativejdbc.pool.ManagedPool;
import org.cooperativejdbc.pool.ManagedPools;
import org.cooperativejdbc.pool.ServerCapacity;
import org.cooperativejdbc.spring.Check;

/**
 * Looks for pools that may grow larger than their servers allow.
 *
 * @param pools the pools of the application
 * @param names the names of their settings
 * @param instances how many instances of the application share the servers
 */
record PoolSizeCheck(ManagedPools pools, PoolSettingNames names, int instances) implements Check {

	@Override
	public List<Finding> findings() {
		return this.pools.all().stream().flatMap(this::finding).toList();
	}

	private Stream<Finding> finding(ManagedPool pool) {
		ServerCapacity capacity = pool.capacity();
		int size = pool.dataSource().getMaximumPoolSize();
		if (capacity == null || (long) size * this.instances <= capacity.usable()) {
			return Stream.empty();
		}
		return Stream.of(new Finding("pool-size",
				"%s: up to %d connections in %d instance(s), but the server accepts %d (%d - %d reserved)".formatted(
						pool.name(), size, this.instances, capacity.usable(), capacity.maximum(), capacity.reserved()),
				"it refuses the others just when the load is high", remedy(pool, capacity)));
	}

	private String remedy(ManagedPool pool, ServerCapacity capacity) {
		int share = capacity.usable() / this.instances;
		if (share < 1) {
			return "Lower cooperative.jdbc.pool.instances if there are fewer, or raise max_connections of the server, "
					+ "which does not even have one connection for each instance";
		}
		return "Set " + this.names.name(pool, "maximum-pool-size") + " to at most " + share
				+ ((this.instances == 1 && this.names.prefix(pool) != null)
						? ", or leave it unset and set cooperative.jdbc.pool.instances" : "");
	}

}
