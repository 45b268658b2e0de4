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

package org.cooperativejdbc.benchmark.soak;

import java.io.IOException;
import java.io.StringReader;
import java.io.StringWriter;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import org.cooperativejdbc.benchmark.Database;
import org.postgresql.PGConnection;
import org.postgresql.PGNotification;

/**
 * What is done with a connection. The server sends the number of the work back, so that
 * an answer to something else is noticed.
 */
enum Operation {

	/**
	 * A row by its primary key, and another one.
	 */
	LOOKUP(24, 1, Operation::lookup),

	/**
	 * A statement that takes a while.
	 */
	SLEEP(16, 1, Operation::sleep),

	/**
	 * Close to a megabyte.
	 */
	LARGE_RESULT(1, 1, Operation::largeResult),

	/**
	 * A batch in a transaction.
	 */
	BATCH(4, 1, Operation::batch),

	/**
	 * A result in pieces.
	 */
	CURSOR(4, 1, Operation::cursor),

	/**
	 * COPY to the client.
	 */
	COPY_OUT(2, 1, Operation::copyOut),

	/**
	 * COPY to the server in a transaction.
	 */
	COPY_IN(2, 1, Operation::copyIn),

	/**
	 * A wait for a notification. It is seldom disturbed: there is nothing to cancel, so
	 * that its connection ends.
	 */
	NOTIFICATION(2, 20, Operation::notification),

	/**
	 * A second connection while the thread holds one.
	 */
	NESTED(2, 1, Operation::nested),

	/**
	 * A connection that another thread gives back.
	 */
	HANDED_OVER(4, 1, Operation::handedOver),

	/**
	 * A connection that another thread closes while it is in use.
	 */
	CLOSED_BY_ANOTHER(1, 0, Operation::closedByAnother);

	private static final List<Operation> ALL = Stream.of(values())
		.flatMap((operation) -> Stream.generate(() -> operation).limit(operation.share))
		.toList();

	private static final int LARGE_ROWS = 2_000;

	private static final String LARGE_VALUE = "x".repeat(400);

	private static final int ROWS = 100;

	private static final int FETCH_SIZE = 20;

	private static final int NOTIFICATION_SECONDS = 60;

	private final int share;

	private final int exposedOneIn;

	private final Action action;

	/**
	 * Create an operation.
	 * @param share how often it is chosen
	 * @param exposedOneIn one in how many may be interrupted or have a deadline, 0 for
	 * none
	 */
	Operation(int share, int exposedOneIn, Action action) {
		this.share = share;
		this.exposedOneIn = exposedOneIn;
		this.action = action;
	}

	static Operation random(Random random) {
		return ALL.get(random.nextInt(ALL.size()));
	}

	boolean isExposed(Random random) {
		return this.exposedOneIn > 0 && random.nextInt(this.exposedOneIn) == 0;
	}

	void perform(Work work) throws SQLException, IOException {
		this.action.perform(work);
	}

	/**
	 * Return whether a failure belongs to the operation itself.
	 */
	boolean mayFail(Exception failure) {
		return this == NESTED && String.valueOf(failure.getMessage()).contains("wait for another one");
	}

	private static void lookup(Work work) throws SQLException {
		try (Connection connection = work.connect()) {
			lookup(work, connection);
			lookup(work, connection);
		}
	}

	private static void lookup(Work work, Connection connection) throws SQLException {
		int id = 1 + work.random().nextInt(Database.ROWS);
		try (PreparedStatement select = connection
			.prepareStatement("select id, name, ?::bigint from item where id = ?")) {
			select.setLong(1, work.number());
			select.setInt(2, id);
			work.sent(1);
			try (ResultSet result = select.executeQuery()) {
				work.check(true, result.next());
				work.check(id, result.getInt(1));
				work.check("item " + id, result.getString(2));
				work.check(work.number(), result.getLong(3));
				work.check(false, result.next());
			}
		}
	}

	private static void sleep(Work work) throws SQLException {
		try (Connection connection = work.connect()) {
			sleep(work, connection, work.random().nextInt(50));
		}
	}

	private static void sleep(Work work, Connection connection, int millis) throws SQLException {
		try (PreparedStatement select = connection.prepareStatement("select ?::bigint, pg_sleep(?)")) {
			select.setLong(1, work.number());
			select.setDouble(2, millis / 1000.0);
			work.sent(1);
			try (ResultSet result = select.executeQuery()) {
				work.check(true, result.next());
				work.check(work.number(), result.getLong(1));
			}
		}
	}

	private static void largeResult(Work work) throws SQLException {
		try (Connection connection = work.connect();
				PreparedStatement select = connection.prepareStatement("""
						select i, ?::bigint, repeat('x', %d) from generate_series(1, %d) i"""
					.formatted(LARGE_VALUE.length(), LARGE_ROWS))) {
			select.setLong(1, work.number());
			work.sent(1);
			try (ResultSet result = select.executeQuery()) {
				checkRows(work, result, LARGE_ROWS, LARGE_VALUE);
			}
		}
	}

