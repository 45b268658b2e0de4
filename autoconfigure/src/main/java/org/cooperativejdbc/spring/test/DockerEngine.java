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

package org.cooperativejdbc.spring.test;

import java.io.File;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.URI;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

import org.testcontainers.DockerClientFactory;
import org.testcontainers.utility.TestcontainersConfiguration;

import org.springframework.util.function.SingletonSupplier;

/**
 * The Docker engine of this machine, or the one that the settings of Testcontainers name.
 * It is asked before Testcontainers asks, which is slow and loud when there is none.
 */
final class DockerEngine {

	private static final String UNIX = "unix://";

	private static final String WINDOWS_PIPE = "npipe:////./pipe/docker_engine";

	private static final SingletonSupplier<Boolean> ANSWERS = SingletonSupplier
		.of(() -> hosts().anyMatch(DockerEngine::answers) && DockerClientFactory.instance().isDockerAvailable());

	private DockerEngine() {
	}

	/**
	 * Return whether containers can be had, which does not change while this JVM runs.
	 */
	static boolean answers() {
		return Boolean.TRUE.equals(ANSWERS.get());
	}

	private static Stream<String> hosts() {
		TestcontainersConfiguration configuration = TestcontainersConfiguration.getInstance();
		List<String> configured = Stream.of("docker.host", "tc.host")
			.map((name) -> configuration.getEnvVarOrUserProperty(name, null))
			.filter(Objects::nonNull)
			.toList();
		return configured.isEmpty() ? usualHosts() : configured.stream();
	}

	private static Stream<String> usualHosts() {
		if (File.separatorChar == '\\') {
			return Stream.of(WINDOWS_PIPE);
		}
		String home = System.getProperty("user.home");
		String runtime = System.getenv().getOrDefault("XDG_RUNTIME_DIR", "/run");
		return Stream.of("/var/run", runtime, home + "/.docker/run", home + "/.docker/desktop")
			.map((directory) -> UNIX + directory + "/docker.sock");
	}

	/**
	 * Return whether a host answers within a second.
	 */
	static boolean answers(String host) {
		return CompletableFuture.supplyAsync(() -> ping(host)).completeOnTimeout(false, 1, TimeUnit.SECONDS).join();
	}

	private static boolean ping(String host) {
		if (host.equals(WINDOWS_PIPE)) {
			return new File(host.substring("npipe:".length())).exists();
		}
		try (SocketChannel channel = SocketChannel.open(address(host))) {
			channel.write(ByteBuffer.wrap("GET /_ping HTTP/1.0\r\n\r\n".getBytes(StandardCharsets.US_ASCII)));
			ByteBuffer answer = ByteBuffer.allocate(1);
			return channel.read(answer) == 1 && answer.get(0) == 'H';
		}
		catch (IOException | RuntimeException ex) {
			return false;
		}
	}

	private static SocketAddress address(String host) {
		if (host.startsWith(UNIX)) {
			return UnixDomainSocketAddress.of(host.substring(UNIX.length()));
		}
		URI uri = URI.create(host);
		return new InetSocketAddress(uri.getHost(), uri.getPort());
	}

}
