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
import java.sql.SQLTransientConnectionException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

import com.zaxxer.hikari.HikariDataSource;
import org.cooperativejdbc.pool.CooperativeDataSource;
import org.cooperativejdbc.test.Database;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.data.jpa.autoconfigure.DataJpaRepositoriesAutoConfiguration;
import org.springframework.boot.hibernate.autoconfigure.HibernateJpaAutoConfiguration;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Primary;
import org.springframework.core.env.Environment;
import org.springframework.core.task.AsyncTaskExecutor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.awaitility.Awaitility.await;

/**
 * Two pools, of different drivers, from which threads borrow in opposite orders. Those
 * that wait for each other end by the timeout of the pool, as they do without the
 * starter: each pool knows who waits for its own connections, and refuses nobody because
 * of those of another one.
 */
class CrossedPoolsTests {

	private static final int ROUNDS = Integer.getInteger("crossed.rounds", 3);

	@ParameterizedTest
	@CsvSource({ "false, virtual", "true, virtual", "true, event-loop" })
	void threadsThatWaitForEachOtherEndByTheTimeout(boolean starter, String model) throws Exception {
		try (Pools pools = new Pools(starter, model, 1, 1, Duration.ofMillis(500))) {
			CyclicBarrier both = new CyclicBarrier(2);
			CompletableFuture<Ending> one = pools.start(() -> nest(pools.postgresql, both, pools.mariadb));
			CompletableFuture<Ending> other = pools.start(() -> nest(pools.mariadb, both, pools.postgresql));
			List<Ending> failed = List.of(one.get(10, TimeUnit.SECONDS), other.get(10, TimeUnit.SECONDS))
				.stream()
				.filter((ending) -> ending.failure != null)
				.toList();
			assertThat(failed).isNotEmpty().allSatisfy((ending) -> {
				assertThat(ending.failure).isInstanceOf(SQLTransientConnectionException.class);
				assertThat(ending.took).isBetween(Duration.ofMillis(400), Duration.ofSeconds(3));
			});
			pools.assertWhole();
		}
	}

	private static Ending nest(HikariDataSource outer, CyclicBarrier both, HikariDataSource inner) throws Exception {
		try (Connection one = outer.getConnection()) {
			both.await(10, TimeUnit.SECONDS);
			long began = System.nanoTime();
			Throwable failure = catchThrowable(() -> inner.getConnection().close());
			return new Ending(failure, Duration.ofNanos(System.nanoTime() - began));
		}
	}

	@ParameterizedTest
	@CsvSource({ "false, virtual", "true, virtual", "true, event-loop" })
	void whoeverGetsNoConnectionUnderLoadFailsByTheTimeout(boolean starter, String model) throws Exception {
		Duration timeout = Duration.ofMillis(300);
		AtomicInteger done = new AtomicInteger();
		AtomicInteger failed = new AtomicInteger();
		try (Pools pools = new Pools(starter, model, 3, 3, timeout)) {
			List<CompletableFuture<Ending>> users = new ArrayList<>();
			for (int i = 0; i < 12; i++) {
				HikariDataSource outer = (i % 2 == 0) ? pools.postgresql : pools.mariadb;
				HikariDataSource inner = (i % 2 == 0) ? pools.mariadb : pools.postgresql;
				users.add(pools.start(() -> {
					Duration longest = Duration.ZERO;
					for (int round = 0; round < ROUNDS; round++) {
						long began = System.nanoTime();
						try (Connection one = outer.getConnection()) {
							work();
							try (Connection other = inner.getConnection()) {
								assertThat(one.isValid(5)).isTrue();
								assertThat(other.isValid(5)).isTrue();
								work();
							}
							done.incrementAndGet();
						}
						catch (SQLTransientConnectionException ex) {
							failed.incrementAndGet();
						}
						Duration took = Duration.ofNanos(System.nanoTime() - began);
						longest = (took.compareTo(longest) > 0) ? took : longest;
					}
					return new Ending(null, longest);
				}));
			}
			for (CompletableFuture<Ending> user : users) {
				assertThat(user.get(60, TimeUnit.SECONDS).took).isLessThan(timeout.multipliedBy(2).plusSeconds(2));
			}
			pools.assertWhole();
		}
		assertThat(done.get() + failed.get()).isEqualTo(12 * ROUNDS);
		System.out.println("Crossed pools, " + (starter ? model : "control") + ": " + done + " done, " + failed
				+ " failed by the timeout");
	}

	private static void work() {
		LockSupport.parkNanos(ThreadLocalRandom.current().nextLong(5_000_000));
	}

	/**
	 * All connections of the one pool are held by threads that wait, but not all of them
	 * for this pool: the other one will serve its own.
	 */
	@ParameterizedTest
	@CsvSource({ "false, virtual", "true, virtual", "true, event-loop" })
	void threadThatWaitsForAnotherPoolIsNotTakenForADeadlock(boolean starter, String model) throws Exception {
		try (Pools pools = new Pools(starter, model, 2, 1, Duration.ofSeconds(20))) {
			Connection held = pools.mariadb.getConnection();
			CyclicBarrier both = new CyclicBarrier(2);
			CompletableFuture<Ending> waitsForTheOther = pools.start(() -> nest(pools.postgresql, both, pools.mariadb));
			CompletableFuture<Ending> waitsForItsOwn = pools
				.start(() -> nest(pools.postgresql, both, pools.postgresql));
			await().until(() -> waiting(pools.mariadb) == 1 && waiting(pools.postgresql) == 1);
			held.close();
			assertThat(waitsForTheOther.get(10, TimeUnit.SECONDS).failure).isNull();
			assertThat(waitsForItsOwn.get(10, TimeUnit.SECONDS).failure).isNull();
			pools.assertWhole();
		}
	}

