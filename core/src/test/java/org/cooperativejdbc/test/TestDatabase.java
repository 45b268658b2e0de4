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

package org.cooperativejdbc.test;

import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Properties;
import java.util.stream.Stream;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import org.cooperativejdbc.InterruptPolicy;
import org.cooperativejdbc.WaitStrategy;
import org.cooperativejdbc.driver.PostgresqlDriver;
import org.cooperativejdbc.socket.CooperativeSocket;
import org.cooperativejdbc.socket.CooperativeSocketFactory;
import org.postgresql.Driver;
import org.postgresql.PGProperty;
import org.testcontainers.DockerClientFactory;
import org.testcontainers.postgresql.PostgreSQLContainer;

/**
 * The PostgreSQL server of the tests, one for all of them: the one that the system
 * property {@code test.database.url} names, else a container where a Docker engine
 * answers and {@code test.database.embedded} is not set, else an embedded server.
 */
public record TestDatabase(String url, String username, String password) {

	public static TestDatabase instance() {
		return Holder.instance;
	}

	/**
	 * Return a second server, whose clients speak TLS.
	 */
	public static TestDatabase encrypted() {
		return EncryptedHolder.instance;
	}

	static Stream<TestDatabase> withAndWithoutTls() {
		return Stream.of(instance(), encrypted());
	}

	private static TestDatabase startEncrypted() {
		try {
			TlsServer server = new TlsServer();
			Runtime.getRuntime().addShutdownHook(new Thread(() -> close(server)));
			return new TestDatabase(server.url() + "?sslmode=require", "postgres", "postgres");
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
		catch (SQLException ex) {
			throw new IllegalStateException(ex);
		}
	}

	private static TestDatabase start() {
		String url = System.getProperty("test.database.url");
		if (url != null) {
			return new TestDatabase(url, System.getProperty("test.database.username", "postgres"),
					System.getProperty("test.database.password", "postgres"));
		}
		return dockerAnswers() ? container() : embedded();
	}

	private static boolean dockerAnswers() {
		if (Boolean.getBoolean("test.database.embedded")) {
			return false;
		}
		boolean present = System.getenv("DOCKER_HOST") != null || Files.exists(Path.of("/var/run/docker.sock"));
		return present && DockerClientFactory.instance().isDockerAvailable();
	}

	@SuppressWarnings("resource")
	private static TestDatabase container() {
		PostgreSQLContainer container = new PostgreSQLContainer("postgres:18-alpine").withCommand("postgres", "-c",
				"max_connections=400");
		container.start();
		return new TestDatabase(container.getJdbcUrl(), container.getUsername(), container.getPassword());
	}

	private static TestDatabase embedded() {
		try {
			EmbeddedPostgres server = EmbeddedServers.builder()
				.setServerConfig("max_connections", "400")
				.setServerConfig("fsync", "off")
				.start();
			Runtime.getRuntime().addShutdownHook(new Thread(() -> close(server)));
			return new TestDatabase(server.getJdbcUrl("postgres", "postgres"), "postgres", "postgres");
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	private static void close(Closeable server) {
		try {
			server.close();
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	/**
	 * Return where the server listens.
	 */
	InetSocketAddress address() {
		Properties server = server();
		return new InetSocketAddress(PGProperty.PG_HOST.getOrDefault(server),
				Integer.parseInt(String.valueOf(PGProperty.PG_PORT.getOrDefault(server))));
	}

	/**
	 * Return the URL of this database behind a proxy.
	 */
	String urlThrough(TcpProxy proxy) {
		return urlAt(proxy.address());
	}

	String urlAt(InetSocketAddress address) {
		return "jdbc:postgresql://" + address.getAddress().getHostAddress() + ":" + address.getPort() + "/"
				+ PGProperty.PG_DBNAME.getOrDefault(server());
	}

	private Properties server() {
		Properties server = Driver.parseURL(this.url, null);
		if (server == null) {
			throw new IllegalStateException(this.url);
		}
		return server;
	}

	/**
	 * Return a connection on a plain socket of the JDK.
	 */
	public Connection connect() throws SQLException {
		return DriverManager.getConnection(this.url, this.username, this.password);
	}

	/**
	 * Return a connection on a cooperative socket.
	 */
	public Connection connect(WaitStrategy waitStrategy) throws SQLException {
		String key = CooperativeSocketFactory.register(() -> new CooperativeSocket(waitStrategy, (thread) -> false,
				InterruptPolicy.DEFER, Duration.ofSeconds(5)));
		try {
			Properties properties = new Properties();
			properties.setProperty("user", this.username);
			properties.setProperty("password", this.password);
			PostgresqlDriver.install(properties, key);
			return DriverManager.getConnection(this.url, properties);
		}
		finally {
			CooperativeSocketFactory.unregister(key);
		}
	}

	/**
	 * Return the properties of a Spring Boot data source on this server.
	 */
	public String[] properties() {
		return new String[] { "spring.datasource.url=" + this.url, "spring.datasource.username=" + this.username,
				"spring.datasource.password=" + this.password };
	}

	private static final class Holder {

		static final TestDatabase instance = start();

	}

	private static final class EncryptedHolder {

		static final TestDatabase instance = startEncrypted();

	}

}
