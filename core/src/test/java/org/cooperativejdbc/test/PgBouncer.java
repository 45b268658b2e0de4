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
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import org.opentest4j.TestAbortedException;

import org.springframework.util.FileSystemUtils;

/**
 * A PgBouncer, that of the system property {@code test.pgbouncer} or of Debian's package.
 */
public final class PgBouncer implements AutoCloseable {

	private static final Pattern VERSION = Pattern.compile("PgBouncer (\\d+)\\.(\\d+)");

	private final Path directory;

	private final List<String> command = new ArrayList<>();

	private final InetSocketAddress address;

	private final TestDatabase database;

	private ServerProcess process;

	/**
	 * Start one.
	 * @param mode when a client gives its server connection back
	 * @param server where the server, or the PgBouncer in front of it, listens
	 * @param more settings, for example {@code default_pool_size=2}
	 * @throws TestAbortedException if it is not installed
	 */
	public PgBouncer(Mode mode, InetSocketAddress server, String... more) throws IOException {
		this(mode, server, freeAddress(), List.of(), more);
	}

	private PgBouncer(Mode mode, InetSocketAddress server, InetSocketAddress address, List<InetSocketAddress> peers,
			String... more) throws IOException {
		Path program = program();
		this.address = address;
		this.database = TestDatabase.instance();
		this.directory = Files.createTempDirectory("pgbouncer");
		Path users = this.directory.resolve("users.txt");
		Files.writeString(users, "\"%s\" \"%s\"\n".formatted(this.database.username(), this.database.password()));
		Path configuration = this.directory.resolve("pgbouncer.ini");
		Files.writeString(configuration, configuration(mode, server, users, peers, more));
		this.command.add(program.toString());
		if ("root".equals(System.getProperty("user.name"))) {
			Files.setPosixFilePermissions(this.directory, PosixFilePermissions.fromString("rwxr-xr-x"));
			this.command.addAll(List.of("-u", "nobody"));
		}
		this.command.add(configuration.toString());
		this.process = start();
	}

	/**
	 * Start two, each of which passes requests to cancel a statement of the other one on.
	 * @throws TestAbortedException if it is not installed, or does not know of peers
	 */
	public static List<PgBouncer> peers(Mode mode, InetSocketAddress server, String... more) throws IOException {
		assumeVersion(19);
		List<InetSocketAddress> addresses = List.of(freeAddress(), freeAddress());
		return List.of(new PgBouncer(mode, server, addresses.get(0), addresses, more),
				new PgBouncer(mode, server, addresses.get(1), addresses, more));
	}

	private static InetSocketAddress freeAddress() throws IOException {
		return new InetSocketAddress(InetAddress.getLoopbackAddress(), FreePorts.next());
	}

	/**
	 * Without more settings, prepared statements are not kept track of, in each version.
	 */
	private String configuration(Mode mode, InetSocketAddress server, Path users, List<InetSocketAddress> peers,
			String... more) throws IOException {
		Map<String, String> settings = new LinkedHashMap<>();
		settings.put("listen_addr", this.address.getAddress().getHostAddress());
		settings.put("listen_port", Integer.toString(this.address.getPort()));
		settings.put("unix_socket_dir", "");
		settings.put("auth_type", "trust");
		settings.put("auth_file", users.toString());
		settings.put("pool_mode", mode.name().toLowerCase(Locale.ROOT));
		settings.put("max_client_conn", "500");
		settings.put("default_pool_size", "50");
		settings.put("ignore_startup_parameters", "extra_float_digits");
		if (isAtLeast(21)) {
			settings.put("max_prepared_statements", "0");
		}
		for (String setting : more) {
			settings.put(setting.substring(0, setting.indexOf('=')), setting.substring(setting.indexOf('=') + 1));
		}
		StringBuilder text = new StringBuilder("[databases]\n* = %s\n".formatted(text(server)));
		if (!peers.isEmpty()) {
			settings.put("peer_id", Integer.toString(1 + peers.indexOf(this.address)));
			text.append("[peers]\n");
			peers.forEach((peer) -> text.append("%d = %s\n".formatted(1 + peers.indexOf(peer), text(peer))));
		}
		text.append("[pgbouncer]\n");
		settings.forEach((name, value) -> text.append(name).append(" = ").append(value).append('\n'));
		return text.toString();
	}

	private static String text(InetSocketAddress address) {
		return "host=%s port=%d".formatted(address.getAddress().getHostAddress(), address.getPort());
	}

	private static Path program() {
		String program = System.getProperty("test.pgbouncer");
		return (program != null) ? Path.of(program) : ServerProcess.find("pgbouncer", "pgbouncer");
	}

	/**
	 * Abort a test of an older version than one that keeps track of prepared statements.
	 */
	public static void assumeTracksStatements() throws IOException {
		assumeVersion(21);
	}

	private static void assumeVersion(int minor) throws IOException {
		if (!isAtLeast(minor)) {
			throw new TestAbortedException(
					"Needs PgBouncer 1.%d, set -Dtest.pgbouncer to it: %s".formatted(minor, version()));
		}
	}

	private static boolean isAtLeast(int minor) throws IOException {
		Matcher matcher = VERSION.matcher(version());
		return matcher.find()
				&& (Integer.parseInt(matcher.group(1)) > 1 || Integer.parseInt(matcher.group(2)) >= minor);
	}

	private static String version() throws IOException {
		return ServerProcess.output(List.of(program().toString(), "--version")).lines().findFirst().orElse("");
	}

	private ServerProcess start() throws IOException {
		ServerProcess process = ServerProcess.start(this.directory, this.command);
		process.awaitPort(this.address);
		return process;
	}

	/**
	 * Kill it, which ends all connections, and start it anew.
	 */
	public void restart() throws IOException {
		this.process.close();
		this.process = start();
	}

	public InetSocketAddress address() {
		return this.address;
	}

	/**
	 * Return the URL of the database of the tests behind this PgBouncer.
	 */
	public String url() {
		return this.database.urlAt(this.address);
	}

	@Override
	public void close() throws IOException {
		this.process.close();
		FileSystemUtils.deleteRecursively(this.directory);
	}

	/**
	 * When a client gives its server connection back.
	 */
	public enum Mode {

		SESSION, TRANSACTION

	}

}
