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
import java.util.stream.Collectors;

import org.cooperativejdbc.Finding;
import org.cooperativejdbc.pool.FleetBudget;
import org.cooperativejdbc.pool.FleetBudget.Overdraft;
import org.cooperativejdbc.pool.ManagedPool;
import org.cooperativejdbc.spring.Check;

/**
 * Looks for pools that may grow larger than their servers allow, in all instances of the
 * application together.
 *
 * @param budget how many connections the pools may have
 * @param names the names of their settings
 */
record PoolSizeCheck(FleetBudget budget, PoolSettingNames names) implements Check {

	@Override
	public List<Finding> findings() {
		return this.budget.overdrafts().stream().map(this::finding).toList();
	}

	private Finding finding(Overdraft overdraft) {
		Finding finding = new Finding("pool-size",
				"%s: up to %d connections in %s, but the server has %d for them (%s)".formatted(
						overdraft.pools().stream().map(ManagedPool::name).collect(Collectors.joining(", ")),
						(long) overdraft.size() * (this.budget.instances() + this.budget.surge()), instances(),
						overdraft.capacity().available(), overdraft.capacity().calculation()),
				"it refuses the others just when the load is high", remedy(overdraft));
		return overdraft.forOthers() ? finding.asAdvice() : finding;
	}

	private String instances() {
		return this.budget.instances() + " instance(s)" + ((this.budget.surge() > 0)
				? " and " + this.budget.surge() + " more while a version is rolled out" : "");
	}

	private String remedy(Overdraft overdraft) {
		List<ManagedPool> pools = overdraft.pools();
		if (overdraft.share() < pools.size()) {
			return "Lower cooperative.jdbc.pool.instances if there are fewer, put a pooler such as PgBouncer in "
					+ "between, or raise max_connections of the server, which does not even have one connection for "
					+ "each pool";
		}
		String settings = pools.stream()
			.map((pool) -> this.names.name(pool, "maximum-pool-size"))
			.collect(Collectors.joining(" and "));
		if (pools.size() > 1) {
			return "Set " + settings + " to at most " + overdraft.share() + " together";
		}
		return "Set " + settings + " to at most " + overdraft.share()
				+ ((this.budget.instances() == 1 && this.names.prefix(pools.getFirst()) != null)
						? ", or leave it unset and set cooperative.jdbc.pool.instances" : "");
	}

}
