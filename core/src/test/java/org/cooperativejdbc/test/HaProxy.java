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
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

import org.opentest4j.TestAbortedException;

import org.springframework.util.FileSystemUtils;

/**
 * HAProxy of Debian's package in front of PostgreSQL servers.
 */
public final class HaProxy implements AutoCloseable {

	private static final String CONFIGURATION = """
			defaults
				mode tcp
				timeout connect 1s
				timeout client 5m
				timeout server 5m
				timeout queue 1s
			listen servers
				bind %s
				balance roundrobin
			""";

	/**
	 * What Patroni's documentation recommends, but sooner.
	 */
	private static final String CHECK = """
				option httpchk OPTIONS /primary
				http-check expect status 200
				default-server inter 200ms fall 2 rise 1 on-marked-down shutdown-sessions
			""";

	private final Path directory = Files.createTempDirectory("haproxy");

	private final InetSocketAddress address = new InetSocketAddress(InetAddress.getLoopbackAddress(), FreePorts.next());

	private final ServerProcess process;

	/**
	 * Start one that leads to all of some servers in turn.
	 * @throws TestAbortedException if it is not installed
	 */
	public HaProxy(List<InetSocketAddress> servers) throws IOException {
		this(servers, List.of());
	}

	/**
	 * Start one that leads to those of some servers whose agents say that they are the
	 * primary.
	 * @param agents where the agent of each server answers to HTTP
	 * @throws TestAbortedException if it is not installed
	 */
	public HaProxy(List<InetSocketAddress> servers, List<InetSocketAddress> agents) throws IOException {
		Path program = ServerProcess.find("haproxy", "haproxy");
		StringBuilder text = new StringBuilder(CONFIGURATION.formatted(text(this.address)));
		text.append(agents.isEmpty() ? "" : CHECK);
		for (int i = 0; i < servers.size(); i++) {
			text.append("\tserver s%d %s".formatted(i, text(servers.get(i))));
			text.append(agents.isEmpty() ? "" : " check port %d".formatted(agents.get(i).getPort())).append('\n');
		}
		Path configuration = Files.writeString(this.directory.resolve("haproxy.cfg"), text);
		this.process = ServerProcess.start(this.directory,
				List.of(program.toString(), "-db", "-f", configuration.toString()));
		this.process.awaitPort(this.address);
	}

	private static String text(InetSocketAddress address) {
		return address.getAddress().getHostAddress() + ":" + address.getPort();
	}

	public InetSocketAddress address() {
		return this.address;
	}

	public String url() {
		return "jdbc:postgresql://" + text(this.address) + "/postgres";
	}

	@Override
	public void close() throws IOException {
		this.process.close();
		FileSystemUtils.deleteRecursively(this.directory);
	}

}