	private static void checkRows(Work work, ResultSet result, int rows, String value) throws SQLException {
		int count = 0;
		while (result.next()) {
			count++;
			work.check(count, result.getInt(1));
			work.check(work.number(), result.getLong(2));
			work.check(value, result.getString(3));
		}
		work.check(rows, count);
	}

	private static void batch(Work work) throws SQLException {
		try (Connection connection = work.connect()) {
			connection.setAutoCommit(false);
			insert(work, connection);
			finish(work, connection);
		}
	}

	private static void insert(Work work, Connection connection) throws SQLException {
		work.writes(ROWS);
		try (PreparedStatement insert = connection
			.prepareStatement("insert into soak (operation, row) values (?, ?)")) {
			for (int i = 0; i < ROWS; i++) {
				insert.setLong(1, work.number());
				insert.setInt(2, i);
				insert.addBatch();
			}
			work.sent(1);
			work.check(ROWS, insert.executeBatch().length);
		}
	}

	/**
	 * Commit or, by chance, roll back or leave that to the pool.
	 */
	private static void finish(Work work, Connection connection) throws SQLException {
		if (work.random().nextInt(8) > 0) {
			commitOrRollBack(work, connection);
		}
	}

	private static void commitOrRollBack(Work work, Connection connection) throws SQLException {
		if (work.random().nextInt(3) == 0) {
			connection.rollback();
		}
		else {
			work.commit(connection);
		}
	}

	private static void cursor(Work work) throws SQLException {
		try (Connection connection = work.connect()) {
			connection.setAutoCommit(false);
			try (PreparedStatement select = connection
				.prepareStatement("select i, ?::bigint, 'row' from generate_series(1, %d) i".formatted(ROWS))) {
				select.setFetchSize(FETCH_SIZE);
				select.setLong(1, work.number());
				work.sent(1);
				try (ResultSet result = select.executeQuery()) {
					checkRows(work, result, ROWS, "row");
				}
			}
			finish(work, connection);
		}
	}

	private static void copyOut(Work work) throws SQLException, IOException {
		try (Connection connection = work.connect()) {
			StringWriter out = new StringWriter();
			work.sent(1);
			connection.unwrap(PGConnection.class)
				.getCopyAPI()
				.copyOut("copy (select i, %d from generate_series(1, %d) i) to stdout".formatted(work.number(), ROWS),
						out);
			work.check(rows(work.number(), 1), out.toString());
		}
	}

	private static String rows(long number, int first) {
		return IntStream.range(first, first + ROWS)
			.mapToObj((row) -> row + "\t" + number + "\n")
			.collect(Collectors.joining());
	}

	/**
	 * HikariCP does not see what is copied through pgjdbc's own interface: it would not
	 * roll back, and commit by switching auto-commit on again.
	 */
	private static void copyIn(Work work) throws SQLException, IOException {
		try (Connection connection = work.connect()) {
			connection.setAutoCommit(false);
			work.writes(ROWS);
			work.sent(1);
			long copied = connection.unwrap(PGConnection.class)
				.getCopyAPI()
				.copyIn("copy soak (row, operation) from stdin", new StringReader(rows(work.number(), 0)));
			work.check((long) ROWS, copied);
			commitOrRollBack(work, connection);
		}
	}

	private static void notification(Work work) throws SQLException {
		String channel = "soak_" + work.number();
		try (Connection connection = work.connect(); Statement statement = connection.createStatement()) {
			statement.execute("listen " + channel);
			work.pool().postman().send(channel, work.number());
			work.check(Long.toString(work.number()), notification(connection, channel));
			statement.execute("unlisten *");
			work.sent(2);
		}
	}

	private static String notification(Connection connection, String channel) throws SQLException {
		PGConnection driver = connection.unwrap(PGConnection.class);
		long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(NOTIFICATION_SECONDS);
		while (System.nanoTime() < end) {
			for (PGNotification notification : driver.getNotifications(1_000)) {
				if (notification.getName().equals(channel)) {
					return notification.getParameter();
				}
			}
		}
		return "nothing";
	}

	private static void nested(Work work) throws SQLException {
		try (Connection connection = work.connect()) {
			connection.setAutoCommit(false);
			insert(work, connection);
			try (Connection inner = work.connectAgain()) {
				lookup(work, inner);
			}
			finish(work, connection);
		}
	}

	private static void handedOver(Work work) throws SQLException {
		Connection connection = work.connect();
		try {
			lookup(work, connection);
		}
		finally {
			work.closeElsewhere(connection);
		}
	}

	/**
	 * Only the other one closes it: HikariCP would give back twice what two threads close
	 * at the same time.
	 */
	private static void closedByAnother(Work work) throws SQLException {
		Connection connection = work.connect();
		work.closeByAnother(connection);
		sleep(work, connection, 10);
	}

	/**
	 * What an operation does.
	 */
	@FunctionalInterface
	private interface Action {

		void perform(Work work) throws SQLException, IOException;

	}

}
