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

package org.cooperativejdbc.driver;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.FutureTask;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

import com.zaxxer.hikari.HikariDataSource;
import org.cooperativejdbc.Deadline;
import org.cooperativejdbc.ReadOnlyBegin;
import org.cooperativejdbc.ReadOnlyCommit;
import org.cooperativejdbc.test.Carrier;
import org.cooperativejdbc.test.Database;
import org.cooperativejdbc.test.FaultProxy;
import org.cooperativejdbc.test.FaultProxy.Fault;
import org.cooperativejdbc.test.FaultProxy.Kind;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

import org.springframework.boot.logging.LogLevel;
import org.springframework.boot.logging.LoggingSystem;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * A pool whose connections do not wait for the COMMIT of read-only transactions, or begin
 * them lazily as well, under faults of the network: whoever borrows one gets their own
 * number or an {@link SQLException}, never another's, and nothing hangs.
 */
@Timeout(120)
class ReadOnlyFaultTests {

	private static final int FAULTS = Integer.getInteger("reads.faults", 25);

	private static final int THREADS = 12;

	@RegisterExtension
	private final DatabaseUsers users = new DatabaseUsers();

	private final AtomicInteger own = new AtomicInteger();

	private final AtomicInteger foreign = new AtomicInteger();

	private final AtomicInteger refused = new AtomicInteger();

	@BeforeAll
	static void switchLoggingOff() {
		logging().setLogLevel("com.zaxxer.hikari", LogLevel.OFF);
	}

	@AfterAll
	static void switchLoggingOn() {
		logging().setLogLevel("com.zaxxer.hikari", null);
	}

	private static LoggingSystem logging() {
		return LoggingSystem.get(ReadOnlyFaultTests.class.getClassLoader());
	}

	static Stream<Arguments> policies() {
		return Arrays.stream(Carrier.values())
			.flatMap((carrier) -> Stream.of(ReadOnlyBegin.STANDARD, ReadOnlyBegin.LAZY)
				.map((begin) -> Arguments.of(begin, carrier)));
	}

	@ParameterizedTest
	@MethodSource("policies")
	void nobodyGetsTheAnswerOfAnother(ReadOnlyBegin begin, Carrier carrier) throws Exception {
		try (FaultProxy proxy = new FaultProxy(Database.POSTGRESQL)) {
			DatabaseUser user = this.users
				.open(carrier, proxy.url() + "?sslmode=disable&socketTimeout=1", Duration.ofMillis(500))
				.readOnly(ReadOnlyCommit.OVERLAPPED, begin);
			user.call(() -> {
				user.pool().getConnection().close();
				return null;
			});
			proxy.plan(() -> {
				AtomicInteger calls = new AtomicInteger();
				return (direction) -> fault((calls.getAndIncrement() < 2) ? 600 : 0);
			});
			user.pool().getHikariPoolMXBean().softEvictConnections();
			List<FutureTask<@Nullable Void>> tasks = new ArrayList<>();
			for (int i = 0; i < THREADS; i++) {
				FutureTask<@Nullable Void> task = new FutureTask<>(() -> {
					while (proxy.injected() < FAULTS) {
						read(user.pool());
					}
					return null;
				});
				user.threads().newThread(task).start();
				tasks.add(task);
			}
			for (FutureTask<?> task : tasks) {
				task.get(100, TimeUnit.SECONDS);
			}
			proxy.plan(() -> FaultProxy.Plan.NONE);
			evictAll(user.pool());
			assertThat(user.backends()).hasSize(user.pool().getMaximumPoolSize());
			assertThat(user.overlappedCommits()).isPositive();
			assertThat(user.elidedTransactions() > 0).isEqualTo(begin == ReadOnlyBegin.LAZY);
		}
		System.out.println(carrier + " and " + begin + " under faults: own numbers " + this.own + ", refused "
				+ this.refused + ", foreign numbers " + this.foreign);
		assertThat(this.foreign).hasValue(0);
		assertThat(this.own).hasPositiveValue();
		assertThat(this.refused).hasPositiveValue();
	}

	/**
	 * Evict what the pool has, one connection that it is about to make included, which
	 * may have been given a fault already.
	 */
	private static void evictAll(HikariDataSource pool) throws SQLException {
		pool.getHikariPoolMXBean().softEvictConnections();
		try (Connection made = pool.getConnection()) {
			pool.getHikariPoolMXBean().softEvictConnections();
		}
	}

	private static Fault fault(int spared) {
		ThreadLocalRandom random = ThreadLocalRandom.current();
		Kind[] kinds = { Kind.CUT, Kind.RESET, Kind.DELAY, Kind.DELAY, Kind.SPLIT, Kind.SPLIT, Kind.STALL };
		return new Fault(kinds[random.nextInt(kinds.length)], spared + random.nextInt(1500));
	}

	/**
	 * Some transactions read, some write, some have a deadline that soon passes.
	 */
	private void read(HikariDataSource pool) {
		ThreadLocalRandom random = ThreadLocalRandom.current();
		try (Connection connection = pool.getConnection()) {
			connection.setReadOnly(random.nextInt(4) > 0);
			connection.setAutoCommit(random.nextInt(8) == 0);
			try (Deadline.Scope scope = Deadline.after(Duration.ofMillis((random.nextInt(3) != 0) ? 10_000 : 1))
				.enter()) {
				for (int i = random.nextInt(3); i >= 0; i--) {
					read(connection, random.nextInt());
				}
				if (!connection.getAutoCommit()) {
					connection.commit();
				}
			}
		}
		catch (SQLException ex) {
			this.refused.incrementAndGet();
		}
	}

	/**
	 * One of two reads is plain.
	 */
	private void read(Connection connection, int number) throws SQLException {
		try (PreparedStatement statement = connection
			.prepareStatement((number % 2 == 0) ? "select ?::int" : "select ?::int where now() is not null")) {
			statement.setInt(1, number);
			try (ResultSet result = statement.executeQuery()) {
				boolean read = result.next() && result.getInt(1) == number;
				(read ? this.own : this.foreign).incrementAndGet();
			}
		}
	}

}
