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

package org.cooperativejdbc.micronaut;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

import javax.sql.DataSource;

import io.micronaut.context.ApplicationContext;
import io.micronaut.inject.qualifiers.Qualifiers;
import io.micronaut.scheduling.TaskExecutors;
import org.cooperativejdbc.ConcurrencyModel;
import org.cooperativejdbc.Cooperative;
import org.cooperativejdbc.pool.CooperativeDataSource;
import org.cooperativejdbc.test.ActiveBackends;
import org.cooperativejdbc.test.TestDatabase;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * A Micronaut application with the pool that it configures itself.
 */
@Timeout(60)
class MicronautTests {

	private static final int CONNECTIONS = 20;

	@Test
	void statementsOfMicronautsOwnThreadsOverlap() throws Exception {
		try (ApplicationContext context = start(ConcurrencyModel.VIRTUAL, CONNECTIONS)) {
			ExecutorService executor = context.getBean(ExecutorService.class,
					Qualifiers.byName(TaskExecutors.BLOCKING));
			assertOverlap(context.getBean(DataSource.class), (task) -> executor.submit(() -> {
				assertThat(Thread.currentThread().isVirtual()).isTrue();
				task.run();
				return null;
			}));
		}
	}

	@Test
	void statementsOnOneEventLoopOverlap() throws Exception {
		try (ApplicationContext context = start(ConcurrencyModel.EVENT_LOOP, CONNECTIONS)) {
			Cooperative cooperative = context.getBean(Cooperative.class);
			assertOverlap(context.getBean(DataSource.class), (task) -> cooperative.call(() -> {
				task.run();
				return true;
			}));
		}
	}

	private static void assertOverlap(DataSource pool, Threads threads) throws Exception {
		assertThat(pool).isInstanceOf(CooperativeDataSource.class);
		CountDownLatch connected = new CountDownLatch(CONNECTIONS);
		try (ActiveBackends backends = new ActiveBackends("%pg_sleep(1.75)%")) {
			List<Future<?>> running = new ArrayList<>();
			for (int i = 0; i < CONNECTIONS; i++) {
				running.add(threads.run(() -> {
					try (Connection connection = pool.getConnection();
							Statement statement = connection.createStatement()) {
						connected.countDown();
						connected.await();
						statement.execute("select pg_sleep(1.75)");
					}
				}));
			}
			for (Future<?> future : running) {
				future.get(30, TimeUnit.SECONDS);
			}
			assertThat(backends.peak()).isEqualTo(CONNECTIONS);
		}
	}

	@ParameterizedTest
	@EnumSource(value = ConcurrencyModel.class, names = { "VIRTUAL", "EVENT_LOOP" })
	void interruptCancelsTheStatementAndKeepsTheConnection(ConcurrencyModel model) throws Exception {
		String statement = "pg_sleep(71." + model.ordinal() + ")";
		try (ApplicationContext context = start(model, 1)) {
			DataSource pool = context.getBean(DataSource.class);
			int session = query(pool, "select pg_backend_pid()");
			CompletableFuture<Integer> future = context.getBean(Cooperative.class)
				.call(() -> query(pool, "select 1 from " + statement));
			while (ActiveBackends.count("%" + statement + "%") == 0) {
				Thread.yield();
			}
			future.cancel(true);
			assertThat(query(pool, "select pg_backend_pid()")).isEqualTo(session);
			assertThat(ActiveBackends.count("%" + statement + "%")).isZero();
		}
	}

	@ParameterizedTest
	@EnumSource(value = ConcurrencyModel.class, names = { "VIRTUAL", "EVENT_LOOP" })
	void deadlineCancelsTheStatementAndKeepsTheConnection(ConcurrencyModel model) throws Exception {
		try (ApplicationContext context = start(model, 1)) {
			DataSource pool = context.getBean(DataSource.class);
			int session = query(pool, "select pg_backend_pid()");
			assertThatExceptionOfType(SQLException.class).isThrownBy(
					() -> Cooperative.within(Duration.ofMillis(200), () -> query(pool, "select 1 from pg_sleep(72)")))
				.satisfies((ex) -> assertThat(ex.getSQLState()).isEqualTo("57014"));
			assertThat(query(pool, "select pg_backend_pid()")).isEqualTo(session);
		}
	}

	@Test
	void poolIsClosedWithTheApplication() {
		DataSource pool;
		try (ApplicationContext context = start(ConcurrencyModel.VIRTUAL, 1)) {
			pool = context.getBean(DataSource.class);
		}
		assertThatExceptionOfType(SQLException.class).isThrownBy(pool::getConnection);
	}

	@Test
	void pageShowsWhatIsRunHere() throws IOException {
		String source = Files.readString(
				Path.of("src", "test", "java", "org", "cooperativejdbc", "micronaut", "CooperativeFactory.java"));
		String factory = source.substring(source.indexOf("@Factory"));
		assertThat(Files.readString(Path.of("..", "..", "..", "..", "docs", "other-frameworks.md")))
			.contains("```java\n" + factory.replace("\t", "    ") + "```");
	}

	private static ApplicationContext start(ConcurrencyModel model, int connections) {
		TestDatabase database = TestDatabase.instance();
		return ApplicationContext.run(Map.of("cooperative.model", model.name(), "datasources.default.url",
				database.url(), "datasources.default.username", database.username(), "datasources.default.password",
				database.password(), "datasources.default.maximum-pool-size", connections));
	}

	private static int query(DataSource pool, String sql) throws SQLException {
		try (Connection connection = pool.getConnection();
				Statement statement = connection.createStatement();
				ResultSet result = statement.executeQuery(sql)) {
			result.next();
			return result.getInt(1);
		}
	}

	@FunctionalInterface
	private interface Threads {

		Future<?> run(Task task) throws Exception;

	}

	@FunctionalInterface
	private interface Task {

		void run() throws Exception;

	}

}
