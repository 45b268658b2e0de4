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

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Properties;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import org.cooperativejdbc.carrier.EventLoops;
import org.cooperativejdbc.driver.CancellingDriver;
import org.cooperativejdbc.pool.CooperativeDataSource;
import org.cooperativejdbc.test.ActiveBackends;
import org.cooperativejdbc.test.Database;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.postgresql.jdbc.PgConnection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

/**
 * Pools and drivers without Spring.
 */
class CooperativeTests {

	private static final Database database = Database.POSTGRESQL;

	@ParameterizedTest
	@EnumSource(ConcurrencyModel.class)
	void poolWorksAndIsClosedWithCooperative(ConcurrencyModel model) throws Exception {
		HikariDataSource pool;
		try (Cooperative cooperative = Cooperative.start(options(model))) {
			pool = cooperative.pool(config(2));
			try (Connection connection = pool.getConnection()) {
				assertThat(database.session(connection)).isPositive();
			}
			assertThat(pool.isRunning()).isTrue();
		}
		assertThat(pool.isClosed()).isTrue();
	}

	@Test
	void poolInTheModelPlatformIsThatOfHikari() {
		try (Cooperative cooperative = Cooperative.start(options(ConcurrencyModel.PLATFORM))) {
			assertThat(cooperative.pool(config(1))).isExactlyInstanceOf(HikariDataSource.class);
			assertThat(cooperative.driverProperties("org.postgresql.Driver")).isEmpty();
			assertThat(cooperative.driverClassName("org.postgresql.Driver")).isEqualTo("org.postgresql.Driver");
		}
	}

	@ParameterizedTest
	@EnumSource(value = ConcurrencyModel.class, names = { "VIRTUAL", "EVENT_LOOP" })
	void deadlineCancelsTheStatementAndItsConnectionSurvives(ConcurrencyModel model) throws Exception {
		try (Cooperative cooperative = Cooperative.start(options(model))) {
			HikariDataSource pool = cooperative.pool(config(1));
			virtual(() -> {
				try (Connection connection = pool.getConnection()) {
					int session = database.session(connection);
					try (Deadline.Scope deadline = Deadline.after(Duration.ofMillis(200)).enter()) {
						assertThatExceptionOfType(SQLException.class).isThrownBy(() -> database.sleep(connection, 61))
							.satisfies((ex) -> assertThat(ex.getSQLState()).isEqualTo(database.canceled()));
					}
					assertThat(database.session(connection)).isEqualTo(session);
				}
				return null;
			});
		}
	}

	@ParameterizedTest
	@EnumSource(value = ConcurrencyModel.class, names = { "VIRTUAL", "EVENT_LOOP" })
	void threadsThatWaitForAConnectionAreCounted(ConcurrencyModel model) throws Exception {
		try (Cooperative cooperative = Cooperative.start(options(model))) {
			CooperativeDataSource pool = (CooperativeDataSource) cooperative.pool(config(1));
			CompletableFuture<Integer> waiting;
			try (Connection held = pool.getConnection()) {
				waiting = PoolThreads.VIRTUAL.run(() -> {
					try (Connection connection = pool.getConnection()) {
						return database.session(connection);
					}
				});
				long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
				while (pool.getThreadsInQueue() == 0 && System.nanoTime() < end) {
					Thread.onSpinWait();
				}
				assertThat(pool.getThreadsInQueue()).isOne();
				assertThat(pool.getPlacesTaken()).isOne();
				assertThat(held.isValid(1)).isTrue();
			}
			assertThat(waiting.get(20, TimeUnit.SECONDS)).isPositive();
		}
	}

	@ParameterizedTest
	@EnumSource(value = ConcurrencyModel.class, names = { "VIRTUAL", "EVENT_LOOP" })
	void anyOtherPoolPassesThePropertiesToTheDriver(ConcurrencyModel model) throws Exception {
		try (Cooperative cooperative = Cooperative.start(options(model))) {
			Properties properties = cooperative.driverProperties("org.postgresql.Driver");
			properties.setProperty("user", database.username());
			properties.setProperty("password", database.password());
			assertThat(cooperative.driverClassName("org.postgresql.Driver"))
				.isEqualTo(CancellingDriver.class.getName());
			try (Connection connection = DriverManager.getConnection(database.url(), properties)) {
				assertThat(database.session(connection)).isPositive();
			}
			java.sql.Driver driver = new CancellingDriver();
			virtual(() -> {
				try (Connection connection = driver.connect(database.url(), properties)) {
					Thread.currentThread().interrupt();
					assertThatExceptionOfType(SQLException.class).isThrownBy(() -> database.sleep(connection, 62))
						.satisfies((ex) -> assertThat(ex.getSQLState()).isEqualTo(database.canceled()));
					assertThat(Thread.interrupted()).isTrue();
					assertThat(database.session(connection)).isPositive();
				}
				return null;
			});
			assertThat(cooperative.driverProperties("org.mariadb.jdbc.Driver")).isNotEmpty();
			assertThat(cooperative.driverProperties("com.mysql.cj.jdbc.Driver")).isNotEmpty();
			assertThat(cooperative.driverProperties("jdbc:postgresql://localhost/x")).isNotEmpty();
		}
	}

