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
import java.net.Socket;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Properties;
import java.util.concurrent.Callable;
import java.util.concurrent.FutureTask;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;

import org.cooperativejdbc.carrier.EventLoops;
import org.cooperativejdbc.test.PgSockets;
import org.cooperativejdbc.test.TlsServer;
import org.postgresql.Driver;
import org.postgresql.jdbc.PgConnection;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Connections of a concurrency model, in plaintext or with all that TLS offers, for one
 * run of a {@link DriverScenario}.
 */
final class DriverSession implements AutoCloseable {

	private static final long LIMIT_SECONDS = 120;

	private static final AtomicInteger numbers = new AtomicInteger();

	private final TlsServer server;

	private final String url;

	private final SocketKind sockets;

	private final ThreadFactory threads;

	private final Transport transport;

	private final String key;

	private final List<Connection> connections = new ArrayList<>();

	private final Map<PgConnection, Integer> backends = Collections.synchronizedMap(new IdentityHashMap<>());

	/**
	 * Create a session.
	 * @param url the URL of the server, or of a pooler in front of it
	 */
	DriverSession(TlsServer server, String url, SocketKind sockets, ThreadKind threads, Transport transport,
			EventLoops loops) {
		this.server = server;
		this.url = url;
		this.sockets = sockets;
		this.threads = threads.factory(loops);
		this.transport = transport;
		this.key = CooperativeSocketFactory.register(() -> sockets.create(loops));
	}

	/**
	 * Return a name of something in the server that no other session has.
	 */
	String name(String prefix) {
		return prefix + "_" + numbers.incrementAndGet();
	}

	TlsServer server() {
		return this.server;
	}

	ThreadFactory threads() {
		return this.threads;
	}

	/**
	 * Return the properties of a connection.
	 * @param more more of them, each followed by its value
	 */
	Properties properties(String... more) {
		Properties properties = new Properties();
		properties.setProperty("user", TlsServer.USER);
		properties.setProperty("password", TlsServer.PASSWORD);
		properties.setProperty("socketFactory", CooperativeSocketFactory.class.getName());
		properties.setProperty("socketFactoryArg", this.key);
		if (this.transport == Transport.TLS) {
			properties.setProperty("sslmode", "verify-full");
			properties.setProperty("sslrootcert", this.server.certificate().toString());
			properties.setProperty("sslNegotiation", this.server.negotiation());
			properties.setProperty("channelBinding", "require");
		}
		else {
			properties.setProperty("user", "postgres");
			properties.setProperty("sslmode", "disable");
		}
		for (int i = 0; i < more.length; i += 2) {
			properties.setProperty(more[i], more[i + 1]);
		}
		return properties;
	}

	PgConnection connect(String... more) throws SQLException {
		return connectTo(this.url, more);
	}

	PgConnection connectTo(String url, String... more) throws SQLException {
		if (!(new Driver().connect(url, properties(more)) instanceof PgConnection result)) {
			throw new SQLException("Not accepted by the driver: " + url);
		}
		synchronized (this.connections) {
			this.connections.add(result);
		}
		if (this.transport == Transport.PLAINTEXT) {
			Class<? extends Socket> expected = switch (this.sockets) {
				case JDK -> Socket.class;
				case PARKING, PARKING_CLIENT -> ParkingSocket.class;
				case COOPERATIVE, COOPERATIVE_CLIENT -> CooperativeSocket.class;
			};
			assertThat(PgSockets.of(result)).isExactlyInstanceOf(expected);
		}
		this.backends.put(result, url.equals(this.server.url()) ? result.getBackendPID() : askForBackend(result));
		return result;
	}

	/**
	 * A pooler makes up the process that it tells the driver.
	 */
	private static int askForBackend(PgConnection connection) throws SQLException {
		try (PreparedStatement statement = connection.prepareStatement("select pg_backend_pid()")) {
			return number(statement);
		}
	}

	/**
	 * Return the process of the server that serves a connection.
	 */
	int backend(PgConnection connection) {
		return Objects.requireNonNull(this.backends.get(connection));
	}

	/**
	 * Run on a thread of the model.
	 */
	<T> Task<T> start(Callable<T> action) {
		return new Task<>(action, this.threads);
	}

	/**
	 * Wait until the server executes a statement of a connection.
	 */
	void awaitActive(PgConnection connection) throws SQLException {
		await("select count(*) from pg_stat_activity where state = 'active' and wait_event = 'PgSleep' and pid = ",
				connection, 1);
	}

	/**
	 * Wait until the server has ended the backend of a connection.
	 */
	void awaitGone(PgConnection connection) throws SQLException {
		await("select count(*) from pg_stat_activity where pid = ", connection, 0);
	}

	private void await(String query, PgConnection connection, int count) throws SQLException {
		try (Connection observer = this.server.connect();
				PreparedStatement statement = observer.prepareStatement(query + backend(connection))) {
			ScenarioRun.await(() -> number(statement) == count);
		}
	}

	private static int number(PreparedStatement statement) {
		try (ResultSet result = statement.executeQuery()) {
			result.next();
			return result.getInt(1);
		}
		catch (SQLException ex) {
			throw new AssertionError(ex);
		}
	}

	/**
	 * Let the server execute something for another connection.
	 */
	void execute(String sql) throws SQLException {
		try (Connection other = this.server.connect(); Statement statement = other.createStatement()) {
			statement.execute(sql);
		}
	}

	static void assertUsable(Connection connection) throws SQLException {
		try (Statement statement = connection.createStatement();
				ResultSet result = statement.executeQuery("select 42")) {
			assertThat(result.next()).isTrue();
			assertThat(result.getInt(1)).isEqualTo(42);
		}
	}

	@Override
	public void close() throws SQLException, IOException {
		for (Connection connection : this.connections) {
			connection.close();
		}
		CooperativeSocketFactory.unregister(this.key);
	}

	/**
	 * An action on a thread of the model.
	 *
	 * @param <T> its result
	 */
	static final class Task<T> {

		private final FutureTask<T> task;

		private final Thread thread;

		private Task(Callable<T> action, ThreadFactory threads) {
			this.task = new FutureTask<>(action);
			this.thread = threads.newThread(this.task);
			this.thread.start();
		}

		T join() throws Exception {
			try {
				return this.task.get(LIMIT_SECONDS, TimeUnit.SECONDS);
			}
			catch (TimeoutException ex) {
				AssertionError hang = new AssertionError("Hangs");
				hang.setStackTrace(this.thread.getStackTrace());
				throw hang;
			}
		}

	}

}
