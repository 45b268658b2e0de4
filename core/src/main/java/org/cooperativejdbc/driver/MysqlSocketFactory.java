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

import java.io.Closeable;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Set;

import com.mysql.cj.Session;
import com.mysql.cj.conf.PropertySet;
import com.mysql.cj.conf.RuntimeProperty;
import com.mysql.cj.jdbc.ConnectionImpl;
import com.mysql.cj.jdbc.JdbcConnection;
import com.mysql.cj.protocol.StandardSocketFactory;
import org.cooperativejdbc.socket.CooperativeSocketFactory;
import org.cooperativejdbc.socket.DriverSocket;
import org.jspecify.annotations.Nullable;

/**
 * The socket factory that MySQL Connector/J loads by name, once for each socket. It is
 * given the properties of the connection, with the key of a
 * {@link CooperativeSocketFactory} in it; without a key its sockets are the JDK's.
 *
 * @since 0.1.0
 */
public final class MysqlSocketFactory extends StandardSocketFactory {

	private static final String DRIVER = "com.mysql.cj.";

	private static final String CONNECTION = DRIVER + "jdbc.ConnectionImpl";

	private static final String XA_CONNECTION = DRIVER + "jdbc.MysqlXAConnection";

	private static final DriverCalls CALLS = new DriverCalls(DRIVER,
			Set.of(CONNECTION + ".commit", CONNECTION + ".setAutoCommit", XA_CONNECTION
					+ ".commit", XA_CONNECTION + ".prepare"),
			Set.of(CONNECTION + ".createNewIO", DRIVER + "NativeSession.connect"),
			(frame) -> frame.getClassName().startsWith(DRIVER + "CancelQueryTaskImpl")
					|| (frame.getClassName().equals(DRIVER + "jdbc.StatementImpl")
							&& frame.getMethodName().equals("cancel")),
			List.of(CONNECTION, XA_CONNECTION), List.of(DRIVER + "jdbc.ha."));

	private static final ConnectionSessions<PropertySet, Session> sessions = new ConnectionSessions<>(CALLS,
			new Target());

	private @Nullable IOException failure;

	/**
	 * Create a factory. Called by the driver.
	 */
	public MysqlSocketFactory() {
	}

	/**
	 * Connect as the driver does, but to the very server of a statement that is to be
	 * canceled, whatever its name stands for now, and on the JDK's socket, which waits
	 * for nobody but the server.
	 */
	@Override
	@SuppressWarnings("unchecked")
	public <T extends Closeable> T connect(String host, int port, PropertySet properties, int loginTimeout)
			throws IOException {
		InetSocketAddress server = KillQuery.server();
		if (server == null) {
			T socket = super.connect(host, port, properties, loginTimeout);
			if (this.failure != null) {
				throw this.failure;
			}
			return socket;
		}
		this.host = host;
		this.port = port;
		int timeout = KillQuery.timeoutMillis();
		Socket socket = new Socket();
		try {
			configureSocket(socket, properties);
			socket.connect(server, timeout);
			socket.setSoTimeout(timeout);
		}
		catch (IOException ex) {
			socket.close();
			throw ex;
		}
		this.rawSocket = socket;
		this.sslSocket = socket;
		return (T) socket;
	}

	@Override
	protected Socket createSocket(PropertySet properties) {
		RuntimeProperty<String> key = properties.getStringProperty(MysqlSupport.KEY);
		if (key == null || key.getValue() == null) {
			return new Socket();
		}
		try {
			return sessions.createSocket(key.getValue(),
					List.of(InetSocketAddress.createUnresolved(this.host, this.port)), properties);
		}
		catch (IOException ex) {
			this.failure = ex;
			return new Socket();
		}
	}

	/**
	 * Return the socket of a connection. With several hosts it and the session are those
	 * of the one which is used now. The connection itself would be of no use then: it is
	 * a proxy, and lets no other thread in while a statement runs.
	 */
	static @Nullable DriverSocket socket(Connection connection) throws SQLException {
		Session session = connection.unwrap(JdbcConnection.class).getSession();
		return sessions.socket(session.getPropertySet(), session);
	}

	private static final class Target implements KillQuery.Target<Session> {

		@Override
		public long id(Session session) {
			return session.getThreadId();
		}

		@Override
		public boolean isMariadb(Session session) {
			return session.getServerSession().getServerVersion().toString().contains("MariaDB");
		}

		@Override
		public Connection connect(Session session) throws SQLException {
			return ConnectionImpl.getInstance(session.getHostInfo());
		}

	}

}
