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

import java.lang.ref.Reference;
import java.lang.ref.WeakReference;
import java.net.Socket;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.Collections;
import java.util.Map;
import java.util.Properties;
import java.util.WeakHashMap;
import java.util.concurrent.atomic.AtomicReference;

import org.cooperativejdbc.socket.CooperativeSocketFactory;
import org.cooperativejdbc.socket.DriverSocket;
import org.jspecify.annotations.Nullable;
import org.postgresql.Driver;
import org.postgresql.PGConnection;

/**
 * pgjdbc, whose connections tell their sockets how to cancel a statement. Connections
 * that do not use the {@link CooperativeSocketFactory} are those of pgjdbc.
 *
 * @since 0.1.0
 * @see PGConnection#cancelQuery()
 */
public final class CancellingDriver extends Driver {

	/**
	 * A socket refers to its connection, by the way in which it is cancelled.
	 */
	private static final Map<Connection, Reference<DriverSocket>> sockets = Collections
		.synchronizedMap(new WeakHashMap<>());

	static {
		try {
			DriverManager.registerDriver(new CancellingDriver());
		}
		catch (SQLException ex) {
			throw new ExceptionInInitializerError(ex);
		}
	}

	/**
	 * Create a new driver. Called by connection pools.
	 */
	public CancellingDriver() {
	}

	/**
	 * Return the socket of a connection that this driver has made, or {@code null}.
	 */
	static @Nullable DriverSocket socket(Connection connection) {
		Reference<DriverSocket> socket = sockets.get(connection);
		return (socket != null) ? socket.get() : null;
	}

	@Override
	public @Nullable Connection connect(String url, @Nullable Properties info) throws SQLException {
		String pool = (info != null) ? PostgresqlDriver.key(info) : null;
		if (info == null || pool == null) {
			return super.connect(url, info);
		}
		AtomicReference<@Nullable Socket> socket = new AtomicReference<>();
		CooperativeSocketFactory factory = new CooperativeSocketFactory(pool);
		String key = CooperativeSocketFactory.register(() -> {
			Socket created = factory.createSocket();
			socket.set(created);
			return created;
		});
		try {
			Properties properties = new Properties(info);
			PostgresqlDriver.install(properties, key);
			Connection connection = super.connect(url, properties);
			if (connection != null && socket.get() instanceof DriverSocket driverSocket) {
				driverSocket.cancelWith(connection.unwrap(PGConnection.class)::cancelQuery);
				sockets.put(connection, new WeakReference<>(driverSocket));
			}
			return connection;
		}
		finally {
			CooperativeSocketFactory.unregister(key);
		}
	}

}
