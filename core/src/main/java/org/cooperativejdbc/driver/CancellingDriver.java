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
import java.lang.ref.WeakReference;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.DriverPropertyInfo;
import java.sql.SQLException;
import java.sql.SQLFeatureNotSupportedException;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.atomic.AtomicReference;
import java.util.logging.Logger;

import org.cooperativejdbc.socket.CooperativeSocketFactory;
import org.cooperativejdbc.socket.CooperativeSocketFactory.SocketSupplier;
import org.cooperativejdbc.socket.DriverSocket;
import org.jspecify.annotations.Nullable;
import org.postgresql.Driver;
import org.postgresql.PGConnection;

/**
 * pgjdbc, whose connections tell their sockets how to cancel a statement. Connections
 * that do not use the {@link CooperativeSocketFactory} are those of pgjdbc.
 * <p>
 * It is listed by the {@link DriverManager}, where connection pools look for the class
 * that they were given, but the {@code DriverManager} itself connects with pgjdbc's own
 * driver only: it would otherwise try each connection that fails a second time.
 *
 * @since 0.1.0
 * @see PGConnection#cancelQuery()
 */
public final class CancellingDriver implements java.sql.Driver {

	/**
	 * The sockets of connections. A socket refers to its connection, by the way in which
	 * it is canceled.
	 */
	private static final IdentityMap<Connection, WeakReference<DriverSocket>> sockets = new IdentityMap<>();

	/*
	 * Registers this driver where pgjdbc is. Where it is not, as in an application with
	 * another database beside one of PostgreSQL in the same container, the DriverManager
	 * still loads this class to see whether it is the same there.
	 */
	static {
		try {
			DriverManager.registerDriver(new CancellingDriver());
		}
		catch (NoClassDefFoundError ex) {
			// Nothing to register for
		}
		catch (SQLException ex) {
			throw new ExceptionInInitializerError(ex);
		}
	}

	private final Driver driver = new Driver();

	/**
	 * Create a new driver. Called by connection pools.
	 */
	public CancellingDriver() {
	}

	/**
	 * Return the socket of a connection that this driver has made, or {@code null}.
	 */
	static @Nullable DriverSocket socket(Connection connection) {
		WeakReference<DriverSocket> socket = sockets.get(connection);
		return (socket != null) ? socket.get() : null;
	}

	@Override
	public @Nullable Connection connect(String url, @Nullable Properties info) throws SQLException {
		if (isCalledByDriverManager()) {
			return null;
		}
		String pool = (url != null && info != null) ? PostgresqlDriver.key(info) : null;
		if (info == null || pool == null) {
			return this.driver.connect(url, info);
		}
		AtomicReference<@Nullable Socket> socket = new AtomicReference<>();
		CooperativeSocketFactory factory = new CooperativeSocketFactory(pool);
		List<InetSocketAddress> servers = servers(url, info);
		String key = CooperativeSocketFactory.register(new SocketSupplier() {

			@Override
			public Socket get() throws IOException {
				Socket created = factory.createSocket(servers);
				socket.set(created);
				return created;
			}

			@Override
			public Socket getProxied() throws IOException {
				return get();
			}

		});
		try {
			Properties properties = new Properties(info);
			PostgresqlDriver.install(properties, key);
			ReadOnlyTransactions transactions = ReadOnlyTransactions.find(info.getProperty(ReadingConnector.PROPERTY));
			Connection connection = (transactions != null)
					? ReadingConnector.connect(this.driver, url, properties, transactions)
					: this.driver.connect(url, properties);
			Socket connected = socket.get();
			if (connection != null && connected instanceof DriverSocket driverSocket) {
				driverSocket.cancelWith(new PostgresqlCanceller(connection.unwrap(PGConnection.class),
						connected.getRemoteSocketAddress()));
				sockets.put(connection, new WeakReference<>(driverSocket));
			}
			return connection;
		}
		finally {
			CooperativeSocketFactory.unregister(key);
		}
	}

	/**
	 * Return the servers that the driver chooses from.
	 */
	static List<InetSocketAddress> servers(String url, Properties info) {
		Properties parsed = Driver.parseURL(url, info);
		List<InetSocketAddress> servers = new ArrayList<>();
		if (parsed != null) {
			String[] hosts = parsed.getProperty("PGHOST", "localhost").split(",");
			String[] ports = parsed.getProperty("PGPORT", "5432").split(",");
			for (int i = 0; i < hosts.length; i++) {
				servers.add(InetSocketAddress.createUnresolved(hosts[i],
						Integer.parseInt(ports[Math.min(i, ports.length - 1)])));
			}
		}
		return servers;
	}

	@Override
	public boolean acceptsURL(String url) throws SQLException {
		return !isCalledByDriverManager() && this.driver.acceptsURL(url);
	}

	private static boolean isCalledByDriverManager() {
		return StackWalker.getInstance()
			.walk((frames) -> frames.skip(2)
				.findFirst()
				.filter((frame) -> frame.getClassName().equals(DriverManager.class.getName()))
				.isPresent());
	}

	@Override
	public DriverPropertyInfo[] getPropertyInfo(String url, Properties info) {
		return this.driver.getPropertyInfo(url, info);
	}

	@Override
	public int getMajorVersion() {
		return this.driver.getMajorVersion();
	}

	@Override
	public int getMinorVersion() {
		return this.driver.getMinorVersion();
	}

	@Override
	public boolean jdbcCompliant() {
		return this.driver.jdbcCompliant();
	}

	@Override
	public Logger getParentLogger() throws SQLFeatureNotSupportedException {
		return this.driver.getParentLogger();
	}

}
