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
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

import org.cooperativejdbc.socket.DriverSocket;
import org.jspecify.annotations.Nullable;

/**
 * Support of MariaDB, and of servers that speak its protocol, by MariaDB Connector/J 3.4
 * or later, also behind drivers that wrap it.
 *
 * @since 0.1.0
 */
public final class MariadbSupport implements DriverSupport {

	private static final String DRIVER = "org.mariadb.jdbc.";

	private static final Pattern LOCAL = Pattern.compile("(?i)\\((?:localsocket|pipe)=|[?&](?:localsocket|pipe)=");

	@Override
	public String name() {
		return "MariaDB";
	}

	@Override
	public boolean accepts(ConnectionSource source) {
		if (source.dataSourceClassName() != null) {
			return source.dataSourceClassName().startsWith(DRIVER);
		}
		MysqlUrl mysql = MysqlUrl.mysql(source.url());
		return MysqlUrl.mariadb(source.url()) != null || (mysql != null && mysql.isPermittedMysql()
				&& source.driverClassName() != null && source.driverClassName().startsWith(DRIVER));
	}

	@Override
	public Installation install(ConnectionSource source, String key, Duration cancelGrace) {
		MysqlUrl url = (MysqlUrl.mariadb(source.url()) != null) ? MysqlUrl.mariadb(source.url())
				: MysqlUrl.mysql(source.url());
		if (url == null) {
			return new Installation.Refused(
					"socket factory not installed, because " + source.dataSourceClassName()
							+ " takes no connection properties",
					"Set the URL of the pool instead of the class of a data source");
		}
		String configured = url.configured(source.properties(), MariadbDriver.SOCKET_FACTORY);
		if (configured != null) {
			return new Installation.Refused("socket factory " + configured + " kept",
					"Remove 'socketFactory' from the URL or the properties of the data source");
		}
		if (LOCAL.matcher(url.text()).find()) {
			return new Installation.Refused("socket factory not installed, because connections are not made by TCP",
					"Use the host and the port of the server in the URL");
		}
		if (isTrue(url.configured(source.properties(), "pool"))) {
			return new Installation.Refused("socket factory not installed, because the driver has a pool of its own",
					"Remove 'pool' from the URL, since HikariCP is a pool");
		}
		if (!MariadbDriver.isInstallable()) {
			return new Installation.Refused(
					"socket factory not installed, because MariaDB Connector/J has another class loader, or is older than 3.4",
					"Use MariaDB Connector/J 3.4 or later, loaded by the class loader of Cooperative JDBC");
		}
		return new Installation.Installed(
				Map.of(MariadbDriver.SOCKET_FACTORY, MariadbSocketFactory.class.getName(), MariadbDriver.KEY, key),
				null, url.wrapper(), List.of(), List.of(), List.of());
	}

	/**
	 * As the driver reads it.
	 */
	private static boolean isTrue(@Nullable String value) {
		return value != null && (value.isEmpty() || value.equals("1") || value.equalsIgnoreCase("true"));
	}

	@Override
	public @Nullable DriverSocket socket(Connection connection) throws SQLException {
		return MariadbDriver.socket(connection);
	}

	@Override
	public @Nullable String version() {
		return MariadbDriver.version();
	}

}
