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

import java.lang.ref.WeakReference;

import org.cooperativejdbc.socket.DriverSocket;
import org.jspecify.annotations.Nullable;
import org.mariadb.jdbc.Configuration;
import org.mariadb.jdbc.Connection;

/**
 * What belongs to a connection of MariaDB Connector/J, whose configuration is an object
 * of its own: the driver parses the URL anew for each connection. Keeps neither the
 * connection nor its socket.
 */
final class MariadbSession {

	private static final IdentityMap<Configuration, MariadbSession> sessions = new IdentityMap<>();

	private volatile @Nullable WeakReference<DriverSocket> socket;

	private volatile @Nullable WeakReference<Connection> connection;

	/**
	 * Return the session of a configuration, or {@code null} if the sockets are those of
	 * the JDK.
	 */
	static @Nullable MariadbSession of(Configuration configuration) {
		return sessions.get(configuration);
	}

	/**
	 * Return the session of a configuration that is about to get a socket.
	 */
	static MariadbSession create(Configuration configuration) {
		return sessions.computeIfAbsent(configuration, MariadbSession::new);
	}

	@Nullable DriverSocket socket() {
		WeakReference<DriverSocket> socket = this.socket;
		return (socket != null) ? socket.get() : null;
	}

	void use(DriverSocket socket) {
		this.socket = new WeakReference<>(socket);
	}

	@Nullable Connection connection() {
		WeakReference<Connection> connection = this.connection;
		return (connection != null) ? connection.get() : null;
	}

	void usedBy(Connection connection) {
		WeakReference<Connection> known = this.connection;
		if (known == null || !known.refersTo(connection)) {
			this.connection = new WeakReference<>(connection);
		}
	}

}
