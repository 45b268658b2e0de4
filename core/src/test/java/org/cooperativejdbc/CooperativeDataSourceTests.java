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

import java.lang.management.ManagementFactory;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

import javax.management.ObjectName;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import com.zaxxer.hikari.metrics.MetricsTrackerFactory;
import com.zaxxer.hikari.metrics.micrometer.MicrometerMetricsTrackerFactory;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import org.cooperativejdbc.pool.CooperativeDataSource;
import org.cooperativejdbc.pool.PoolSettings;
import org.cooperativejdbc.pool.QueueLimits;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

/**
 * Tests for {@link CooperativeDataSource}, which is a {@link HikariDataSource} to
 * everybody else.
 */
@Timeout(60)
class CooperativeDataSourceTests {

	@RegisterExtension
	private final Pools pools = new Pools();

	@Test
	void isAHikariDataSourceForEverybody() throws Exception {
		HikariDataSource bound = new HikariDataSource();
		bound.setJdbcUrl("jdbc:h2:mem:bound");
		bound.setPoolName("bound");
		bound.addDataSourceProperty("user", "sa");
		CooperativeDataSource pool = new CooperativeDataSource(bound, PoolSettings.DEFAULT);
		this.pools.add(pool);
		assertThat(pool.unwrap(HikariDataSource.class)).isSameAs(pool);
		assertThat(pool.getJdbcUrl()).isEqualTo("jdbc:h2:mem:bound");
		assertThat(pool.getPoolName()).isEqualTo("bound");
		assertThat(pool.getDataSourceProperties()).containsEntry("user", "sa");
		assertThat(Pools.borrow(pool)).isTrue();
	}

	@Test
	void metersAndManagementBeanCountThoseThatWait() throws Exception {
		SimpleMeterRegistry registry = new SimpleMeterRegistry();
		CooperativeDataSource pool = this.pools.create(1, (config) -> config.setRegisterMbeans(true), QueueLimits.NONE);
		MetricsTrackerFactory factory = new MicrometerMetricsTrackerFactory(registry);
		Connection connection = pool.getConnection();
		assertThat(pool.getMetricsTrackerFactory()).isNull();
		pool.setMetricsTrackerFactory(factory);
		assertThat(pool.getMetricsTrackerFactory()).isSameAs(factory);
		List<CompletableFuture<Boolean>> waiting = new ArrayList<>();
		for (int i = 0; i < 3; i++) {
			waiting.add(PoolThreads.VIRTUAL.run(() -> Pools.borrow(pool)));
		}
		Pools.awaitWaiting(pool, 3);
		await()
			.untilAsserted(() -> assertThat(registry.get("hikaricp.connections.pending").gauge().value()).isEqualTo(3));
		ObjectName name = new ObjectName("com.zaxxer.hikari:type=Pool (test)");
		assertThat(ManagementFactory.getPlatformMBeanServer().getAttribute(name, "ThreadsAwaitingConnection"))
			.isEqualTo(3);
		connection.close();
		for (CompletableFuture<Boolean> each : waiting) {
			assertThat(each.get()).isTrue();
		}
		assertThat(registry.get("hikaricp.connections.acquire").timer().max(TimeUnit.NANOSECONDS))
			.as("the wait in the queue")
			.isGreaterThan(TimeUnit.MICROSECONDS.toNanos(100));
		pool.close();
		assertThat(ManagementFactory.getPlatformMBeanServer().isRegistered(name)).isFalse();
	}

	@Test
	void metricRegistryIsThatOfTheUser() throws Exception {
		SimpleMeterRegistry registry = new SimpleMeterRegistry();
		CooperativeDataSource pool = this.pools.create(1, (config) -> config.setMetricRegistry(registry),
				QueueLimits.NONE);
		assertThat(Pools.borrow(pool)).isTrue();
		assertThat(registry.get("hikaricp.connections.usage").timer().count()).isEqualTo(1);
	}

	@Test
	void threadOfAnEventLoopIsRefusedBeforeItBorrows() {
		HikariConfig config = Pools.config(1);
		CooperativeDataSource pool = new CooperativeDataSource(config, new PoolSettings(QueueLimits.NONE,
				(thread) -> true, (connection) -> null, null, false, Duration.ZERO, Duration.ZERO));
		this.pools.add(pool);
		assertThatExceptionOfType(SQLException.class).isThrownBy(pool::getConnection)
			.withCauseInstanceOf(BlockingOnEventLoopException.class);
		assertThat(pool.isRunning()).isFalse();
	}

	@Test
	void withoutQueueNobodyWaitsInFrontOfThePool() throws Exception {
		CooperativeDataSource pool = new CooperativeDataSource(Pools.config(1), new PoolSettings(null,
				(thread) -> false, (connection) -> null, null, false, Duration.ofSeconds(30), Duration.ofSeconds(5)));
		this.pools.add(pool);
		Connection connection = pool.getConnection();
		CompletableFuture<Boolean> waiting = PoolThreads.PLATFORM.run(() -> Pools.borrow(pool));
		await().until(() -> pool.getHikariPoolMXBean().getThreadsAwaitingConnection() == 1);
		assertThat(pool.getThreadsInQueue()).isZero();
		connection.close();
		assertThat(waiting.get()).isTrue();
	}

}
