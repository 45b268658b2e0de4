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

import java.io.IOException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

import com.microsoft.sqlserver.jdbc.SQLServerDataSource;
import com.zaxxer.hikari.HikariDataSource;
import org.cooperativejdbc.Deadline;
import org.cooperativejdbc.InterruptPolicy;
import org.cooperativejdbc.pool.ConnectionSources;
import org.cooperativejdbc.socket.CooperativeSocketFactory;
import org.cooperativejdbc.test.Carrier;
import org.cooperativejdbc.test.TdsServer;
import org.cooperativejdbc.test.TdsServer.Encryption;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatNoException;
import static org.awaitility.Awaitility.await;

/**
 * Tests for {@link SqlServerSupport}. What needs a server is run against a
 * {@link TdsServer}, which stands in for one.
 */
class SqlServerSupportTests {

	private static final Duration GRACE = Duration.ofMillis(100);

	private static final Duration LONG_GRACE = Duration.ofMinutes(5);

	/**
	 * What nobody who gives up waits for, however busy the machine is.
	 */
	private static final Duration LIMIT = Duration.ofSeconds(15);

	private static final String DATA_SOURCE = "com.microsoft.sqlserver.jdbc.SQLServerDataSource";

	private final SqlServerSupport support = new SqlServerSupport();

	static Stream<Arguments> all() {
		return Stream.of(Encryption.values())
			.flatMap((encryption) -> Stream.of(Carrier.PLATFORM, Carrier.JDK, Carrier.EVENT_LOOP)
				.map((carrier) -> Arguments.of(encryption, carrier)));
	}

	static Stream<Arguments> interruptible() {
		return all().filter((arguments) -> arguments.get()[1] != Carrier.PLATFORM);
	}

	@ParameterizedTest
	@EnumSource
	void statementsWaitAtOnceOnTheSocketsOfTheApplication(Encryption encryption) throws Exception {
		try (User user = new User(encryption, Carrier.EVENT_LOOP, LONG_GRACE)) {
			List<FutureTask<?>> waiting = new ArrayList<>();
			for (int i = 0; i < 20; i++) {
				waiting.add(user.start(() -> {
					try (Connection connection = user.connect()) {
						assertThat(waitFor(connection)).isOne();
						assertThat(connection.isValid(0)).isTrue();
					}
					return null;
				}));
			}
			await().until(() -> user.server.waiting() == 20);
			user.server.answer();
			for (FutureTask<?> task : waiting) {
				task.get(30, TimeUnit.SECONDS);
			}
			assertThat(user.sockets).hasValue(20);
		}
	}

	@ParameterizedTest
	@MethodSource("all")
	void connectionIsClosedWhenTheDeadlineAndTheGracePeriodHavePassed(Encryption encryption, Carrier carrier)
			throws Exception {
		givesUp(encryption, carrier, false);
	}

	@ParameterizedTest
	@MethodSource("interruptible")
	void connectionIsClosedWhenTheGracePeriodAfterAnInterruptHasPassed(Encryption encryption, Carrier carrier)
			throws Exception {
		givesUp(encryption, carrier, true);
	}

	private static void givesUp(Encryption encryption, Carrier carrier, boolean interrupt) throws Exception {
		try (User user = new User(encryption, carrier, GRACE)) {
			user.call(() -> {
				Connection connection = user.connect();
				long start = System.nanoTime();
				try (Deadline.Scope scope = interrupt ? Statements.interrupted()
						: Deadline.after(Duration.ofMillis(50)).enter()) {
					assertThatExceptionOfType(SQLException.class).isThrownBy(() -> waitFor(connection))
						.satisfies((ex) -> assertThat(ex.getSQLState()).startsWith("08"));
				}
				assertThat(System.nanoTime() - start).isBetween(GRACE.toNanos(), LIMIT.toNanos());
				assertThat(Thread.interrupted()).isEqualTo(interrupt);
				assertThat(connection.isClosed()).isTrue();
				return null;
			});
			assertThat(user.server.attentions()).isZero();
		}
	}

	@ParameterizedTest
	@MethodSource("all")
	void answerWithinTheGracePeriodKeepsTheConnection(Encryption encryption, Carrier carrier) throws Exception {
		try (User user = new User(encryption, carrier, LONG_GRACE)) {
			CompletableFuture<Deadline> deadline = new CompletableFuture<>();
			FutureTask<?> task = user.start(() -> {
				try (Connection connection = user.connect()) {
					deadline.complete(Deadline.after(Duration.ofMillis(50)));
					try (Deadline.Scope scope = deadline.join().enter()) {
						assertThat(waitFor(connection)).isOne();
					}
					assertThat(connection.isValid(0)).isTrue();
				}
				return null;
			});
			await().until(() -> user.server.waiting() == 1 && deadline.join().leftNanos() < 0);
			user.server.answer();
			task.get(30, TimeUnit.SECONDS);
		}
	}

