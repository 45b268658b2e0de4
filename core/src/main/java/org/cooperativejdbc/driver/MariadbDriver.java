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

import java.sql.Connection;
import java.sql.SQLException;

import org.cooperativejdbc.socket.DriverSocket;
import org.jspecify.annotations.Nullable;
import org.mariadb.jdbc.Configuration;
import org.mariadb.jdbc.Driver;
import org.mariadb.jdbc.export.HaMode;

/**
 * What is done with classes of MariaDB Connector/J.
 */
final class MariadbDriver {

	static final String SOCKET_FACTORY = "socketFactory";

	/**
	 * Connection property that the driver does not know, and therefore keeps for the
	 * socket factory.
	 */
	static final String KEY = "cooperativeJdbcSockets";

	/**
	 * The connections on our sockets, by their configuration.
	 */
	static final IdentityMap<Configuration, ConnectionSession<org.mariadb.jdbc.Connection>> sessions = new IdentityMap<>();

	private MariadbDriver() {
	}

	/**
	 * Return whether the driver finds the socket factory by its name, and can be asked
	 * for a connection to one server out of several.
	 */
	static boolean isInstallable() {
		try {
			Configuration.class.getMethod("toBuilder");
			return Class.forName(MariadbSocketFactory.class.getName(), true,
					Driver.class.getClassLoader()) == MariadbSocketFactory.class;
		}
		catch (ReflectiveOperationException | LinkageError ex) {
			return false;
		}
	}

	static @Nullable String version() {
		try {
			return Driver.class.getPackage().getImplementationVersion();
		}
		catch (LinkageError ex) {
			return null;
		}
	}

	/**
	 * Return the socket of a connection, and tell its canceller of the connection. A
	 * connection that may change its server has no socket of its own.
	 */
	static @Nullable DriverSocket socket(Connection connection) throws SQLException {
		org.mariadb.jdbc.Connection mariadb = connection.unwrap(org.mariadb.jdbc.Connection.class);
		Configuration configuration = mariadb.getContext().getConf();
		ConnectionSession<org.mariadb.jdbc.Connection> session = sessions.get(configuration);
		if (session == null) {
			return null;
		}
		session.usedBy(mariadb);
		return (configuration.haMode() == HaMode.NONE) ? session.socket() : null;
	}

}
