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

package org.cooperativejdbc.socket;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import java.util.zip.CRC32;
import java.util.zip.CheckedOutputStream;

import org.cooperativejdbc.socket.DriverSession.Task;
import org.postgresql.PGConnection;
import org.postgresql.PGNotification;
import org.postgresql.jdbc.PgConnection;
import org.postgresql.largeobject.LargeObject;
import org.postgresql.largeobject.LargeObjectManager;
import org.postgresql.replication.LogSequenceNumber;
import org.postgresql.replication.PGReplicationStream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * What a driver does with its sockets, on a real server.
 */
enum DriverScenario {

	QUERY_TIMEOUT((session) -> {
		PgConnection connection = session.connect();
		long start = System.nanoTime();
		try (Statement statement = connection.createStatement()) {
			statement.setQueryTimeout(1);
			assertThatExceptionOfType(SQLException.class).isThrownBy(() -> statement.execute("select pg_sleep(60)"))
				.satisfies((ex) -> assertThat(ex.getSQLState()).isEqualTo("57014"));
		}
		assertThat(seconds(start)).isLessThan(20);
		DriverSession.assertUsable(connection);
	}),

	CANCEL((session) -> {
		PgConnection connection = session.connect();
		try (Statement statement = connection.createStatement()) {
			Task<String> sleep = session.start(() -> stateOf(() -> statement.execute("select pg_sleep(60)")));
			session.awaitActive(connection);
			statement.cancel();
			assertThat(sleep.join()).isEqualTo("57014");
		}
		DriverSession.assertUsable(connection);
	}),

	ABORT((session) -> {
		PgConnection connection = session.connect();
		Statement statement = connection.createStatement();
		Task<String> sleep = session.start(() -> stateOf(() -> statement.execute("select pg_sleep(60)")));
		session.awaitActive(connection);
		connection.abort(Runnable::run);
		assertThat(sleep.join()).isEqualTo("08006");
		assertThat(connection.isClosed()).isTrue();
		session.awaitGone(connection);
	}),

	NETWORK_TIMEOUT((session) -> {
		PgConnection connection = session.connect();
		connection.setNetworkTimeout(Runnable::run, 300);
		assertThat(connection.getNetworkTimeout()).isEqualTo(300);
		DriverSession.assertUsable(connection);
		long start = System.nanoTime();
		Statement statement = connection.createStatement();
		assertThat(stateOf(() -> statement.execute("select pg_sleep(60)"))).isEqualTo("08006");
		assertThat(seconds(start)).isLessThan(20);
		assertThat(connection.isClosed()).isTrue();
		session.awaitGone(connection);
	}),

	IS_VALID((session) -> {
		PgConnection connection = session.connect();
		assertThat(connection.isValid(5)).isTrue();
		assertThat(connection.isValid(0)).isTrue();
		session.execute("select pg_terminate_backend(" + session.backend(connection) + ")");
		session.awaitGone(connection);
		assertThat(connection.isValid(5)).isFalse();
	}),

	LOGIN_TIMEOUT((session) -> {
		try (ServerSocket silent = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
			String url = "jdbc:postgresql://localhost:" + silent.getLocalPort() + "/postgres";
			long start = System.nanoTime();
			assertThatExceptionOfType(SQLException.class)
				.isThrownBy(() -> session.connectTo(url, "loginTimeout", "1", "sslNegotiation", "postgres"));
			assertThat(seconds(start)).isLessThan(20);
		}
	}),

	COPY_IN_AND_OUT(true, (session) -> {
		PgConnection connection = session.connect();
		int rows = 100_000;
		try (Statement statement = connection.createStatement()) {
			statement.execute("create temporary table copied (id int, text text)");
			statement.execute("alter table copied alter text set storage external");
			Rows source = new Rows(rows);
			assertThat(connection.getCopyAPI().copyIn("copy copied from stdin", source)).isEqualTo(rows);
			assertThat(source.bytes).isGreaterThan(100_000_000);
			CheckedOutputStream target = new CheckedOutputStream(OutputStream.nullOutputStream(), new CRC32());
			assertThat(connection.getCopyAPI().copyOut("copy copied to stdout", target)).isEqualTo(rows);
			assertThat(target.getChecksum().getValue()).isEqualTo(source.checksum.getValue());
		}
		DriverSession.assertUsable(connection);
	}),