	/**
	 * Whether by a method, or by what the driver makes of one.
	 */
	@ParameterizedTest
	@MethodSource("all")
	void commitIsNeverGivenUp(Encryption encryption, Carrier carrier) throws Exception {
		try (User user = new User(encryption, carrier, GRACE)) {
			for (boolean method : (carrier == Carrier.JDK) ? new boolean[] { true, false } : new boolean[] { true }) {
				FutureTask<?> task = user.start(() -> {
					try (Connection connection = user.connect()) {
						connection.setAutoCommit(false);
						user.server.holdCommits();
						try (Deadline.Scope scope = Deadline.after(Duration.ofMillis(10)).enter()) {
							if (method) {
								connection.commit();
							}
							else {
								connection.setAutoCommit(true);
							}
						}
						assertThat(connection.isValid(0)).isTrue();
					}
					return null;
				});
				await().until(() -> user.server.waiting() == 1);
				await().during(GRACE.multipliedBy(2)).until(() -> user.server.waiting() == 1);
				user.server.answer();
				task.get(30, TimeUnit.SECONDS);
			}
		}
	}

	/**
	 * By the driver's own means, which nothing is added to.
	 */
	@ParameterizedTest
	@MethodSource("all")
	void statementIsCanceledByItsUser(Encryption encryption, Carrier carrier) throws Exception {
		try (User user = new User(encryption, carrier, LONG_GRACE)) {
			user.call(() -> {
				try (Connection connection = user.connect(); Statement statement = connection.createStatement()) {
					FutureTask<?> canceling = user.start(() -> {
						await().until(() -> user.server.waiting() == 1);
						statement.cancel();
						return null;
					});
					assertThatExceptionOfType(SQLException.class).isThrownBy(() -> statement.execute("WAITFOR"));
					canceling.get(30, TimeUnit.SECONDS);
					assertThat(connection.isValid(0)).isTrue();
				}
				return null;
			});
			assertThat(user.server.attentions()).isOne();
		}
	}

	@ParameterizedTest
	@MethodSource("all")
	void loginToASilentServerEndsWithinTheGracePeriod(Encryption encryption, Carrier carrier) throws Exception {
		try (User user = new User(encryption, carrier, GRACE)) {
			user.server.silence();
			user.call(() -> {
				try (Deadline.Scope scope = Deadline.after(Duration.ofMillis(50)).enter()) {
					assertThatExceptionOfType(SQLException.class).isThrownBy(user::connect);
				}
				return null;
			});
		}
	}

	/**
	 * Where the name has several addresses, the driver connects to all of them at once,
	 * on threads of its own, and closes the sockets of those that come later.
	 */
	@ParameterizedTest
	@EnumSource(names = { "JDK", "EVENT_LOOP" })
	void driverConnectsToAllAddressesAtOnce(Carrier carrier) throws Exception {
		try (User user = new User(Encryption.TRUE, carrier, LONG_GRACE)) {
			user.call(() -> {
				try (Connection connection = user.connect(";multiSubnetFailover=true")) {
					assertThat(connection.isValid(0)).isTrue();
				}
				return null;
			});
			assertThat(user.sockets).hasPositiveValue();
		}
	}

	@Test
	void queryTimeoutOfTheDriverKeepsTheConnectionOfAVirtualThread() throws Exception {
		try (User user = new User(Encryption.TRUE, Carrier.JDK, LONG_GRACE)) {
			user.call(() -> {
				try (Connection connection = user.connect(); Statement statement = connection.createStatement()) {
					statement.setQueryTimeout(1);
					assertThatExceptionOfType(SQLException.class).isThrownBy(() -> statement.execute("WAITFOR"));
					assertThat(connection.isValid(0)).isTrue();
				}
				return null;
			});
		}
	}

	@Test
	void poolOfADataSourceClassIsInstalled() throws Exception {
		try (User user = new User(Encryption.FALSE, Carrier.JDK, LONG_GRACE);
				HikariDataSource pool = new HikariDataSource()) {
			pool.setDataSourceClassName(SQLServerDataSource.class.getName());
			pool.addDataSourceProperty("URL", user.server.url());
			user.install(pool);
			assertThatNoException().isThrownBy(() -> pool.getConnection().close());
			assertThat(user.sockets).hasPositiveValue();
		}
	}

	private static int waitFor(Connection connection) throws SQLException {
		try (Statement statement = connection.createStatement(); ResultSet result = statement.executeQuery("WAITFOR")) {
			assertThat(result.next()).isTrue();
			return result.getInt(1);
		}
	}

