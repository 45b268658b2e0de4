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
import java.util.List;
import java.util.stream.Stream;

import org.cooperativejdbc.socket.CooperativeSocketFactory;
import org.cooperativejdbc.socket.DriverSocket;
import org.jspecify.annotations.Nullable;
import org.mariadb.jdbc.Configuration;
import org.mariadb.jdbc.Connection;
import org.mariadb.jdbc.util.ConfigurableSocketFactory;

/**
 * The socket factory that MariaDB Connector/J loads by name, once for each socket. It is
 * given the configuration of the connection, with the key of a
 * {@link CooperativeSocketFactory} in it; without a key its sockets are the JDK's.
 *
 * @since 0.1.0
 */
public final class MariadbSocketFactory extends ConfigurableSocketFactory {

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
		String key = (configuration != null) ? configuration.nonMappedOptions().getProperty(MariadbDriver.KEY) : null;
		if (configuration == null || key == null) {
			return new Socket();
		}
		InetSocketAddress server = KillQuery.server();
		if (server != null) {
			return connect(server, configuration);
		}
		Socket socket = new CooperativeSocketFactory(key).createSocket(servers(configuration));
		if (socket instanceof DriverSocket driverSocket) {
			ConnectionSession<Connection> session = MariadbDriver.sessions.computeIfAbsent(configuration,
					ConnectionSession::new);
			driverSocket.cancelWith(new MariadbCanceller(session, socket));
			if (!MariadbCanceller.CALLS.isKilling()) {
				session.use(driverSocket);
			}
		}
		return socket;
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

}