	LARGE_OBJECT((session) -> {
		PgConnection connection = session.connect();
		connection.setAutoCommit(false);
		byte[] bytes = ScenarioRun.pattern(8_000_000);
		LargeObjectManager manager = connection.getLargeObjectAPI();
		long id = manager.createLO();
		try (LargeObject object = manager.open(id, LargeObjectManager.READWRITE)) {
			object.write(bytes);
			object.seek(0);
			assertThat(Arrays.equals(object.read(bytes.length), bytes)).isTrue();
			object.seek64(4_000_000, LargeObject.SEEK_SET);
			assertThat(Arrays.equals(object.read(10), Arrays.copyOfRange(bytes, 4_000_000, 4_000_010))).isTrue();
		}
		manager.unlink(id);
		connection.commit();
	}),

	NOTIFICATIONS((session) -> {
		PgConnection connection = session.connect();
		String channel = session.name("news");
		try (Statement statement = connection.createStatement()) {
			statement.execute("listen " + channel);
		}
		PGConnection listener = connection;
		long start = System.nanoTime();
		assertThat(listener.getNotifications(200)).isNullOrEmpty();
		assertThat(System.nanoTime() - start).isBetween(TimeUnit.MILLISECONDS.toNanos(180),
				TimeUnit.SECONDS.toNanos(10));
		assertThat(listener.getNotifications()).isNullOrEmpty();
		Task<PGNotification[]> waiting = session.start(() -> listener.getNotifications(60_000));
		session.execute("notify " + channel + ", 'first'");
		assertThat(waiting.join()).extracting(PGNotification::getParameter).containsExactly("first");
		waiting = session.start(() -> listener.getNotifications(0));
		session.execute("notify " + channel + ", 'second'");
		assertThat(waiting.join()).extracting(PGNotification::getParameter).containsExactly("second");
		session.execute("notify " + channel + ", 'third'");
		PGNotification[] polled = null;
		while (polled == null || polled.length == 0) {
			assertThat(seconds(start)).isLessThan(60);
			polled = listener.getNotifications();
			ScenarioRun.pause(5);
		}
		assertThat(polled).extracting(PGNotification::getParameter).containsExactly("third");
		DriverSession.assertUsable(connection);
	}),

	LOGICAL_REPLICATION((session) -> {
		String name = session.name("slot");
		session.execute("create table " + name + " (id int primary key, text text)");
		session.execute("create publication " + name + " for table " + name);
		PgConnection connection = session.connect("replication", "database", "preferQueryMode", "simple",
				"assumeMinServerVersion", "17");
		connection.getReplicationAPI()
			.createReplicationSlot()
			.logical()
			.withSlotName(name)
			.withOutputPlugin("pgoutput")
			.withTemporaryOption()
			.make();
		try (PGReplicationStream stream = connection.getReplicationAPI()
			.replicationStream()
			.logical()
			.withSlotName(name)
			.withSlotOption("proto_version", "1")
			.withSlotOption("publication_names", name)
			.withStatusInterval(1, TimeUnit.SECONDS)
			.start()) {
			assertThat(stream.readPending()).isNull();
			Task<String> reader = session.start(() -> nextInsert(stream));
			session.execute("insert into " + name + " values (1, 'replicated')");
			assertThat(reader.join()).contains("replicated");
			session.execute("insert into " + name + " values (2, 'polled')");
			ByteBuffer message = null;
			long start = System.nanoTime();
			while (message == null || message.get(0) != 'I') {
				assertThat(seconds(start)).isLessThan(60);
				message = stream.readPending();
				ScenarioRun.pause(2);
			}
			assertThat(text(message)).contains("polled");
			stream.setFlushedLSN(stream.getLastReceiveLSN());
			stream.forceUpdateStatus();
		}
		session.execute("drop publication " + name);
		session.execute("drop table " + name);
	}),

