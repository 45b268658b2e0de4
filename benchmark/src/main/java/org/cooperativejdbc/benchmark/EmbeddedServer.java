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
import java.time.Duration;

import io.netty.pkitesting.CertificateBuilder;
import io.netty.pkitesting.X509Bundle;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;

/**
 * The embedded server, in this process or in one of its own, which other hosts may
 * connect to and which ends with its standard input.
 */
public final class EmbeddedServer {

	static final String READY = "ready ";

	private EmbeddedServer() {
	}

	/**
	 * Run a server for other hosts.
	 * @param args whether connections are encrypted, where files are written, and how
	 * many milliseconds a round trip takes in addition
	 * @throws IOException if it does not start
	 */
	public static void main(String[] args) throws IOException {
		boolean tls = Boolean.parseBoolean(args[0]);
		Path directory = Path.of(args[1]);
		Path access = Files.writeString(directory.resolve("pg_hba.conf"), "host all all all trust\n");
		EmbeddedPostgres.Builder builder = builder(tls, directory).setServerConfig("listen_addresses", "0.0.0.0")
			.setServerConfig("hba_file", access.toAbsolutePath().toString());
		try (EmbeddedPostgres server = builder.start();
				Distance distance = Distance.of(server.getPort(), Integer.parseInt(args[2]))) {
			System.out.println(READY + (args[2].equals("0") ? server.getPort() : distance.port()));
			System.in.readAllBytes();
		}
	}

	static EmbeddedPostgres start(boolean tls, Path directory) throws IOException {
		return builder(tls, directory).start();
	}

	private static EmbeddedPostgres.Builder builder(boolean tls, Path directory) throws IOException {
		EmbeddedPostgres.Builder builder = EmbeddedPostgres.builder()
			.setPGStartupWait(Duration.ofMinutes(1))
			.setServerConfig("max_connections", "1000")
			.setServerConfig("shared_buffers", "256MB")
			.setServerConfig("fsync", "off")
			.setServerConfig("synchronous_commit", "off");
		if (tls) {
			encrypt(builder, directory);
		}
		return builder;
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

}
