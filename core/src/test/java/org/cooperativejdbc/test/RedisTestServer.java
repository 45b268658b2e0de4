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
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.function.Supplier;

import org.opentest4j.TestAbortedException;
import redis.embedded.RedisServer;
import redis.embedded.core.RedisServerBuilder;

/**
 * The Redis server of the tests, one for all of them: an embedded one that offers TLS on
 * a second port with the {@link TestCertificate}.
 */
public final class RedisTestServer {

	private static final Supplier<RedisTestServer> instance = startedOnce(RedisTestServer::new);

	private final int port;

	private final int tlsPort;

	private RedisTestServer() {
		try {
			this.port = FreePorts.next();
			this.tlsPort = FreePorts.next();
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

	/**
	 * Return the server.
	 * @throws TestAbortedException if it does not run on this machine
	 */
	public static RedisTestServer instance() {
		return instance.get();
	}

	/**
	 * Return what starts servers when it is asked for the first time, and says each time
	 * that they do not run on this machine if they do not.
	 */
	static <T> Supplier<T> startedOnce(Supplier<T> starter) {
		FutureTask<T> servers = new FutureTask<>(starter::get);
		return () -> {
			servers.run();
			try {
				return servers.get();
			}
			catch (InterruptedException | ExecutionException ex) {
				if (ex.getCause() instanceof UncheckedIOException) {
					throw new TestAbortedException(
							"The embedded redis-server does not start, it needs OpenSSL 3: apt-get install libssl3",
							ex);
				}
				throw new IllegalStateException(ex);
			}
		};
	}

	public int port(boolean tls) {
		return tls ? this.tlsPort : this.port;
	}

}
