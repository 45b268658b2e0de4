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
import java.util.function.Supplier;

import org.cooperativejdbc.Deadline;
import org.cooperativejdbc.socket.StatementCanceller;
import org.jspecify.annotations.Nullable;

/**
 * Cancels the statements of a connection to a server that speaks the protocol of MySQL,
 * over a connection of its own to the same server.
 * <p>
 * The number of a connection is that of another one in another server. Behind a balancer
 * the second connection may end there, so the statement is looked up first: it is
 * canceled only where the server sees the port of this very socket. Where the server does
 * not see it, since something translates or relays in between, nothing is canceled, and
 * the socket is closed after the grace period. MariaDB has numbers for statements, too,
 * so that a late request meets no other statement.
 *
 * @param <C> the type of the connection, or of what stands for it in the driver
 */
final class KillQuery<C> implements StatementCanceller {

	private static final int MARGIN_MILLIS = 1000;

	private static final ThreadLocal<@Nullable InetSocketAddress> server = new ThreadLocal<>();

	private final Socket socket;

	private final Supplier<@Nullable C> connection;

	private final Target<C> target;

	private final DriverCalls calls;

	private final SentMysqlCommits sentCommits = new SentMysqlCommits();

	/**
	 * Create a new instance.
	 * @param socket the socket of the connection
	 * @param connection supplies the connection, as soon as a thread has got it from its
	 * pool
	 * @param target what is known of the connection
	 * @param calls tells what a thread waits for
	 */
	KillQuery(Socket socket, Supplier<@Nullable C> connection, Target<C> target, DriverCalls calls) {
		this.socket = socket;
		this.connection = connection;
		this.target = target;
		this.calls = calls;
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
		C connection = this.connection.get();
		if (connection == null) {
			throw new SQLException("The connection is not known yet");
		}
		server.set(new InetSocketAddress(this.socket.getInetAddress(), this.socket.getPort()));
		try (Connection second = this.target.connect(connection)) {
			kill(second, this.target.id(connection), this.target.isMariadb(connection));
		}
		finally {
			server.remove();
		}
	}

	private void kill(Connection connection, long id, boolean mariadb) throws SQLException {
		String number = mariadb ? "query_id" : "id";
		try (PreparedStatement find = connection.prepareStatement("select " + number
				+ " from information_schema.processlist where id = ? and substring_index(host, ':', -1) = ?"
				+ " and command in ('Query', 'Execute')")) {
			find.setLong(1, id);
			find.setString(2, Integer.toString(this.socket.getLocalPort()));
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

	@Override
	public void sending(byte[] bytes, int offset, int length) {
		this.sentCommits.sending(bytes, offset, length);
	}

	@Override
	public Exchange exchange() {
		Exchange exchange = this.calls.exchange();
		return (exchange == Exchange.STATEMENT && this.sentCommits.isUnderWay()) ? Exchange.COMMIT : exchange;
	}

	/**
	 * What a driver knows of a connection whose statement is to be canceled.
	 *
	 * @param <C> the type of the connection
	 */
	interface Target<C> {

		/**
		 * Return the number of the connection in the server.
		 */
		long id(C connection);

		/**
		 * Return whether the server is MariaDB's.
		 */
		boolean isMariadb(C connection);

		/**
		 * Return a second connection, to the {@link KillQuery#server() server}.
		 */
		Connection connect(C connection) throws SQLException;

	}

}
