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
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;

import org.springframework.util.FileSystemUtils;

/**
 * A PostgreSQL server that can be restarted, speaks TLS, asks the user {@code scram} for
 * a password and has what logical replication needs.
 */
public final class TlsServer implements Closeable {

	public static final String USER = "scram";

	public static final String PASSWORD = "correct horse";

	private final Path directory;

	private final Path certificate;

	private final int port;

	private final boolean negotiating;

	private EmbeddedPostgres server;

	public TlsServer() throws IOException, SQLException {
		this.directory = Files.createTempDirectory("tls-server");
		this.certificate = TestCertificate.instance().writeCertificate(this.directory.resolve("root.crt"));
		this.port = FreePorts.next();
		this.server = start();
		try (Connection connection = connect(); Statement statement = connection.createStatement()) {
			statement.execute("create role " + USER + " superuser login replication password '" + PASSWORD + "'");
			this.negotiating = connection.getMetaData().getDatabaseMajorVersion() < 17;
		}
	}

	private EmbeddedPostgres start() throws IOException {
		return EmbeddedServers.builder()
			.setDataDirectory(this.directory.resolve("data"))
			.setCleanDataDirectory(false)
			.setDataDirectoryCustomizer(TlsServer::configure)
			.setPort(this.port)
			.setServerConfig("fsync", "off")
			.setServerConfig("wal_level", "logical")
			.setServerConfig("max_connections", "100")
			.setServerConfig("client_connection_check_interval", "200ms")
			.setServerConfig("ssl", "on")
			.start();
	}

	private static void configure(File data) {
		try {
			TestCertificate.instance().writeCertificate(data.toPath().resolve("server.crt"));
			TestCertificate.instance().writeKey(data.toPath().resolve("server.key"));
			Path access = data.toPath().resolve("pg_hba.conf");
			String rules = Files.readString(access);
			if (!rules.startsWith("hostssl")) {
				Files.writeString(access, "hostssl all,replication " + USER + " all scram-sha-256\nhost all " + USER
						+ " all reject\n" + rules);
			}
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	public InetSocketAddress address() {
		return new InetSocketAddress(InetAddress.getLoopbackAddress(), this.port);
	}

	public String url() {
		return "jdbc:postgresql://localhost:" + this.port + "/postgres";
	}

	/**
	 * Return the file of the certificate that clients trust.
	 */
	public Path certificate() {
		return this.certificate;
	}

	/**
	 * Return how a connection comes to speak TLS: at once, or before PostgreSQL 17 after
	 * it has asked for it.
	 */
	public String negotiation() {
		return this.negotiating ? "postgres" : "direct";
	}

	/**
	 * Return a connection on a plain socket of the JDK.
	 */
	public Connection connect() throws SQLException {
		return DriverManager.getConnection(url(), "postgres", "postgres");
	}

	public void stop() throws IOException {
		this.server.close();
	}

	public void restart() throws IOException {
		this.server = start();
	}

	@Override
	public void close() throws IOException {
		this.server.close();
		FileSystemUtils.deleteRecursively(this.directory);
	}

}