	@ParameterizedTest
	@ValueSource(strings = { "org.h2.Driver", "jdbc:h2:mem:secret" })
	void driverWithoutSocketFactoryIsAnErrorWithARemedy(String driver) {
		try (Cooperative cooperative = Cooperative.start(CooperativeOptions.defaults())) {
			assertThatIllegalArgumentException().isThrownBy(() -> cooperative.driverProperties(driver))
				.withMessageContaining("h2")
				.withMessageContaining("Cooperative.offload")
				.withMessageNotContaining("secret");
		}
	}

	@Test
	void urlWithASocketFactoryOfTheUserIsAnErrorWithARemedy() {
		try (Cooperative cooperative = Cooperative.start(CooperativeOptions.defaults())) {
			assertThatIllegalArgumentException()
				.isThrownBy(
						() -> cooperative.driverProperties("jdbc:postgresql://localhost/x?socketFactory=com.acme.S"))
				.withMessageContaining("com.acme.S")
				.withMessageContaining("Remove 'socketFactory'");
		}
	}

	@ParameterizedTest
	@EnumSource(ConcurrencyModel.class)
	void poolOfADriverWithoutSocketFactoryWorks(ConcurrencyModel model) throws Exception {
		try (Cooperative cooperative = Cooperative.start(options(model))) {
			HikariConfig config = new HikariConfig();
			config.setJdbcUrl("jdbc:h2:mem:cooperative");
			config.setPoolName("h2");
			try (Connection connection = cooperative.pool(config).getConnection()) {
				assertThat(connection.isValid(1)).isTrue();
			}
			if (model != ConcurrencyModel.PLATFORM) {
				assertThat(cooperative.description().dataSources()).containsEntry("h2", "no socket factory to install");
			}
		}
	}

	@Test
	void socketFactoryOfTheUserIsKeptAndReported() throws Exception {
		try (Cooperative cooperative = Cooperative.start(CooperativeOptions.defaults())) {
			HikariConfig config = config(1);
			config.addDataSourceProperty("socketFactory", "javax.net.DefaultSocketFactory");
			HikariDataSource pool = cooperative.pool(config);
			assertThat(pool.getDataSourceProperties()).containsEntry("socketFactory", "javax.net.DefaultSocketFactory");
			assertThat(cooperative.description().findings()).singleElement()
				.satisfies((finding) -> assertThat(finding.id()).isEqualTo("socket-factory"));
		}
	}

	@ParameterizedTest
	@EnumSource(ConcurrencyModel.class)
	void poolThatRunsIsRefused(ConcurrencyModel model) throws Exception {
		try (Cooperative cooperative = Cooperative.start(options(model));
				HikariDataSource running = new HikariDataSource(config(1))) {
			assertThatIllegalArgumentException().isThrownBy(() -> cooperative.pool(running))
				.withMessageContaining(running.getPoolName())
				.withMessageContaining("HikariConfig");
			running.getConnection().close();
		}
	}

	@Test
	void settingsOfTheUserAreCopied() {
		HikariConfig config = config(1);
		try (Cooperative one = Cooperative.start(CooperativeOptions.defaults());
				Cooperative other = Cooperative.start(CooperativeOptions.defaults())) {
			HikariDataSource first = one.pool(config);
			HikariDataSource second = other.pool(config);
			assertThat(first.getDataSourceProperties().get("socketFactoryArg"))
				.isNotEqualTo(second.getDataSourceProperties().get("socketFactoryArg"));
			assertThat(config.getDataSourceProperties()).isEmpty();
		}
	}

	@ParameterizedTest
	@EnumSource(ConcurrencyModel.class)
	void severalInOneJvmHaveNothingInCommon(ConcurrencyModel model) throws Exception {
		try (Cooperative one = Cooperative.start(options(model))) {
			HikariDataSource pool = one.pool(config(1));
			try (Connection before = pool.getConnection()) {
				try (Cooperative other = Cooperative.start(options(model));
						Connection connection = other.pool(config(1)).getConnection()) {
					assertThat(database.session(connection)).isPositive();
				}
				assertThat(database.session(before)).isPositive();
			}
		}
	}

