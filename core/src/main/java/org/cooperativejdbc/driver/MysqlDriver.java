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
import java.sql.DriverManager;
import java.sql.SQLException;

import com.mysql.cj.Session;
import com.mysql.cj.conf.PropertySet;
import com.mysql.cj.jdbc.Driver;
import com.mysql.cj.jdbc.JdbcConnection;
import org.cooperativejdbc.socket.DriverSocket;
import org.jspecify.annotations.Nullable;

/**
 * What is done with classes of MySQL Connector/J.
 */
final class MysqlDriver {

	static final String SOCKET_FACTORY = "socketFactory";

	/**
	 * Connection property that the driver does not know, and therefore keeps for the
	 * socket factory.
	 */
	static final String KEY = "cooperativeJdbcSockets";

	/**
	 * The sessions on our sockets, by their properties.
	 */
	static final IdentityMap<PropertySet, ConnectionSession<Session>> sessions = new IdentityMap<>();

	private MysqlDriver() {
	}

	/**
	 * Return whether the driver makes the connections, and finds the socket factory by
	 * its name.
	 */
	static boolean isInstallable(MysqlUrl url, @Nullable String driverClassName) {
		try {
			boolean named = url.wrapper() == null && driverClassName != null;
			return (named || isOnlyDriver(url.unwrapped())) && Class.forName(MysqlSocketFactory.class.getName(), true,
					Driver.class.getClassLoader()) == MysqlSocketFactory.class;
		}
		catch (ClassNotFoundException | LinkageError ex) {
			return false;
		}
	}

	/**
	 * Return whether no other driver accepts a URL, as MariaDB's did up to version 2.
	 */
	private static boolean isOnlyDriver(String url) {
		return DriverManager.drivers()
			.filter((driver) -> accepts(driver, url))
			.allMatch((driver) -> driver instanceof Driver);
	}

	private static boolean accepts(java.sql.Driver driver, String url) {
		try {
			return driver.acceptsURL(url);
		}
		catch (SQLException ex) {
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
	 * Return the socket of a connection, and tell its canceller of the session. With
	 * several hosts both are those of the one which is used now. The connection itself
	 * would be of no use then: it is a proxy, and lets no other thread in while a
	 * statement runs.
	 */
	static @Nullable DriverSocket socket(Connection connection) throws SQLException {
		Session mysql = connection.unwrap(JdbcConnection.class).getSession();
		ConnectionSession<Session> session = sessions.get(mysql.getPropertySet());
		if (session == null) {
			return null;
		}
		session.usedBy(mysql);
		return session.socket();
	}

}
