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

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Supplier;

import org.opentest4j.TestAbortedException;
import redis.embedded.RedisServer;
import redis.embedded.core.RedisServerBuilder;

/**
 * The Redis server of the tests, one for all of them: an embedded one that offers TLS on
 * a second port with the {@link TestCertificate}.
 */
public final class RedisTestServer {

	private final int port;

	private final int tlsPort;

	private RedisTestServer() {
		try {
			this.port = freePort();
			this.tlsPort = freePort();
			Path directory = Files.createTempDirectory("redis");
			Path certificate = TestCertificate.instance().writeCertificate(directory.resolve("server.crt"));
			Path key = TestCertificate.instance().writeKey(directory.resolve("server.key"));
			RedisServer server = new RedisServerBuilder().port(this.port)
				.setting("save \"\"")
				.setting("dir " + directory)
				.setting("tls-port " + this.tlsPort)
				.setting("tls-cert-file " + certificate)
				.setting("tls-key-file " + key)
				.setting("tls-ca-cert-file " + certificate)
				.setting("tls-auth-clients no")
				.onShutdownForceStop(true)
				.build();
			server.start();
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	private static int freePort() throws IOException {
		try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
			return socket.getLocalPort();
		}
	}

	/**
	 * Return the server.
	 * @throws TestAbortedException if it does not run on this machine
	 */
	public static RedisTestServer instance() {
		try {
			return Holder.instance.get();
		}
		catch (UncheckedIOException ex) {
			throw new TestAbortedException(
					"The embedded redis-server does not start, it needs OpenSSL 3: apt-get install libssl3", ex);
		}
	}

	public int port(boolean tls) {
		return tls ? this.tlsPort : this.port;
	}

	private static final class Holder {

		static final Supplier<RedisTestServer> instance = started();

		private static Supplier<RedisTestServer> started() {
			try {
				RedisTestServer server = new RedisTestServer();
				return () -> server;
			}
			catch (UncheckedIOException ex) {
				return () -> {
					throw ex;
				};
			}
		}

	}

}
