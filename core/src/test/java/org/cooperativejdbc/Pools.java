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

package org.cooperativejdbc;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

import com.zaxxer.hikari.HikariConfig;
import org.cooperativejdbc.pool.CooperativeDataSource;
import org.cooperativejdbc.pool.PoolSettings;
import org.cooperativejdbc.pool.QueueLimits;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Makes pools on H2, and at the end of a test sees that nobody has, or waits for, one of
 * their connections.
 */
final class Pools implements AfterEachCallback {

	private final List<CooperativeDataSource> pools = new ArrayList<>();

	@Override
	public void afterEach(ExtensionContext context) {
		for (CooperativeDataSource pool : this.pools) {
			if (!pool.isClosed()) {
				await().untilAsserted(() -> {
					assertThat(pool.getPlacesTaken()).as("places").isZero();
					assertThat(pool.getThreadsInQueue()).as("threads that wait").isZero();
					assertThat((pool.getHikariPoolMXBean() != null) ? pool.getHikariPoolMXBean().getActiveConnections()
							: 0)
						.as("connections")
						.isZero();
				});
				pool.close();
			}
		}
	}

	CooperativeDataSource create(int size) {
		return create(size, (config) -> {
		}, QueueLimits.NONE);
	}

	CooperativeDataSource create(int size, Consumer<HikariConfig> customizer, QueueLimits limits) {
		HikariConfig config = config(size);
		customizer.accept(config);
		CooperativeDataSource pool = new CooperativeDataSource(config, new PoolSettings(limits, (thread) -> false,
				(connection) -> null, null, false, Duration.ofSeconds(30), Duration.ofSeconds(5)));
		this.pools.add(pool);
		return pool;
	}

	/**
	 * Add a pool that is closed in the end, if the test has not closed it.
	 */
	void add(CooperativeDataSource pool) {
		this.pools.add(pool);
	}

	static HikariConfig config(int size) {
		HikariConfig config = new HikariConfig();
		config.setJdbcUrl("jdbc:h2:mem:test");
		config.setPoolName("test");
		config.setMaximumPoolSize(size);
		config.setConnectionTimeout(30_000);
		return config;
	}

	static boolean borrow(CooperativeDataSource pool) throws SQLException {
		try (Connection connection = pool.getConnection()) {
			return !connection.isClosed();
		}
	}

	static void awaitWaiting(CooperativeDataSource pool, int count) {
		await().until(() -> pool.getThreadsInQueue() == count);
	}

}
