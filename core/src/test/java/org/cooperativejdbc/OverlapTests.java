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
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

import com.zaxxer.hikari.HikariDataSource;
import org.cooperativejdbc.carrier.EventLoops;
import org.cooperativejdbc.carrier.NettyEventLoops;
import org.cooperativejdbc.socket.CooperativeSocket;
import org.cooperativejdbc.socket.CooperativeSocketFactory;
import org.cooperativejdbc.socket.CooperativeSocketFactory.SocketSupplier;
import org.cooperativejdbc.socket.ParkingSocket;
import org.cooperativejdbc.test.ActiveBackends;
import org.cooperativejdbc.test.Database;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * A hundred statements are in the server at once, although one thread carries all those
 * who wait for them.
 */
class OverlapTests {

	private static final int STATEMENTS = 100;

	private static final Duration GRACE = Duration.ofSeconds(30);

	static Stream<Arguments> carried() {
		return Arrays.stream(Database.values())
			.flatMap((database) -> Stream.of(Arguments.of(database, false), Arguments.of(database, true)));
	}

	@ParameterizedTest(name = "{0}, Netty {1}")
	@MethodSource("carried")
	void oneEventLoopHasAllStatementsInTheServer(Database database, boolean netty) throws Exception {
		try (EventLoops loops = EventLoops.start(1);
				NettyEventLoops nettyLoops = new NettyEventLoops(1, EventLoops.DEFAULT_STALL_THRESHOLD)) {
			WaitStrategy strategy = netty ? nettyLoops : loops;
			ThreadFactory threads = netty ? nettyLoops.threadFactory("user-") : loops.threadFactory("user-");
			assertThat(peak(database, Executors.newThreadPerTaskExecutor(threads),
					() -> new CooperativeSocket(strategy, (thread) -> false, InterruptPolicy.CANCEL, GRACE), STATEMENTS,
					STATEMENTS))
				.isEqualTo(STATEMENTS);
		}
	}

	@ParameterizedTest
	@EnumSource
	void virtualThreadsHaveAllStatementsInTheServer(Database database) throws Exception {
		assertThat(peak(database, Executors.newVirtualThreadPerTaskExecutor(), OverlapTests::parking, STATEMENTS,
				STATEMENTS))
			.isEqualTo(STATEMENTS);
	}

	/**
	 * The control: a platform thread waits for one statement after the other.
	 */
	@ParameterizedTest
	@EnumSource
	void onePlatformThreadHasOneStatementInTheServer(Database database) throws Exception {
		assertThat(peak(database, Executors.newSingleThreadExecutor(), OverlapTests::parking, 5, 1)).isOne();
	}

	private static ParkingSocket parking() {
		return new ParkingSocket((thread) -> false, InterruptPolicy.CANCEL, GRACE);
	}

	/**
	 * Have statements wait for a lock until so many of them are in the server, and no
	 * more come.
	 */
	private static int peak(Database database, ExecutorService executor, SocketSupplier sockets, int statements,
			int atOnce) throws Exception {
		String key = CooperativeSocketFactory.register(database.support().sockets(sockets));
		try (executor; HikariDataSource pool = new HikariDataSource()) {
			database.configure(pool, database.url(), key, GRACE);
			try (ActiveBackends backends = new ActiveBackends(database, "%from overlap_gate%")) {
				List<Future<?>> running = new ArrayList<>();
				try (Connection gate = database.connect()) {
					close(database, gate);
					for (int i = 0; i < statements; i++) {
						running.add(executor.submit(() -> {
							try (Connection connection = connect(pool)) {
								execute(connection, "select count(*) from overlap_gate");
							}
							return null;
						}));
					}
					await().atMost(Duration.ofMinutes(1))
						.during(Duration.ofMillis(300))
						.until(() -> backends.peak() == atOnce);
				}
				for (Future<?> future : running) {
					future.get(60, TimeUnit.SECONDS);
				}
				return backends.peak();
			}
		}
		finally {
			CooperativeSocketFactory.unregister(key);
		}
	}

	/**
	 * Lock a table until the connection is closed.
	 */
	private static void close(Database database, Connection gate) throws SQLException {
		execute(gate, "create table if not exists overlap_gate (id int)");
		gate.setAutoCommit(false);
		execute(gate, (database == Database.POSTGRESQL) ? "lock table overlap_gate" : "lock tables overlap_gate write");
	}

	private static void execute(Connection connection, String sql) throws SQLException {
		try (Statement statement = connection.createStatement()) {
			statement.execute(sql);
		}
	}

	/**
	 * Connect as the pool does, which takes its time between two connections.
	 */
	private static Connection connect(HikariDataSource pool) throws SQLException {
		Properties properties = new Properties();
		properties.putAll(pool.getDataSourceProperties());
		properties.setProperty("user", pool.getUsername());
		properties.setProperty("password", pool.getPassword());
		return DriverManager.getConnection(pool.getJdbcUrl(), properties);
	}

}
