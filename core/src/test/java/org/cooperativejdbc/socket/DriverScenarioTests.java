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
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.stream.Stream;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import org.cooperativejdbc.carrier.EventLoops;
import org.cooperativejdbc.socket.DriverSession.Task;
import org.cooperativejdbc.test.AtOnce;
import org.cooperativejdbc.test.PgBouncer;
import org.cooperativejdbc.test.TlsServer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import org.springframework.boot.logging.LogLevel;
import org.springframework.boot.logging.LoggingSystem;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The scenarios of a driver in all three models, in plaintext and with TLS
 * ({@code verify-full}, SCRAM bound to the channel, no negotiation where the server needs
 * none).
 */
class DriverScenarioTests {

	private static final Set<DriverScenario> ALONE = EnumSet.of(DriverScenario.LOGICAL_REPLICATION,
			DriverScenario.PHYSICAL_REPLICATION);

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

	@ParameterizedTest
	@EnumSource
	void behavesTheSameInEachModel(DriverScenario scenario) {
		play(scenario, runs(scenario), (run) -> session(run.model, run.transport));
	}

	/**
	 * What moves a hundred megabytes is run with TLS on event loops only.
	 */
	private static List<Run> runs(DriverScenario scenario) {
		List<Run> runs = new ArrayList<>();
		for (Model model : Model.values()) {
			for (Transport transport : Transport.values()) {
				if (!scenario.isHeavy() || transport == Transport.PLAINTEXT || model == Model.EVENT_LOOP) {
					runs.add(new Run(model, transport));
				}
			}
		}
		return runs;
	}

	/**
	 * A client of PgBouncer that keeps its server connection can do what it can without,
	 * but for replication.
	 */
	@ParameterizedTest
	@EnumSource(names = { "LOGICAL_REPLICATION", "PHYSICAL_REPLICATION", "ENCRYPTION" }, mode = EnumSource.Mode.EXCLUDE)
	void behavesTheSameThroughPgBouncerInSessionMode(DriverScenario scenario) throws IOException {
		String url = pgBouncer().url();
		play(scenario, runsThroughPgBouncer(scenario), (run) -> session(run.model, url));
	}

	private static List<Run> runsThroughPgBouncer(DriverScenario scenario) {
		return Stream.of(Model.values())
			.filter((model) -> !scenario.isHeavy() || model == Model.EVENT_LOOP)
			.map((model) -> new Run(model, Transport.PLAINTEXT))
			.toList();
	}

	/**
	 * All runs are played at once, but for those that keep the machine busy or would read
	 * of each other in the log of the server.
	 */
	private static void play(DriverScenario scenario, List<Run> runs, Function<Run, DriverSession> sessions) {
		boolean alone = scenario.isHeavy() || ALONE.contains(scenario);
		for (List<Run> atOnce : alone ? runs.stream().map((run) -> List.of(run)).toList() : List.of(runs)) {
			AtOnce.run(atOnce, (run) -> {
				try (DriverSession session = sessions.apply(run)) {
					session.start(() -> {
						scenario.play(session);
						return "played";
					}).join();
				}
			});
		}
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
	 * A run of a scenario.
	 */
	private record Run(Model model, Transport transport) {

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
