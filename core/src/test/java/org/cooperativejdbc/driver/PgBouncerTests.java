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

package org.cooperativejdbc.driver;

import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

import org.cooperativejdbc.ReadOnlyBegin;
import org.cooperativejdbc.ReadOnlyCommit;
import org.cooperativejdbc.test.Carrier;
import org.cooperativejdbc.test.Database;
import org.cooperativejdbc.test.TestDatabase;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.awaitility.Awaitility.await;

/**
 * PgBouncer in transaction mode, where six connections share two of the server.
 */
@Timeout(60)
class PgBouncerTests {

	private static final int CONNECTIONS = 6;

	private static final Path PROGRAM = Stream
		.concat(Arrays.stream(System.getenv().getOrDefault("PATH", "").split(File.pathSeparator)),
				Stream.of("/usr/sbin"))
		.map((folder) -> Path.of(folder, "pgbouncer"))
		.filter(Files::isExecutable)
		.findFirst()
		.orElse(Path.of("pgbouncer"));

	@RegisterExtension
	private final DatabaseUsers users = new DatabaseUsers();

	@TempDir
	private static Path directory;

	private static Process process;

	private static int port;

	@BeforeAll
	static void startPgBouncer() throws Exception {
		assumeThat(PROGRAM).as("PgBouncer, which 'apt-get install pgbouncer' installs").isExecutable();
		try (ServerSocket socket = new ServerSocket(0)) {
			port = socket.getLocalPort();
		}
		InetSocketAddress server = Database.POSTGRESQL.address();
		Path configuration = directory.resolve("pgbouncer.ini");
		Files.writeString(configuration, """
				[databases]
				postgres = host=%s port=%d dbname=postgres user=%s password=%s
				[pgbouncer]
				listen_addr = 127.0.0.1
				listen_port = %d
				auth_type = any
				pool_mode = transaction
				default_pool_size = 2
				ignore_startup_parameters = extra_float_digits
				unix_socket_dir =
				""".formatted(server.getAddress().getHostAddress(), server.getPort(), Database.POSTGRESQL.username(),
				Database.POSTGRESQL.password(), port));
		Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
		Files.setPosixFilePermissions(configuration, PosixFilePermissions.fromString("rw-r--r--"));
		List<String> command = new ArrayList<>(List.of(PROGRAM.toString(), "--quiet", configuration.toString()));
		if (System.getProperty("user.name").equals("root")) {
			command.add(1, "--user=nobody");
		}
		process = new ProcessBuilder(command).inheritIO().start();
		await().until(PgBouncerTests::accepts);
	}

	private static boolean accepts() {
		assertThat(process.isAlive()).isTrue();
		try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
			return true;
		}
		catch (IOException ex) {
			return false;
		}
	}

	@AfterAll
	static void stopPgBouncer() {
		if (process != null) {
			process.destroy();
		}
	}

	static Stream<Arguments> policies() {
		return Stream.of(Carrier.JDK, Carrier.EVENT_LOOP)
			.flatMap((carrier) -> Stream.of(Arguments.of(carrier, ReadOnlyCommit.OVERLAPPED, ReadOnlyBegin.STANDARD),
					Arguments.of(carrier, ReadOnlyCommit.STANDARD, ReadOnlyBegin.LAZY),
					Arguments.of(carrier, ReadOnlyCommit.OVERLAPPED, ReadOnlyBegin.LAZY)));
	}

	@ParameterizedTest
	@MethodSource("policies")
	void connectionsGetTheirOwnAnswers(Carrier carrier, ReadOnlyCommit commit, ReadOnlyBegin begin) throws Exception {
		try (Connection admin = TestDatabase.instance().connect()) {
			Statements.execute(admin, "create table if not exists bouncer_item (number int)");
			Statements.execute(admin, "truncate bouncer_item");
		}
		DatabaseUser user = this.users
			.open(carrier, "jdbc:postgresql://127.0.0.1:" + port + "/postgres?prepareThreshold=0",
					Duration.ofSeconds(5))
			.readOnly(commit, begin);
		List<FutureTask<?>> tasks = new ArrayList<>();
		for (int thread = 0; thread < CONNECTIONS; thread++) {
			int number = thread;
			FutureTask<?> task = new FutureTask<>(() -> {
				try (Connection connection = user.connect()) {
					connection.setReadOnly(true);
					connection.setAutoCommit(false);
					for (int i = 0; i < 100; i++) {
						transaction(connection, number, i);
					}
				}
				return null;
			});
			tasks.add(task);
			user.threads().newThread(task).start();
		}
		for (FutureTask<?> task : tasks) {
			task.get(50, TimeUnit.SECONDS);
		}
		if (commit == ReadOnlyCommit.OVERLAPPED) {
			assertThat(user.overlappedCommits()).isGreaterThan(CONNECTIONS * 20);
		}
		if (begin == ReadOnlyBegin.LAZY) {
			assertThat(user.elidedTransactions()).isGreaterThan(CONNECTIONS * 20);
		}
	}

	/**
	 * One that is plain, one that has a setting of its own, or one that writes.
	 */
	private static void transaction(Connection connection, int number, int i) throws SQLException {
		assertThat(number(connection, "select " + number)).isEqualTo(number);
		if (i % 3 == 1) {
			number(connection, "select set_config('app.number', '" + number + "', true)::int");
			assertThat(number(connection, "select current_setting('app.number')::int")).isEqualTo(number);
		}
		else if (i % 3 == 2) {
			connection.commit();
			connection.setReadOnly(false);
			Statements.execute(connection, "insert into bouncer_item values (" + number + ")");
			connection.commit();
			connection.setReadOnly(true);
			assertThat(number(connection, "select count(*) from bouncer_item where number = " + number))
				.isEqualTo(i / 3 + 1);
		}
		connection.commit();
	}

	private static int number(Connection connection, String sql) throws SQLException {
		try (PreparedStatement statement = connection.prepareStatement(sql);
				ResultSet result = statement.executeQuery()) {
			assertThat(result.next()).isTrue();
			return result.getInt(1);
		}
	}

}
