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

package org.cooperativejdbc.pool;

import java.util.List;

import com.zaxxer.hikari.HikariDataSource;
import org.cooperativejdbc.driver.PostgresqlSupport;
import org.cooperativejdbc.driver.StatementPooling;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link FleetBudget}.
 */
class FleetBudgetTests {

	private static final ServerCapacity CAPACITY = new ServerCapacity(100, 3, 12, null, null);

	private final ManagedPools pools = new ManagedPools();

	private ManagedPool add(String name, int size, String user, @Nullable ServerCapacity capacity) {
		HikariDataSource dataSource = new HikariDataSource();
		dataSource.setJdbcUrl("jdbc:postgresql://db:5432/shop");
		dataSource.setUsername(user);
		dataSource.setMaximumPoolSize(size);
		this.pools.add(name, dataSource, new PostgresqlSupport(), false);
		ManagedPool pool = this.pools.all().getLast();
		if (capacity != null) {
			pool.answered(capacity);
		}
		return pool;
	}

	@ParameterizedTest
	@CsvSource({ "17, 4, 1, false", "18, 4, 1, true", "85, 1, 0, false", "86, 1, 0, true", "1, 86, 0, true" })
	void allInstancesAreCounted(int size, int instances, int surge, boolean exceeded) {
		add("dataSource", size, "app", CAPACITY);
		FleetBudget budget = new FleetBudget(this.pools, instances, surge);
		assertThat(budget.of("dataSource")).isEqualTo(85 / (instances + surge));
		assertThat(budget.overdrafts()).hasSize(exceeded ? 1 : 0);
	}

	@Test
	void poolsOfOneRoleShareItsLimit() {
		add("orders", 10, "app", CAPACITY);
		add("reports", 8, "app", CAPACITY);
		FleetBudget budget = new FleetBudget(this.pools, 5, 0);
		assertThat(budget.of("orders")).isEqualTo(9);
		assertThat(budget.of("reports")).isEqualTo(7);
		assertThat(budget.overdrafts()).singleElement().satisfies((overdraft) -> {
			assertThat(overdraft.pools()).extracting(ManagedPool::name).containsExactly("orders", "reports");
			assertThat(overdraft.size()).isEqualTo(18);
			assertThat(overdraft.share()).isEqualTo(17);
		});
	}

	@ParameterizedTest
	@CsvSource({ "17, -", "18, true", "19, true", "20, false" })
	void whatOthersHaveIsAnotherMatter(int size, String forOthers) {
		add("dataSource", size, "app", CAPACITY);
		assertThat(new FleetBudget(this.pools, 5, 0).overdrafts()).extracting(FleetBudget.Overdraft::forOthers)
			.isEqualTo("-".equals(forOthers) ? List.of() : List.of(Boolean.valueOf(forOthers)));
	}

	/**
	 * Its connections are among those of others.
	 */
	@Test
	void poolOfAnotherRoleHasALimitOfItsOwn() {
		add("orders", 10, "app", CAPACITY);
		add("reports", 17, "reporting", CAPACITY);
		FleetBudget budget = new FleetBudget(this.pools, 5, 0);
		assertThat(budget.of("orders")).isEqualTo(17);
		assertThat(budget.overdrafts()).isEmpty();
	}

	@Test
	void nothingIsKnownWithoutAnAnswerAndBehindAPooler() {
		add("unknown", 1000, "app", null);
		ManagedPool pooled = add("pooled", 1000, "app", CAPACITY);
		FleetBudget budget = new FleetBudget(this.pools, 5, 0);
		assertThat(budget.of("unknown")).isNull();
		assertThat(budget.of("pooled")).isNotNull();
		pooled.observed(StatementPooling.TRACKED);
		assertThat(budget.of("pooled")).isNull();
		assertThat(budget.of("nothing")).isNull();
		assertThat(budget.overdrafts()).isEmpty();
	}

	@ParameterizedTest
	@CsvSource(nullValues = "-", delimiter = '|',
			textBlock = """
					- | - | 85 | max_connections 100 - 3 reserved - 12 of others = 85
					7 | - | 7  | max_connections 100 - 3 reserved - 12 of others = 85, the role may have 7
					- | 9 | 9  | max_connections 100 - 3 reserved - 12 of others = 85, the database may have 9
					90| 90| 85 | max_connections 100 - 3 reserved - 12 of others = 85
					-2| 9 | 0  | max_connections 100 - 3 reserved - 12 of others = 85, the role may have -2, the database may have 9
					""")
	void lowerLimitsCount(@Nullable Integer role, @Nullable Integer database, int available, String calculation) {
		ServerCapacity capacity = new ServerCapacity(100, 3, 12, role, database);
		assertThat(capacity.available()).isEqualTo(available);
		assertThat(capacity.calculation()).isEqualTo(calculation);
	}

}
