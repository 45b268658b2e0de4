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

import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Properties;
import java.util.stream.Stream;

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

	private final List<String> beforeClient;

	private final @Nullable Closeable server;

	private Database(Target target, List<String> beforeClient, @Nullable Closeable server) throws IOException {
		this.target = target;
		this.beforeClient = beforeClient;
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
		if (url != null) {
			return new Database(target(url, tls), List.of(), null);
		}
		EmbeddedPostgres server = EmbeddedServer.start(tls, directory);
		return new Database(embedded("localhost", server.getPort(), tls), List.of(), server);
	}

	/**
	 * Open an embedded server that is {@link Apart} from its clients.
	 */
	static Database openApart(boolean tls, Path directory, int distanceMillis) throws IOException {
		Apart apart = Apart.start(tls, directory, distanceMillis);
		return new Database(embedded(apart.host(), apart.port(), tls), apart.client(), apart);
	}

	private static Target embedded(String host, int port, boolean tls) {
		return new Target(host, port, "postgres", "postgres", "postgres", tls, SCHEMA);
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

	/**
	 * Return the command of a client that is measured.
	 * @param command the command of the client
	 * @return the same, on processors of its own if it is apart from the server
	 */
	public List<String> client(List<String> command) {
		return Stream.concat(this.beforeClient.stream(), command.stream()).toList();
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