	@ParameterizedTest
	@EnumSource(ConcurrencyModel.class)
	void closedOnceAndForAll(ConcurrencyModel model) throws Exception {
		Cooperative cooperative = Cooperative.start(options(model));
		HikariDataSource closedBefore = cooperative.pool(config(1));
		closedBefore.getConnection().close();
		virtual(() -> {
			closedBefore.close();
			return null;
		});
		cooperative.close();
		cooperative.close();
		assertThatExceptionOfType(RejectedExecutionException.class).isThrownBy(() -> cooperative.pool(config(1)))
			.withMessage("Cooperative has been closed");
		assertThatExceptionOfType(RejectedExecutionException.class)
			.isThrownBy(() -> cooperative.driverProperties("org.postgresql.Driver"));
	}

	/**
	 * The thread that closes waits for the connection that another thread uses.
	 */
	@ParameterizedTest
	@EnumSource(value = ConcurrencyModel.class, names = { "VIRTUAL", "EVENT_LOOP" })
	void closingWaitsForAStatementInFlight(ConcurrencyModel model) throws Exception {
		CompletableFuture<Object> sleeping;
		try (ActiveBackends backends = new ActiveBackends(database, "%sleep(0.7)%");
				Cooperative cooperative = Cooperative.start(options(model))) {
			HikariDataSource pool = cooperative.pool(config(1));
			sleeping = PoolThreads.VIRTUAL.run(() -> {
				try (Connection connection = pool.getConnection()) {
					database.sleep(connection, 0.7);
				}
				return "slept";
			});
			long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
			while (backends.peak() == 0 && System.nanoTime() < end) {
				Thread.onSpinWait();
			}
		}
		assertThat(sleeping.get(20, TimeUnit.SECONDS)).isEqualTo("slept");
	}

	@Test
	void badValuesAreClearErrors() {
		CooperativeOptions options = CooperativeOptions.defaults();
		assertThatIllegalArgumentException().isThrownBy(() -> options.withThreads(0))
			.withMessage("'threads' must be positive, but is 0");
		assertThatIllegalArgumentException().isThrownBy(() -> options.withOffloadThreads(-1))
			.withMessage("'offloadThreads' must be positive, but is -1");
		assertThatIllegalArgumentException().isThrownBy(() -> options.withCancelGrace(Duration.ZERO))
			.withMessage("'cancelGrace' must be positive, but is PT0S");
		assertThatIllegalArgumentException().isThrownBy(() -> options.withCloseTimeout(Duration.ofSeconds(-1)))
			.withMessage("'closeTimeout' must not be negative, but is PT-1S");
	}

	@Test
	void eventLoopsAreRefusedWhereTheJvmHasNone() throws Exception {
		Process process = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-cp",
				System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
				CooperativeMain.class.getName())
			.redirectErrorStream(true)
			.start();
		try {
			String output = String.join("\n", process.inputReader().lines().toList());
			assertThat(output).contains("java.lang not open")
				.contains("--add-opens=java.base/java.lang=ALL-UNNAMED")
				.contains("virtual works");
		}
		finally {
			process.destroyForcibly();
		}
	}

	@Test
	void eventLoopsOfTheProgramStayOpen() throws Exception {
		try (EventLoops loops = EventLoops.start(1)) {
			for (int i = 0; i < 2; i++) {
				try (Cooperative cooperative = Cooperative.start(CooperativeOptions.defaults(), loops);
						Connection connection = cooperative.pool(config(1)).getConnection()) {
					assertThat(connection.unwrap(PgConnection.class)).isNotNull();
					assertThat(cooperative.description().model()).isEqualTo(ConcurrencyModel.EVENT_LOOP);
				}
			}
			CompletableFuture<String> alive = new CompletableFuture<>();
			loops.threadFactory("user-").newThread(() -> alive.complete("alive")).start();
			assertThat(alive.get(20, TimeUnit.SECONDS)).isEqualTo("alive");
		}
	}

	private static CooperativeOptions options(ConcurrencyModel model) {
		return CooperativeOptions.defaults().withModel(model).withThreads(2);
	}

	private static HikariConfig config(int size) {
		HikariConfig config = new HikariConfig();
		config.setJdbcUrl(database.url());
		config.setUsername(database.username());
		config.setPassword(database.password());
		config.setMaximumPoolSize(size);
		return config;
	}

	private static <T> T virtual(Callable<T> task) throws Exception {
		return PoolThreads.unwrapped(() -> PoolThreads.VIRTUAL.run(task).get(30, TimeUnit.SECONDS));
	}

}
