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
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.stream.Stream;

import org.awaitility.Awaitility;

/**
 * The server of the tests for MySQL's driver, one for all of them: MySQL where
 * {@code -Dtest.mysqld} names its program, else that of {@link MariadbServer}, since
 * there is no MySQL for each operating system among the libraries of Java. It has the
 * tables that MariaDB has by itself.
 */
public final class MysqlServer {

	private static final String TABLES = """
			create database test;
			create user %1$s@'%%' identified by '%2$s';
			grant all on *.* to %1$s@'%%';
			set session cte_max_recursion_depth = 300000;
			%3$s%4$s""".formatted(MariadbServer.USER, MariadbServer.PASSWORD, sequence(2), sequence(300_000));

	private final InetSocketAddress address;

	private MysqlServer(String program) throws IOException, InterruptedException {
		Path directory = Files.createTempDirectory("mysql");
		Path data = directory.resolve("data");
		Path log = directory.resolve("log");
		List<String> command = List.of(program, "--no-defaults", "--user=" + System.getProperty("user.name"),
				"--datadir=" + data, "--secure-file-priv=NULL");
		Process initialization = start(log, command, List.of("--initialize-insecure"));
		if (initialization.waitFor() != 0) {
			throw new IOException("MySQL has not made its files: " + Files.readString(log));
		}
		try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
			this.address = new InetSocketAddress(socket.getInetAddress(), socket.getLocalPort());
		}
		Path certificate = TestCertificate.instance().writeCertificate(directory.resolve("server.crt"));
		Path key = TestCertificate.instance().writeKey(directory.resolve("server.key"));
		Process server = start(log, command,
				List.of("--bind-address=127.0.0.1", "--port=" + this.address.getPort(),
						"--socket=" + directory.resolve("socket"), "--pid-file=" + directory.resolve("pid"),
						"--mysqlx=OFF", "--max-connections=400", "--max-allowed-packet=128M", "--skip-name-resolve",
						"--ssl-cert=" + certificate, "--ssl-key=" + key,
						"--init-file=" + Files.writeString(directory.resolve("init.sql"), TABLES)));
		Runtime.getRuntime().addShutdownHook(new Thread(() -> stop(server)));
		Awaitility.await()
			.atMost(1, TimeUnit.MINUTES)
			.until(() -> !server.isAlive() || Files.readString(log).contains("ready for connections"));
		if (!server.isAlive()) {
			throw new IOException("MySQL has not started: " + Files.readString(log));
		}
	}

	private static Process start(Path log, List<String> command, List<String> options) throws IOException {
		return new ProcessBuilder(Stream.concat(command.stream(), options.stream()).toList()).redirectErrorStream(true)
			.redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
			.redirectInput(new File("/dev/null"))
			.start();
	}

	private static void stop(Process server) {
		server.destroy();
		try {
			server.waitFor(20, TimeUnit.SECONDS);
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
		finally {
			server.destroyForcibly();
		}
	}

	private static String sequence(int length) {
		return "create table test.seq_1_to_%1$d as with recursive s (seq) as (select 1 union all select seq + 1 from s where seq < %1$d) select seq from s;\n"
			.formatted(length);
	}

	public static InetSocketAddress address() {
		return Holder.address.get();
	}

	private static final class Holder {

		static final Supplier<InetSocketAddress> address = start();

		private static Supplier<InetSocketAddress> start() {
			String program = System.getProperty("test.mysqld");
			if (program == null) {
				return MariadbServer.instance()::address;
			}
			try {
				MysqlServer server = new MysqlServer(program);
				return () -> server.address;
			}
			catch (IOException ex) {
				throw new UncheckedIOException(ex);
			}
			catch (InterruptedException ex) {
				throw new IllegalStateException(ex);
			}
		}

	}

}
