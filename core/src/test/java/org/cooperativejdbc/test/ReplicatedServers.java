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
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;

import org.springframework.util.FileSystemUtils;

/**
 * A primary and a standby that streams from it by a slot. They are processes of the
 * embedded server's programs, so that they can be killed and stopped in their tracks.
 * COMMITs wait for the standby.
 */
public final class ReplicatedServers implements AutoCloseable {

	private static final String USER = "postgres";

	private final Path directory = Files.createTempDirectory("replicated");

	private final Server primary = new Server("primary");

	private final Server standby = new Server("standby");

	/**
	 * Start both, with a table {@code item (id int)}.
	 */
	public ReplicatedServers() throws IOException, SQLException {
		Template.instance().copyTo(this.primary.data);
		Template.instance().copyTo(this.standby.data);
		Files.createFile(this.standby.data.resolve("standby.signal"));
		Files.writeString(this.standby.data.resolve("postgresql.auto.conf"), """
				primary_conninfo = 'host=127.0.0.1 port=%d user=%s application_name=standby'
				primary_slot_name = 'standby'
				wal_retrieve_retry_interval = '100ms'
				""".formatted(this.primary.port, USER), StandardOpenOption.APPEND);
		this.primary.start();
		this.primary.execute("select pg_create_physical_replication_slot('standby', true)");
		this.standby.start();
		this.primary.execute("alter system set synchronous_standby_names = '*'");
		this.primary.execute("select pg_reload_conf()");
		this.primary.await("select count(*) from pg_stat_replication where sync_state = 'sync'", 1);
		this.primary.execute("create table item (id int primary key)");
		this.standby.await("select count(*) from pg_class where relname = 'item'", 1);
	}

	public Server primary() {
		return this.primary;
	}

	public Server standby() {
		return this.standby;
	}

	/**
	 * Return a URL that names both.
	 * @param parameters what comes after it, for example {@code targetServerType=primary}
	 */
	public String url(String parameters) {
		return url(this.primary.address(), parameters);
	}

	/**
	 * Return a URL that names both.
	 * @param primary where the primary is reached
	 * @param parameters what comes after it, for example {@code targetServerType=primary}
	 */
	public String url(InetSocketAddress primary, String parameters) {
		return "jdbc:postgresql://127.0.0.1:%d,127.0.0.1:%d/postgres?user=%s&%s".formatted(primary.getPort(),
				this.standby.port, USER, parameters);
	}

	/**
	 * Make the standby the primary.
	 */
	public void promote() throws SQLException {
		this.standby.execute("select pg_promote()");
	}

	/**
	 * Have COMMITs not wait for the standby.
	 */
	public void waitForNoStandby() throws SQLException {
		this.primary.execute("alter system reset synchronous_standby_names");
		this.primary.execute("select pg_reload_conf()");
		this.primary.await("select count(*) from pg_stat_replication where sync_state = 'async'", 1);
	}

	/**
	 * Have the standby receive nothing anymore.
	 */
	public void endReplication() throws SQLException {
		this.standby.execute("alter system set primary_conninfo = ''");
		this.standby.execute("select pg_reload_conf()");
		this.primary.await("select count(*) from pg_stat_replication", 0);
	}

	/**
	 * Have the standby receive what it does not show to anyone yet.
	 */
	public void pauseReplay() throws SQLException {
		this.standby.execute("select pg_wal_replay_pause()");
		this.standby.await("select (pg_get_wal_replay_pause_state() = 'paused')::int", 1);
	}

	public void resumeReplay() throws SQLException {
		this.standby.execute("select pg_wal_replay_resume()");
	}

	@Override
	public void close() throws IOException {
		this.standby.kill();
		this.primary.kill();
		FileSystemUtils.deleteRecursively(this.directory);
	}

	/**
	 * One of the two.
	 */
	public final class Server {

		private final int port = FreePorts.next();

		private final Path data;

		private ServerProcess process;

		@SuppressWarnings("NullAway.Init")
		private Server(String name) throws IOException {
			this.data = ReplicatedServers.this.directory.resolve(name);
		}

