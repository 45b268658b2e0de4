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

import java.lang.StackWalker.StackFrame;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

import org.cooperativejdbc.Deadline;
import org.cooperativejdbc.socket.StatementCanceller;
import org.jspecify.annotations.Nullable;
import org.mariadb.jdbc.Configuration;
import org.mariadb.jdbc.Driver;
import org.mariadb.jdbc.client.Client;
import org.mariadb.jdbc.export.HaMode;

/**
 * Cancels the statements of a connection of MariaDB Connector/J by KILL QUERY, over a
 * connection of its own to the same server. What a thread waits for is told by the method
 * of the driver that it has called.
 * <p>
 * The number of a connection is that of another one in another server. Behind a balancer
 * the second connection may end there, so the statement is looked up first: it is
 * canceled only where the server sees the port of this very socket. Where the server does
 * not see it, since something translates or relays in between, nothing is canceled, and
 * the socket is closed after the grace period. MariaDB has numbers for statements, too,
 * so that a late request meets no other statement.
 */
final class MariadbCanceller implements StatementCanceller {

	private static final String DRIVER = "org.mariadb.jdbc.";

	private static final String CONNECTION = DRIVER + "Connection";

	private static final String LOGIN = DRIVER + "client.impl.StandardClient.<init>";

	private static final String POOLED_CONNECTION = DRIVER + "MariaDbPoolConnection";

	private static final String XA_RESOURCE = POOLED_CONNECTION + "$MariaDbXAResource";

	private static final Set<String> COMMITS = Set.of(CONNECTION + ".commit", CONNECTION + ".setAutoCommit",
			XA_RESOURCE + ".commit", XA_RESOURCE + ".prepare");

	private static final int MARGIN_MILLIS = 1000;

	private static final ThreadLocal<@Nullable InetSocketAddress> server = new ThreadLocal<>();

	private final MariadbSession session;

	private final Socket socket;

	private final SentMysqlCommits sentCommits = new SentMysqlCommits();

	MariadbCanceller(MariadbSession session, Socket socket) {
		this.session = session;
		this.socket = socket;
	}

	/**
	 * Return the server that the current thread connects to in order to cancel, or
	 * {@code null} if it does not.
	 */
	static @Nullable InetSocketAddress server() {
		return server.get();
	}

	@Override
	public void cancel() throws SQLException {
		org.mariadb.jdbc.Connection connection = this.session.connection();
		if (connection == null) {
			throw new SQLException("The connection is not known yet");
		}
		Client client = connection.getClient();
		long id = client.getContext().getThreadId();
		int port = this.socket.getLocalPort();
		server.set(new InetSocketAddress(this.socket.getInetAddress(), this.socket.getPort()));
		try (Connection second = Driver.connect(configuration(client))) {
			kill(second, id, port, connection.getContext().getVersion().isMariaDBServer());
		}
		finally {
			server.remove();
		}
	}

	/**
	 * What the user has the driver do after a login is not done.
	 */
	private static Configuration configuration(Client client) {
		Deadline deadline = Deadline.current();
		int millis = (deadline != null) ? (int) Math.clamp(deadline.leftNanos() / 1_000_000, 1, Integer.MAX_VALUE) : 0;
		return client.getContext()
			.getConf()
			.toBuilder()
			.haMode(HaMode.NONE)
			.addresses(client.getHostAddress())
			.transactionReplay(false)
			.sessionVariables(null)
			.initSql(null)
			.autocommit(null)
			.connectTimeout(millis)
			.socketTimeout(millis)
			.build();
	}

	private static void kill(Connection connection, long id, int port, boolean mariadb) throws SQLException {
		String number = mariadb ? "query_id" : "id";
		try (PreparedStatement find = connection.prepareStatement("select " + number
				+ " from information_schema.processlist where id = ? and substring_index(host, ':', -1) = ?"
				+ " and command in ('Query', 'Execute')")) {
			find.setLong(1, id);
			find.setString(2, Integer.toString(port));
			try (ResultSet found = find.executeQuery(); Statement kill = connection.createStatement()) {
				if (found.next()) {
					kill.execute((mariadb ? "kill query id " : "kill query ") + found.getLong(1));
				}
			}
		}
	}

	@Override
	public void sending(byte[] bytes, int offset, int length) {
		this.sentCommits.sending(bytes, offset, length);
	}

	@Override
	public Exchange exchange() {
		Exchange exchange = StackWalker.getInstance().walk(MariadbCanceller::exchange);
		return (exchange == Exchange.STATEMENT && this.sentCommits.isUnderWay()) ? Exchange.COMMIT : exchange;
	}

	/**
	 * Tell from the frames of the driver between the socket and whoever called the
	 * driver, such as a connection pool.
	 */
	private static Exchange exchange(Stream<StackFrame> frames) {
		List<StackFrame> driver = frames.dropWhile((frame) -> !isDriver(frame))
			.takeWhile(MariadbCanceller::isDriver)
			.toList();
		if (driver.isEmpty() || driver.stream().anyMatch((frame) -> isKilling(frame) || method(frame).equals(LOGIN))) {
			return Exchange.HOUSEKEEPING;
		}
		if (driver.stream().anyMatch((frame) -> COMMITS.contains(method(frame)))) {
			return Exchange.COMMIT;
		}
		String entry = driver.getLast().getClassName();
		return (entry.equals(CONNECTION) || entry.startsWith(POOLED_CONNECTION)) ? Exchange.HOUSEKEEPING
				: Exchange.STATEMENT;
	}

	/**
	 * Return whether the driver makes a second connection to cancel a statement or to end
	 * a connection.
	 */
	static boolean isKilling(StackFrame frame) {
		return frame.getClassName().startsWith(DRIVER)
				&& (frame.getMethodName().equals("cancelCurrentQuery") || frame.getMethodName().equals("abort"));
	}

	private static String method(StackFrame frame) {
		return frame.getClassName() + "." + frame.getMethodName();
	}

	private static boolean isDriver(StackFrame frame) {
		return frame.getClassName().startsWith(DRIVER);
	}

}
