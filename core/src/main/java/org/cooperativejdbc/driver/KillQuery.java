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

import java.net.InetSocketAddress;
import java.net.Socket;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;

import org.cooperativejdbc.Deadline;
import org.jspecify.annotations.Nullable;

/**
 * Cancels a statement in a server that speaks the protocol of MySQL, over a connection of
 * its own to the same server.
 * <p>
 * The number of a connection is that of another one in another server. Behind a balancer
 * the second connection may end there, so the statement is looked up first: it is
 * canceled only where the server sees the port of this very socket. Where the server does
 * not see it, since something translates or relays in between, nothing is canceled, and
 * the socket is closed after the grace period. MariaDB has numbers for statements, too,
 * so that a late request meets no other statement.
 */
final class KillQuery {

	private static final int MARGIN_MILLIS = 1000;

	private static final ThreadLocal<@Nullable InetSocketAddress> server = new ThreadLocal<>();

	private KillQuery() {
	}

	/**
	 * Return the server that the current thread connects to in order to cancel, or
	 * {@code null} if it does not.
	 */
	static @Nullable InetSocketAddress server() {
		return server.get();
	}

	/**
	 * Cancel the statement of a connection.
	 * @param socket the socket of the connection
	 * @param id its number in the server
	 * @param mariadb whether the server is MariaDB's
	 * @param second connects to the server
	 */
	static void run(Socket socket, long id, boolean mariadb, Connector second) throws SQLException {
		server.set(new InetSocketAddress(socket.getInetAddress(), socket.getPort()));
		try (Connection connection = second.connect()) {
			kill(connection, id, socket.getLocalPort(), mariadb);
		}
		finally {
			server.remove();
		}
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

	/**
	 * Return how long to wait for each answer. A request that is not answered is given up
	 * after the thread that waits for its statement, which must not take it for done.
	 */
	static int timeoutMillis() {
		Deadline deadline = Deadline.current();
		return (deadline != null)
				? (int) Math.clamp(deadline.leftNanos() / 1_000_000 + MARGIN_MILLIS, MARGIN_MILLIS, Integer.MAX_VALUE)
				: 0;
	}

	/**
	 * Connects to the server.
	 */
	@FunctionalInterface
	interface Connector {

		Connection connect() throws SQLException;

	}

}