	@ParameterizedTest
	@CsvSource(nullValues = "-", delimiter = '|',
			value = { "jdbc:sqlserver://host:1433;databaseName=db | - | -",
					"jdbc:sqlserver://host | com.microsoft.sqlserver.jdbc.SQLServerDriver | -",
					"jdbc:p6spy:sqlserver://host | com.p6spy.engine.spy.P6SpyDriver | p6spy",
					"jdbc:otel:sqlserver://host | - | otel", "jdbc:tc:sqlserver:2022:///db | - | tc",
					"jdbc-secretsmanager:sqlserver://host | - | secretsmanager" })
	void isInstalled(String url, @Nullable String driver, @Nullable String wrapper) {
		ConnectionSource source = source(url, driver, null);
		assertThat(this.support.accepts(source)).isTrue();
		assertThat(this.support.install(source, "key", GRACE)).isInstanceOfSatisfying(Installation.Installed.class,
				(installed) -> {
					assertThat(installed.properties())
						.containsEntry("socketFactoryClass", CooperativeSocketFactory.class.getName())
						.containsEntry("socketFactoryConstructorArg", "key");
					assertThat(installed.through()).isEqualTo(wrapper);
					assertThat(installed.limits()).isNotEmpty();
				});
	}

	@ParameterizedTest
	@CsvSource(nullValues = "-", value = { "jdbc:datadirect:sqlserver://host, -", "jdbc:jtds:sqlserver://host/db, -",
			"jdbc:sqlserver://host, com.example.Driver", "jdbc:h2:mem:sqlserver:, -", "-, org.postgresql.Driver" })
	void anotherDriverIsNotAccepted(@Nullable String url, @Nullable String driver) {
		assertThat(this.support.accepts(source(url, driver, null))).isFalse();
	}

	@Test
	void classTellsTheDriverWhereThereIsNoUrl() {
		assertThat(this.support.accepts(source(null, null, DATA_SOURCE))).isTrue();
		assertThat(this.support.accepts(source(null, "com.microsoft.sqlserver.jdbc.SQLServerDriver", null))).isTrue();
	}

	/**
	 * The driver prefers the properties to the URL.
	 */
	@ParameterizedTest
	@ValueSource(strings = { "jdbc:sqlserver://host;socketFactoryClass=a.B;databaseName=db",
			"jdbc:sqlserver://host;databaseName=db; SOCKETFACTORYCLASS = a.B ;encrypt=true" })
	void factoryInTheUrlIsKept(String url) {
		assertThat(this.support.install(source(url, null, null), "key", GRACE)).isInstanceOfSatisfying(
				Installation.Refused.class,
				(refused) -> assertThat(refused.outcome()).isEqualTo("socket factory a.B kept"));
	}

	@Test
	void factoryInThePropertiesIsKept() {
		ConnectionSource source = source("jdbc:sqlserver://host", null, null);
		source.properties().setProperty("SocketFactoryClass", "a.B");
		assertThat(this.support.install(source, "key", GRACE)).isInstanceOfSatisfying(Installation.Refused.class,
				(refused) -> assertThat(refused.outcome()).isEqualTo("socket factory a.B kept"));
	}

	private static ConnectionSource source(@Nullable String url, @Nullable String driver, @Nullable String dataSource) {
		return new ConnectionSource("pool", url, driver, dataSource, new Properties(), Duration.ofSeconds(30),
				SqlServerSupportTests.class);
	}

	/**
	 * Threads of a kind, and their connections to a server.
	 */
	private static final class User implements AutoCloseable {

		private final SqlServerSupport support = new SqlServerSupport();

		private final TdsServer server;

		private final Carrier.Carried carried;

		private final AtomicInteger sockets = new AtomicInteger();

		private final String key;

		User(Encryption encryption, Carrier carrier, Duration grace) throws IOException {
			this.server = new TdsServer(encryption);
			this.carried = carrier.open(InterruptPolicy.CANCEL, grace);
			this.key = CooperativeSocketFactory.register(this.support.sockets(() -> {
				this.sockets.incrementAndGet();
				return this.carried.sockets().get();
			}));
		}

		<T> FutureTask<T> start(Callable<T> action) {
			FutureTask<T> task = new FutureTask<>(action);
			this.carried.threads().newThread(task).start();
			return task;
		}

		void call(Callable<?> action) throws Exception {
			start(action).get(20, TimeUnit.SECONDS);
		}

		void install(HikariDataSource pool) {
			Installation.Installed installed = (Installation.Installed) this.support
				.install(ConnectionSources.of("pool", pool), this.key, GRACE);
			installed.properties().forEach(pool.getDataSourceProperties()::setProperty);
		}

		Connection connect() throws SQLException {
			return connect("");
		}

		Connection connect(String options) throws SQLException {
			String url = this.server.url() + options;
			try (HikariDataSource settings = new HikariDataSource()) {
				settings.setJdbcUrl(url);
				install(settings);
				return DriverManager.getConnection(url, settings.getDataSourceProperties());
			}
		}

		@Override
		public void close() throws Exception {
			CooperativeSocketFactory.unregister(this.key);
			this.server.close();
			this.carried.resource().close();
		}

	}

}