	/**
	 * Both connections of the one pool are held by threads that wait for a third, beside
	 * a thread that holds one of the other pool.
	 */
	@ParameterizedTest
	@CsvSource({ "false, virtual", "true, virtual", "true, event-loop" })
	void deadlockOfOnePoolIsSeenBesideAThreadOfTheOther(boolean starter, String model) throws Exception {
		Duration timeout = Duration.ofMillis(starter ? 20_000 : 500);
		try (Pools pools = new Pools(starter, model, 2, 1, timeout)) {
			CyclicBarrier three = new CyclicBarrier(3);
			List<CompletableFuture<Ending>> users = List.of(
					pools.start(() -> nest(pools.postgresql, three, pools.postgresql)),
					pools.start(() -> nest(pools.postgresql, three, pools.postgresql)),
					pools.start(() -> nest(pools.mariadb, three, pools.postgresql)));
			List<Ending> failed = new ArrayList<>();
			for (CompletableFuture<Ending> user : users) {
				Ending ending = user.get(10, TimeUnit.SECONDS);
				if (ending.failure != null) {
					failed.add(ending);
				}
			}
			assertThat(failed).isNotEmpty();
			if (starter) {
				assertThat(failed).singleElement()
					.satisfies((ending) -> assertThat(ending.failure)
						.hasMessageContaining("held by threads that wait for another one"));
			}
			pools.assertWhole();
		}
	}

	private static int waiting(HikariDataSource pool) {
		return (pool instanceof CooperativeDataSource cooperative) ? cooperative.getThreadsInQueue()
				: pool.getHikariPoolMXBean().getThreadsAwaitingConnection();
	}

	/**
	 * How the wait of a thread ended.
	 */
	private record Ending(@Nullable Throwable failure, Duration took) {

	}

	@FunctionalInterface
	private interface User {

		Ending use() throws Exception;

	}

	/**
	 * An application with both pools.
	 */
	private static final class Pools implements AutoCloseable {

		private final ConfigurableApplicationContext context;

		private final HikariDataSource postgresql;

		private final HikariDataSource mariadb;

		Pools(boolean starter, String model, int postgresql, int mariadb, Duration timeout) throws Exception {
			this.context = new SpringApplicationBuilder(Application.class).web(WebApplicationType.NONE)
				.properties("cooperative.jdbc.enabled=" + starter, "cooperative.jdbc.model=" + model,
						"cooperative.jdbc.event-loop.threads=1", "cooperative.jdbc.admission.enabled=true",
						"spring.threads.virtual.enabled=true", "size.postgresql=" + postgresql,
						"size.mariadb=" + mariadb, "timeout=" + timeout.toMillis())
				.run();
			this.postgresql = this.context.getBean("postgresql", HikariDataSource.class);
			this.mariadb = this.context.getBean("mariadb", HikariDataSource.class);
			this.postgresql.getConnection().close();
			this.mariadb.getConnection().close();
		}

		CompletableFuture<Ending> start(User user) {
			return this.context.getBean("applicationTaskExecutor", AsyncTaskExecutor.class)
				.submitCompletable(user::use);
		}

		/**
		 * All connections can be borrowed, and work.
		 */
		void assertWhole() throws Exception {
			for (HikariDataSource pool : List.of(this.postgresql, this.mariadb)) {
				List<Connection> all = new ArrayList<>();
				for (int i = 0; i < pool.getMaximumPoolSize(); i++) {
					all.add(pool.getConnection());
				}
				for (Connection connection : all) {
					assertThat(connection.isValid(5)).isTrue();
					connection.close();
				}
				assertThat(pool.getHikariPoolMXBean().getActiveConnections()).isZero();
				assertThat(waiting(pool)).isZero();
			}
		}

		@Override
		public void close() {
			this.context.close();
		}

	}

	@SpringBootConfiguration(proxyBeanMethods = false)
	@EnableAutoConfiguration(
			exclude = { HibernateJpaAutoConfiguration.class, DataJpaRepositoriesAutoConfiguration.class })
	static class Application {

		@Bean
		@Primary
		HikariDataSource postgresql(Environment environment) {
			return pool(Database.POSTGRESQL, "postgresql", environment);
		}

		@Bean
		HikariDataSource mariadb(Environment environment) {
			return pool(Database.MARIADB, "mariadb", environment);
		}

		private static HikariDataSource pool(Database database, String name, Environment environment) {
			HikariDataSource pool = new HikariDataSource();
			pool.setJdbcUrl(database.url());
			pool.setUsername(database.username());
			pool.setPassword(database.password());
			pool.setMaximumPoolSize(environment.getRequiredProperty("size." + name, Integer.class));
			pool.setConnectionTimeout(environment.getRequiredProperty("timeout", Long.class));
			return pool;
		}

	}

}
