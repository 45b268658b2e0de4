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

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.sql.SQLException;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

import org.cooperativejdbc.socket.CooperativeSocketFactory;
import org.cooperativejdbc.socket.DriverSocket;
import org.jspecify.annotations.Nullable;
import org.mariadb.jdbc.Configuration;
import org.mariadb.jdbc.Connection;
import org.mariadb.jdbc.Driver;
import org.mariadb.jdbc.client.Client;
import org.mariadb.jdbc.export.HaMode;
import org.mariadb.jdbc.util.ConfigurableSocketFactory;

/**
 * The socket factory that MariaDB Connector/J loads by name, once for each socket. It is
 * given the configuration of the connection, with the key of a
 * {@link CooperativeSocketFactory} in it; without a key its sockets are the JDK's.
 *
 * @since 0.1.0
 */
public final class MariadbSocketFactory extends ConfigurableSocketFactory {

	private static final String DRIVER = "org.mariadb.jdbc.";

	private static final String CONNECTION = DRIVER + "Connection";

	private static final String POOLED_CONNECTION = DRIVER + "MariaDbPoolConnection";

	private static final String XA_RESOURCE = POOLED_CONNECTION + "$MariaDbXAResource";

	private static final Set<String> KILLS = Set.of("cancelCurrentQuery", "abort");

	private static final DriverCalls CALLS = new DriverCalls(DRIVER,
			Set.of(CONNECTION + ".commit", CONNECTION + ".setAutoCommit", XA_RESOURCE + ".commit",
					XA_RESOURCE + ".prepare"),
			Set.of(DRIVER + "client.impl.StandardClient.<init>"),
			(frame) -> frame.getClassName().startsWith(DRIVER) && KILLS.contains(frame.getMethodName()),
			List.of(CONNECTION, POOLED_CONNECTION), List.of());

	private static final ConnectionSessions<Configuration, Connection> sessions = new ConnectionSessions<>(CALLS,
			new Target());

	private @Nullable Configuration configuration;

	/**
	 * Create a factory. Called by the driver.
	 */
	public MariadbSocketFactory() {
	}

	@Override
	public void setConfiguration(Configuration configuration, @Nullable String host) {
		this.configuration = configuration;
	}

	@Override
	public Socket createSocket() throws IOException {
		Configuration configuration = this.configuration;
		String key = (configuration != null) ? configuration.nonMappedOptions().getProperty(MariadbSupport.KEY) : null;
		if (configuration == null || key == null) {
			return new Socket();
		}
		InetSocketAddress server = KillQuery.server();
		if (server != null) {
			return connect(server, configuration);
		}
		return sessions.createSocket(key, servers(configuration), configuration);
	}

	/**
	 * Connect to the very server of a statement that is to be canceled, whatever the name
	 * in the configuration stands for now, and on the JDK's socket, which waits for
	 * nobody but the server.
	 */
	private static Socket connect(InetSocketAddress server, Configuration configuration) throws IOException {
		Socket socket = new Socket();
		if (configuration.localSocketAddress() == null) {
			try {
				socket.connect(server, configuration.connectTimeout());
			}
			catch (IOException ex) {
				socket.close();
				throw ex;
			}
		}
		return socket;
	}

	private static List<InetSocketAddress> servers(Configuration configuration) {
		return configuration.addresses()
			.stream()
			.flatMap((address) -> (address.host != null)
					? Stream.of(InetSocketAddress.createUnresolved(address.host, address.port)) : Stream.empty())
			.toList();
	}

	@Override
	public Socket createSocket(String host, int port) throws IOException {
		throw notUsed();
	}

	@Override
	public Socket createSocket(String host, int port, InetAddress localHost, int localPort) throws IOException {
		throw notUsed();
	}

	@Override
	public Socket createSocket(InetAddress host, int port) throws IOException {
		throw notUsed();
	}

	@Override
	public Socket createSocket(InetAddress host, int port, InetAddress localHost, int localPort) throws IOException {
		throw notUsed();
	}

	private static IOException notUsed() {
		return new IOException("Only the driver uses this factory, which connects its sockets itself");
	}

	/**
	 * Return the socket of a connection. One that may change its server has none of its
	 * own.
	 */
	static @Nullable DriverSocket socket(java.sql.Connection connection) throws SQLException {
		Connection mariadb = connection.unwrap(Connection.class);
		Configuration configuration = mariadb.getContext().getConf();
		DriverSocket socket = sessions.socket(configuration, mariadb);
		return (configuration.haMode() == HaMode.NONE) ? socket : null;
	}

	private static final class Target implements KillQuery.Target<Connection> {

		@Override
		public long id(Connection connection) {
			return connection.getClient().getContext().getThreadId();
		}

		@Override
		public boolean isMariadb(Connection connection) {
			return connection.getClient().getContext().getVersion().isMariaDBServer();
		}

		/**
		 * What the user has the driver do after a login is not done.
		 */
		@Override
		public java.sql.Connection connect(Connection connection) throws SQLException {
			Client client = connection.getClient();
			int millis = KillQuery.timeoutMillis();
			return Driver.connect(client.getContext()
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
				.build());
		}

	}

}
