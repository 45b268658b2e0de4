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

package org.cooperativejdbc.socket;

import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import org.cooperativejdbc.carrier.EventLoops;
import org.cooperativejdbc.socket.DriverSession.Task;
import org.cooperativejdbc.test.PgBouncer;
import org.cooperativejdbc.test.TlsServer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

import org.springframework.boot.logging.LogLevel;
import org.springframework.boot.logging.LoggingSystem;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The scenarios of a driver in all three models, in plaintext and with TLS
 * ({@code verify-full}, SCRAM bound to the channel, no negotiation where the server needs
 * none).
 */
class DriverScenarioTests {

	private static EventLoops loops;

	private static TlsServer server;

	private static @Nullable PgBouncer pgBouncer;

	@BeforeAll
	static void startServer() throws IOException, SQLException {
		loops = EventLoops.start(1);
		server = new TlsServer();
	}

	@AfterAll
	static void stopServer() throws IOException {
		if (pgBouncer != null) {
			pgBouncer.close();
		}
		server.close();
		loops.close();
	}

	@ParameterizedTest(name = "{0}, {1}, {2}")
	@MethodSource("runs")
	void behavesTheSameInEachModel(DriverScenario scenario, Model model, Transport transport) throws Exception {
		try (DriverSession session = session(model, transport)) {
			session.start(() -> {
				scenario.play(session);
				return "played";
			}).join();
		}
	}

	/**
	 * What moves a hundred megabytes is run with TLS on event loops only.
	 */
	static Stream<Object[]> runs() {
		List<Object[]> runs = new ArrayList<>();
		for (DriverScenario scenario : DriverScenario.values()) {
			for (Model model : Model.values()) {
				for (Transport transport : Transport.values()) {
					if (!scenario.isHeavy() || transport == Transport.PLAINTEXT || model == Model.EVENT_LOOP) {
						runs.add(new Object[] { scenario, model, transport });
					}
				}
			}
		}
		return runs.stream();
	}

	/**
	 * A client of PgBouncer that keeps its server connection can do what it can without,
	 * but for replication.
	 */
	@ParameterizedTest(name = "{0}, {1}")
	@MethodSource("runsThroughPgBouncer")
	void behavesTheSameThroughPgBouncerInSessionMode(DriverScenario scenario, Model model) throws Exception {
		try (DriverSession session = session(model, pgBouncer().url())) {
			session.start(() -> {
				scenario.play(session);
				return "played";
			}).join();
		}
	}

	static Stream<Object[]> runsThroughPgBouncer() {
		EnumSet<DriverScenario> without = EnumSet.of(DriverScenario.LOGICAL_REPLICATION,
				DriverScenario.PHYSICAL_REPLICATION, DriverScenario.ENCRYPTION);
		return EnumSet.complementOf(without)
			.stream()
			.flatMap((scenario) -> Stream.of(Model.values())
				.filter((model) -> !scenario.isHeavy() || model == Model.EVENT_LOOP)
				.map((model) -> new Object[] { scenario, model }));
	}

	private static PgBouncer pgBouncer() throws IOException {
		if (pgBouncer == null) {
			pgBouncer = new PgBouncer(PgBouncer.Mode.SESSION, server.address());
		}
		return pgBouncer;
	}

	@ParameterizedTest
	@EnumSource
	void poolRecoversWhenTheServerRestarts(Model model) throws Exception {
		LoggingSystem logging = LoggingSystem.get(DriverScenarioTests.class.getClassLoader());
		logging.setLogLevel("com.zaxxer.hikari", LogLevel.OFF);
		try (DriverSession session = session(model, Transport.TLS);
				HikariDataSource pool = new HikariDataSource(config(session))) {
			AtomicBoolean stopped = new AtomicBoolean();
			AtomicInteger served = new AtomicInteger();
			AtomicInteger refused = new AtomicInteger();
			List<Task<?>> users = new ArrayList<>();
			for (int i = 0; i < 8; i++) {
				users.add(session.start(() -> {
					while (!stopped.get()) {
						use(pool, served, refused);
					}
					return "stopped";
				}));
			}
			ScenarioRun.await(() -> served.get() > 50);
			server.stop();
			ScenarioRun.await(() -> refused.get() > 8);
			server.restart();
			int before = served.get();
			ScenarioRun.await(() -> served.get() > before + 100);
			stopped.set(true);
			for (Task<?> user : users) {
				user.join();
			}
			assertThat(pool.getHikariPoolMXBean().getActiveConnections()).isZero();
		}
		finally {
			logging.setLogLevel("com.zaxxer.hikari", null);
		}
	}

	private static void use(HikariDataSource pool, AtomicInteger served, AtomicInteger refused) {
		try (Connection connection = pool.getConnection()) {
			DriverSession.assertUsable(connection);
			served.incrementAndGet();
		}
		catch (SQLException ex) {
			refused.incrementAndGet();
			ScenarioRun.pause(20);
		}
	}

	private static HikariConfig config(DriverSession session) {
		HikariConfig config = new HikariConfig();
		config.setJdbcUrl(server.url());
		config.setDataSourceProperties(session.properties("loginTimeout", "0"));
		config.setThreadFactory(session.threads());
		config.setMaximumPoolSize(4);
		config.setConnectionTimeout(1000);
		config.setTransactionIsolation("TRANSACTION_READ_COMMITTED");
		return config;
	}

	private static DriverSession session(Model model, Transport transport) {
		return new DriverSession(server, server.url(), model.sockets, model.threads, transport, loops);
	}

	private static DriverSession session(Model model, String url) {
		return new DriverSession(server, url, model.sockets, model.threads, Transport.PLAINTEXT, loops);
	}

	/**
	 * The three models.
	 */
	enum Model {

		PLATFORM(SocketKind.JDK, ThreadKind.PLATFORM), VIRTUAL(SocketKind.PARKING, ThreadKind.VIRTUAL),
		EVENT_LOOP(SocketKind.COOPERATIVE, ThreadKind.CARRIED);

		private final SocketKind sockets;

		private final ThreadKind threads;

		Model(SocketKind sockets, ThreadKind threads) {
			this.sockets = sockets;
			this.threads = threads;
		}

	}

}