	PHYSICAL_REPLICATION((session) -> {
		PgConnection connection = session.connect("replication", "true", "preferQueryMode", "simple",
				"assumeMinServerVersion", "17");
		try (PGReplicationStream stream = connection.getReplicationAPI()
			.replicationStream()
			.physical()
			.withStartPosition(position(session))
			.withStatusInterval(1, TimeUnit.SECONDS)
			.start()) {
			Task<Integer> reader = session.start(() -> read(stream).remaining());
			session.execute("select pg_logical_emit_message(false, 'test', repeat('x', 10000))");
			assertThat(reader.join()).isPositive();
		}
	}),

	LARGE_ROW(true, (session) -> {
		PgConnection connection = session.connect();
		try (Statement statement = connection.createStatement();
				ResultSet result = statement.executeQuery("select repeat('0123456789', 10000000), 42")) {
			assertThat(result.next()).isTrue();
			byte[] bytes = result.getBytes(1);
			assertThat(bytes).hasSize(100_000_000);
			assertThat(bytes[99_999_998]).isEqualTo((byte) '8');
			assertThat(result.getInt(2)).isEqualTo(42);
		}
		DriverSession.assertUsable(connection);
	}),

	LARGE_PARAMETER(true, (session) -> {
		PgConnection connection = session.connect();
		byte[] bytes = new byte[100_000_000];
		Arrays.fill(bytes, (byte) 'x');
		bytes[99_999_999] = 'y';
		try (PreparedStatement statement = connection
			.prepareStatement("select length(p), get_byte(p, 99999999) from (select ?::bytea as p) q")) {
			statement.setBytes(1, bytes);
			try (ResultSet result = statement.executeQuery()) {
				assertThat(result.next()).isTrue();
				assertThat(result.getInt(1)).isEqualTo(100_000_000);
				assertThat(result.getInt(2)).isEqualTo('y');
			}
		}
		DriverSession.assertUsable(connection);
	}),

	BATCH((session) -> {
		PgConnection connection = session.connect();
		try (Statement statement = connection.createStatement()) {
			statement.execute("create temporary table batched (id int, text text)");
		}
		try (PreparedStatement statement = connection.prepareStatement("insert into batched values (?, ?)")) {
			for (int i = 0; i < 10_000; i++) {
				statement.setInt(1, i);
				statement.setString(2, "row " + i + " of the batch");
				statement.addBatch();
			}
			assertThat(statement.executeBatch()).hasSize(10_000).containsOnly(1);
		}
		assertThat(sum(connection, "select sum(id) from batched")).isEqualTo(49_995_000L);
	}),

	CURSOR((session) -> {
		PgConnection connection = session.connect();
		connection.setAutoCommit(false);
		long sum = 0;
		try (Statement statement = connection.createStatement()) {
			statement.setFetchSize(100);
			try (ResultSet result = statement.executeQuery("select generate_series(1, 10000)")) {
				while (result.next()) {
					sum += result.getInt(1);
				}
			}
		}
		assertThat(sum).isEqualTo(50_005_000L);
		connection.commit();
	}),

	TERMINATION_BY_THE_SERVER((session) -> {
		PgConnection connection = session.connect();
		Statement statement = connection.createStatement();
		Task<String> sleep = session.start(() -> stateOf(() -> statement.execute("select pg_sleep(60)")));
		session.awaitActive(connection);
		session.execute("select pg_terminate_backend(" + session.backend(connection) + ")");
		assertThat(sleep.join()).isEqualTo("57P01");
		assertThat(stateOf(() -> connection.createStatement().execute("select 1"))).startsWith("08");
		assertThat(connection.isClosed()).isTrue();
	}),

