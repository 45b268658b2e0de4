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

package org.cooperativejdbc.harmless;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;

import com.zaxxer.hikari.HikariDataSource;
import org.cooperativejdbc.pool.CooperativeDataSource;
import org.cooperativejdbc.test.TestDatabase;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.DriverManagerDataSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Threads that borrow connections for others, and then wait for another one: somebody
 * else gives back what they have borrowed, so that nobody is stuck.
 */
@Timeout(60)
class ReusedThreadTests {

	/**
	 * As transactions of coroutines and of reactive code do, a task leaves its connection
	 * to what goes on when a slow call has been answered, and its thread does the next
	 * task.
	 */
	@ParameterizedTest
	@CsvSource({ "false, virtual", "true, virtual", "true, event-loop" })
	void connectionsAreHeldAcrossCalls(boolean starter, String model) {
		try (ConfigurableApplicationContext context = start(starter, model);
				ExecutorService threads = Executors.newFixedThreadPool(2)) {
			HikariDataSource pool = context.getBean(HikariDataSource.class);
			AtomicBoolean answered = new AtomicBoolean();
			CyclicBarrier both = new CyclicBarrier(2, () -> answered.set(true));
			List<Connection> held = IntStream.range(0, 2)
				.mapToObj((i) -> CompletableFuture.supplyAsync(() -> begin(pool, answered, both), threads))
				.toList()
				.stream()
				.map(CompletableFuture::join)
				.toList();
			List<CompletableFuture<Void>> others = IntStream.range(0, 2)
				.mapToObj((i) -> CompletableFuture.supplyAsync(() -> begin(pool, answered, both), threads)
					.thenAccept(ReusedThreadTests::end))
				.toList();
			await().atMost(10, TimeUnit.SECONDS).until(() -> waiting(pool) == 2);
			held.forEach(ReusedThreadTests::end);
			Trial.succeed(others);
		}
	}

	private static Connection begin(HikariDataSource pool, AtomicBoolean answered, CyclicBarrier both) {
		try {
			Connection connection = pool.getConnection();
			execute(connection, "select 1");
			if (!answered.get()) {
				Trial.await(both);
			}
			return connection;
		}
		catch (SQLException ex) {
			throw new IllegalStateException(ex);
		}
	}

	private static void end(Connection connection) {
		try (connection) {
			execute(connection, "select 1");
		}
		catch (SQLException ex) {
			throw new IllegalStateException(ex);
		}
	}

	/**
	 * One thread borrows for others, which are in the middle of their statements.
	 */
	@ParameterizedTest
	@CsvSource({ "false, virtual", "true, virtual", "true, event-loop" })
	void connectionsAreHandedToOthers(boolean starter, String model) throws SQLException {
		DriverManagerDataSource others = new DriverManagerDataSource(TestDatabase.instance().url(),
				TestDatabase.instance().username(), TestDatabase.instance().password());
		try (ConfigurableApplicationContext context = start(starter, model);
				ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
				Connection lock = others.getConnection()) {
			HikariDataSource pool = context.getBean(HikariDataSource.class);
			JdbcTemplate observer = new JdbcTemplate(others);
			execute(lock, "select pg_advisory_lock(4711)");
			CompletableFuture<Void> last = CompletableFuture.runAsync(() -> {
				handOver(pool, threads);
				handOver(pool, threads);
				await().until(() -> isWaiting(observer, 2));
				handOver(pool, threads);
			}, threads);
			await().until(() -> isWaiting(observer, 2) && waiting(pool) == 1);
			execute(lock, "select pg_advisory_unlock(4711)");
			Trial.succeed(List.of(last));
		}
	}

	private static boolean isWaiting(JdbcTemplate observer, int threads) {
		return List.of(threads)
			.equals(observer.queryForList("select count(*)::int from pg_locks where locktype = 'advisory'"
					+ " and objid = 4711 and not granted", Integer.class));
	}

	private static void handOver(HikariDataSource pool, ExecutorService threads) {
		try {
			Connection connection = pool.getConnection();
			threads.execute(() -> {
				try (connection) {
					execute(connection, "select pg_advisory_xact_lock(4711)");
				}
				catch (SQLException ex) {
					throw new IllegalStateException(ex);
				}
			});
		}
		catch (SQLException ex) {
			throw new IllegalStateException(ex);
		}
	}

	private static void execute(Connection connection, String sql) throws SQLException {
		try (Statement statement = connection.createStatement()) {
			assertThat(statement.execute(sql)).isTrue();
		}
	}

	private static int waiting(HikariDataSource pool) {
		return (pool instanceof CooperativeDataSource cooperative) ? cooperative.getThreadsInQueue()
				: pool.getHikariPoolMXBean().getThreadsAwaitingConnection();
	}

	private static ConfigurableApplicationContext start(boolean starter, String model) {
		return Trial.start(starter, model, List.of(Application.class), "spring.datasource.hikari.maximum-pool-size=2");
	}

	@SpringBootConfiguration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	static class Application {

	}

}