		void start() throws IOException {
			List<String> command = new ArrayList<>(Template.instance().command);
			command.addAll(List.of("-D", this.data.toString(), "-p", Integer.toString(this.port), "-F", "-c",
					"listen_addresses=127.0.0.1", "-c", "unix_socket_directories=", "-c", "max_connections=300"));
			this.process = ServerProcess.start(ReplicatedServers.this.directory, command);
			long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
			while (true) {
				try (Connection connection = connect()) {
					return;
				}
				catch (SQLException ex) {
					this.process.failUnlessAlive(end, ex);
				}
			}
		}

		public InetSocketAddress address() {
			return new InetSocketAddress(InetAddress.getLoopbackAddress(), this.port);
		}

		public String url() {
			return urlAt(address());
		}

		String urlAt(InetSocketAddress address) {
			return "jdbc:postgresql://127.0.0.1:%d/postgres?user=%s".formatted(address.getPort(), USER);
		}

		/**
		 * Return a connection on a plain socket of the JDK.
		 */
		public Connection connect() throws SQLException {
			return DriverManager.getConnection(url());
		}

		public void execute(String sql) throws SQLException {
			try (Connection connection = connect(); Statement statement = connection.createStatement()) {
				statement.execute(sql);
			}
		}

		/**
		 * Return the numbers that a query selects.
		 */
		public List<Integer> select(String sql) throws SQLException {
			List<Integer> numbers = new ArrayList<>();
			try (Connection connection = connect();
					Statement statement = connection.createStatement();
					ResultSet result = statement.executeQuery(sql)) {
				while (result.next()) {
					numbers.add(result.getInt(1));
				}
			}
			return numbers;
		}

		/**
		 * Wait until a query selects a number, as what was committed on the primary is
		 * seen on the standby later.
		 */
		public void await(String sql, int expected) throws SQLException {
			long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
			while (!select(sql).equals(List.of(expected))) {
				if (System.nanoTime() > end) {
					throw new SQLException("Not " + expected + ": " + sql);
				}
				LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
			}
		}

		/**
		 * Stop it in order, which ends its connections.
		 */
		public void stop() throws IOException {
			this.process.signal("INT");
			this.process.awaitEnd();
		}

		/**
		 * Kill it, so that the system closes its connections.
		 */
		public void kill() {
			this.process.close();
		}

		/**
		 * Have it answer nothing from now on, while its connections stay.
		 */
		public void freeze() throws IOException {
			this.process.signalAll("STOP");
		}

	}

	/**
	 * A data directory to copy, and how to start a server.
	 *
	 * @param data the directory
	 * @param command the program
	 */
	private record Template(Path data, List<String> command) {

		static Template instance() {
			return Holder.instance;
		}

		private static Template create() {
			try {
				Path directory = Files.createTempDirectory("template");
				Path data = directory.resolve("data");
				EmbeddedPostgres server = EmbeddedServers.builder()
					.setDataDirectory(data)
					.setCleanDataDirectory(false)
					.start();
				long pid = Long.parseLong(Files.readAllLines(data.resolve("postmaster.pid")).get(0).strip());
				String program = ProcessHandle.of(pid).flatMap((process) -> process.info().command()).orElseThrow();
				server.close();
				Runtime.getRuntime().addShutdownHook(new Thread(() -> delete(directory)));
				return new Template(data, "root".equals(System.getProperty("user.name"))
						? List.of("unshare", "-U", program) : List.of(program));
			}
			catch (IOException ex) {
				throw new UncheckedIOException(ex);
			}
		}

		private static void delete(Path directory) {
			try {
				FileSystemUtils.deleteRecursively(directory);
			}
			catch (IOException ex) {
				// Left for the system to delete
			}
		}

		void copyTo(Path target) throws IOException {
			FileSystemUtils.copyRecursively(this.data, target);
			Files.setPosixFilePermissions(target, PosixFilePermissions.fromString("rwx------"));
		}

		private static final class Holder {

			static final Template instance = create();

		}

	}

}