	CLOSE_BY_ANOTHER_THREAD((session) -> {
		PgConnection connection = session.connect();
		Statement statement = connection.createStatement();
		Task<String> sleep = session.start(() -> stateOf(() -> statement.execute("select pg_sleep(60)")));
		session.awaitActive(connection);
		connection.close();
		assertThat(sleep.join()).startsWith("08");
		session.awaitGone(connection);
	}),

	ENCRYPTION((session) -> {
		PgConnection connection = session.connect();
		try (Statement statement = connection.createStatement();
				ResultSet result = statement
					.executeQuery("select ssl, version from pg_stat_ssl where pid = pg_backend_pid()")) {
			assertThat(result.next()).isTrue();
			boolean encrypted = session.properties().getProperty("sslmode").equals("verify-full");
			assertThat(result.getBoolean(1)).isEqualTo(encrypted);
			assertThat(result.getString(2)).isEqualTo(encrypted ? "TLSv1.3" : null);
		}
	});

	private final boolean heavy;

	private final Script script;

	DriverScenario(Script script) {
		this(false, script);
	}

	DriverScenario(boolean heavy, Script script) {
		this.heavy = heavy;
		this.script = script;
	}

	/**
	 * Return whether a run takes seconds of CPU.
	 */
	boolean isHeavy() {
		return this.heavy;
	}

	void play(DriverSession session) throws Exception {
		this.script.play(session);
	}

	private static long seconds(long start) {
		return TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - start);
	}

	private static String stateOf(ScenarioRun.Action action) throws Exception {
		try {
			action.run();
			return "done";
		}
		catch (SQLException ex) {
			return ex.getSQLState();
		}
	}

	private static long sum(Connection connection, String query) throws SQLException {
		try (Statement statement = connection.createStatement(); ResultSet result = statement.executeQuery(query)) {
			result.next();
			return result.getLong(1);
		}
	}

	private static ByteBuffer read(PGReplicationStream stream) throws SQLException {
		ByteBuffer message = stream.read();
		if (message == null) {
			throw new AssertionError("No message");
		}
		return message;
	}

	private static String nextInsert(PGReplicationStream stream) throws SQLException {
		while (true) {
			ByteBuffer message = read(stream);
			if (message.get(0) == 'I') {
				return text(message);
			}
		}
	}

	private static String text(ByteBuffer message) {
		return StandardCharsets.ISO_8859_1.decode(message).toString();
	}

	private static LogSequenceNumber position(DriverSession session) throws SQLException {
		try (Connection connection = session.server().connect();
				Statement statement = connection.createStatement();
				ResultSet result = statement.executeQuery("select pg_current_wal_flush_lsn()")) {
			result.next();
			return LogSequenceNumber.valueOf(result.getString(1));
		}
	}

	@FunctionalInterface
	private interface Script {

		void play(DriverSession session) throws Exception;

	}

	/**
	 * Rows of a kilobyte for COPY, made while they are read.
	 */
	private static final class Rows extends InputStream {

		private static final String FILLER = "cooperative ".repeat(83);

		private final CRC32 checksum = new CRC32();

		private final int count;

		private int next;

		private long bytes;

		private byte[] row = {};

		private int position;

		Rows(int count) {
			this.count = count;
		}

		@Override
		public int read() throws IOException {
			byte[] single = new byte[1];
			return (read(single, 0, 1) > 0) ? single[0] & 0xff : -1;
		}

		@Override
		public int read(byte[] target, int offset, int length) {
			if (this.position == this.row.length) {
				if (this.next == this.count) {
					return -1;
				}
				this.row = (this.next++ + "\t" + FILLER + "\n").getBytes(StandardCharsets.US_ASCII);
				this.checksum.update(this.row);
				this.bytes += this.row.length;
				this.position = 0;
			}
			int size = Math.min(length, this.row.length - this.position);
			System.arraycopy(this.row, this.position, target, offset, size);
			this.position += size;
			return size;
		}

	}

}
