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
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;

import org.cooperativejdbc.pool.CooperativeDataSource;
import org.cooperativejdbc.pool.QueueLimits;
import org.cooperativejdbc.test.TestDatabase;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests for the places of a {@link CooperativeDataSource}, which come back with their
 * connections, whatever becomes of these.
 */
@Timeout(60)
class PlaceReturnTests {

	/**
	 * How often each of the threads borrows at random.
	 */
	private static final int ROUNDS = Integer.getInteger("places.rounds", 25);

	@RegisterExtension
	private final Pools pools = new Pools();

	@Test
	void connectionThatAnotherThreadClosesGivesItsPlaceBack() throws Exception {
		CooperativeDataSource pool = this.pools.create(1);
		Connection connection = PoolThreads.PLATFORM.run(pool::getConnection).get();
		CompletableFuture<Boolean> waiting = PoolThreads.VIRTUAL.run(() -> Pools.borrow(pool));
		Pools.awaitWaiting(pool, 1);
		connection.close();
		assertThat(waiting.get()).isTrue();
	}

	@Test
	void evictedConnectionGivesItsPlaceBack() throws Exception {
		CooperativeDataSource pool = this.pools.create(1);
		Connection connection = pool.getConnection();
		CompletableFuture<Boolean> waiting = PoolThreads.VIRTUAL.run(() -> Pools.borrow(pool));
		Pools.awaitWaiting(pool, 1);
		pool.evictConnection(connection);
		assertThat(waiting.get()).isTrue();
		connection.close();
	}

	/**
	 * HikariCP tells nobody when the application closes a connection that broke.
	 */
	@Test
	void brokenConnectionGivesItsPlaceBackBeforeItIsClosed() throws Exception {
		CooperativeDataSource pool = this.pools.create(1, (config) -> {
			config.setJdbcUrl(TestDatabase.instance().url());
			config.setUsername(TestDatabase.instance().username());
			config.setPassword(TestDatabase.instance().password());
			config.setMinimumIdle(0);
		}, QueueLimits.NONE);
		Connection connection = pool.getConnection();
		CompletableFuture<Boolean> waiting = PoolThreads.VIRTUAL.run(() -> Pools.borrow(pool));
		Pools.awaitWaiting(pool, 1);
		try (Statement statement = connection.createStatement()) {
			assertThatExceptionOfType(SQLException.class)
				.isThrownBy(() -> statement.execute("select pg_terminate_backend(pg_backend_pid())"));
		}
		assertThat(waiting.get(10, TimeUnit.SECONDS)).isTrue();
		connection.close();
	}

	/**
	 * Threads that nest, hand connections to others, evict them, break off and give up,
	 * while the size changes.
	 */
	@Test
	void placesAndConnectionsAgreeUnderRandomUse() throws Exception {
		CooperativeDataSource pool = this.pools.create(5, (config) -> config.setConnectionTimeout(250),
				QueueLimits.NONE);
		List<CompletableFuture<?>> all = new ArrayList<>();
		for (int i = 0; i < 30; i++) {
			all.add(((i % 2 == 0) ? PoolThreads.VIRTUAL : PoolThreads.PLATFORM).run(() -> {
				for (int round = 0; round < ROUNDS; round++) {
					useAtRandom(pool);
				}
				return null;
			}));
		}
		for (CompletableFuture<?> each : all) {
			each.get();
		}
		pool.setMaximumPoolSize(2);
		assertThat(Pools.borrow(pool)).isTrue();
	}

	private static void useAtRandom(CooperativeDataSource pool) throws Exception {
		try {
			Connection connection = pool.getConnection();
			switch (ThreadLocalRandom.current().nextInt(7)) {
				case 0 -> {
					try (connection; Connection inner = pool.getConnection()) {
						Thread.yield();
					}
				}
				case 1 -> PoolThreads.VIRTUAL.run(() -> {
					connection.close();
					return null;
				});
				case 2 -> {
					pool.evictConnection(connection);
					connection.close();
				}
				case 3 -> {
					pool.setMaximumPoolSize(2 + ThreadLocalRandom.current().nextInt(5));
					connection.close();
				}
				case 4 -> {
					try (connection) {
						Thread.currentThread().interrupt();
						pool.getConnection().close();
					}
				}
				case 5 -> {
					try (connection;
							Deadline.Scope scope = Deadline.after(Duration.ofMillis(1)).enter();
							Connection inner = pool.getConnection()) {
						Thread.yield();
					}
				}
				default -> {
					try (connection) {
						Thread.yield();
					}
				}
			}
		}
		catch (SQLException ex) {
			// Refused, late or interrupted
		}
		finally {
			Thread.interrupted();
		}
	}

}
