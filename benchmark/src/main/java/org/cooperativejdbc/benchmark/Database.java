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

package org.cooperativejdbc.benchmark;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Properties;

import io.netty.pkitesting.CertificateBuilder;
import io.netty.pkitesting.X509Bundle;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import org.jspecify.annotations.Nullable;
import org.postgresql.Driver;

/**
 * The PostgreSQL server: an embedded one, or one that is there. The latency is in a view
 * that hides the table it sleeps for, so that no variant has a statement of its own for
 * it: what a client sees is a matter of its {@code search_path}.
 */
public final class Database implements AutoCloseable {

	/**
	 * How many rows there are in the tables that are looked up by primary key.
	 */
	public static final int ROWS = 10_000;

	private static final String SCHEMA = "cooperative_benchmark";

	private static final String SLOW_SCHEMA = "cooperative_benchmark_slow";

	private final Target target;

	private final @Nullable EmbeddedPostgres server;

	private Database(Target target, @Nullable EmbeddedPostgres server) throws IOException {
		this.target = target;
		this.server = server;
		execute(Schema.create(SCHEMA, SLOW_SCHEMA));
	}

	/**
	 * Open a server.
	 * @param url its address, or {@code null} for an embedded one
	 * @param tls whether connections are encrypted
	 * @param directory where files are written
	 * @return the server, with the tables of the benchmark
	 * @throws IOException if there is none
	 */
	public static Database open(@Nullable String url, boolean tls, Path directory) throws IOException {
		return (url != null) ? new Database(target(url, tls), null) : embedded(tls, directory);
	}

	private static Target target(String url, boolean tls) {
		Properties properties = Driver.parseURL(url, null);
		if (properties == null) {
			throw new IllegalArgumentException("Not a URL of PostgreSQL: " + url);
		}
		return new Target(properties.getProperty("PGHOST"), Integer.parseInt(properties.getProperty("PGPORT")),
				properties.getProperty("PGDBNAME"), properties.getProperty("user", System.getProperty("user.name")),
				properties.getProperty("password", ""), tls, SCHEMA);
	}

	private static Database embedded(boolean tls, Path directory) throws IOException {
		EmbeddedPostgres.Builder builder = EmbeddedPostgres.builder()
			.setPGStartupWait(Duration.ofMinutes(1))
			.setServerConfig("max_connections", "1000")
			.setServerConfig("shared_buffers", "256MB")
			.setServerConfig("fsync", "off")
			.setServerConfig("synchronous_commit", "off");
		if (tls) {
			encrypt(builder, directory);
		}
		EmbeddedPostgres server = builder.start();
		return new Database(new Target("localhost", server.getPort(), "postgres", "postgres", "postgres", tls, SCHEMA),
				server);
	}

	private static void encrypt(EmbeddedPostgres.Builder builder, Path directory) throws IOException {
		try {
			X509Bundle bundle = new CertificateBuilder().subject("CN=localhost")
				.setIsCertificateAuthority(true)
				.buildSelfSigned();
			Path certificate = Files.writeString(directory.resolve("server.crt"), bundle.getCertificatePEM());
			Path key = directory.resolve("server.key");
			Files.deleteIfExists(key);
			Files.createFile(key, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
			Files.writeString(key, bundle.getPrivateKeyPEM());
			builder.setServerConfig("ssl", "on")
				.setServerConfig("ssl_cert_file", certificate.toAbsolutePath().toString())
				.setServerConfig("ssl_key_file", key.toAbsolutePath().toString());
		}
		catch (IOException ex) {
			throw ex;
		}
		catch (Exception ex) {
			throw new IOException("No certificate for the server", ex);
		}
	}

	/**
	 * Return where clients connect to.
	 * @param cell the load
	 * @return a target where queries take as long as the load says
	 */
	public Target target(Cell cell) {
		return this.target.withSearchPath((cell.latencyMillis() > 0) ? SLOW_SCHEMA + "," + SCHEMA : SCHEMA);
	}

	/**
	 * Return where clients connect to that need no latency.
	 * @return the target
	 */
	public Target target() {
		return this.target;
	}

	void latency(int millis) throws IOException {
		execute(Schema.latency(SCHEMA, SLOW_SCHEMA, millis));
	}

	private void execute(String sql) throws IOException {
		try (Connection connection = DriverManager.getConnection(this.target.url(), this.target.properties());
				Statement statement = connection.createStatement()) {
			statement.execute(sql);
		}
		catch (SQLException ex) {
			throw new IOException("The database refuses its tables", ex);
		}
	}

	@Override
	public void close() throws IOException {
		try {
			execute("drop schema if exists %s, %s cascade".formatted(SLOW_SCHEMA, SCHEMA));
		}
		finally {
			if (this.server != null) {
				this.server.close();
			}
		}
	}

	/**
	 * Where a client connects to, and as whom.
	 *
	 * @param searchPath the schemas in which unqualified names are looked up
	 */
	public record Target(String host, int port, String database, String username, String password, boolean tls,
			String searchPath) {

		Target withSearchPath(String searchPath) {
			return new Target(this.host, this.port, this.database, this.username, this.password, this.tls, searchPath);
		}

		/**
		 * Return a target with connections of another kind.
		 * @param tls whether connections are encrypted
		 * @return the same target with or without TLS
		 */
		public Target withTls(boolean tls) {
			return new Target(this.host, this.port, this.database, this.username, this.password, tls, this.searchPath);
		}

		/**
		 * Return the address for pgjdbc.
		 * @return the JDBC URL, without user and password
		 */
		public String url() {
			return "jdbc:postgresql://%s:%d/%s?sslmode=%s&currentSchema=%s".formatted(this.host, this.port,
					this.database, sslMode(), this.searchPath);
		}

		/**
		 * Return the SSL mode.
		 * @return the name that libpq and pgjdbc use
		 */
		public String sslMode() {
			return this.tls ? "require" : "disable";
		}

		/**
		 * Return what pgjdbc needs beside the URL.
		 * @return new properties
		 */
		public Properties properties() {
			Properties properties = new Properties();
			properties.setProperty("user", this.username);
			properties.setProperty("password", this.password);
			return properties;
		}

	}

}
