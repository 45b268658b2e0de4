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

import org.cooperativejdbc.socket.DriverSocket;
import org.jspecify.annotations.Nullable;

/**
 * Support of MySQL, and of servers that speak its protocol, by MySQL Connector/J 8 or
 * later, also behind drivers that wrap it.
 *
 * @since 0.1.0
 */
public final class MysqlSupport implements DriverSupport {

	private static final String DRIVER = "com.mysql.";

	@Override
	public String name() {
		return "MySQL";
	}

	/**
	 * Other drivers accept the same URLs, and a pool without a driver class asks the
	 * driver manager, so that is looked at when it is installed.
	 */
	@Override
	public boolean accepts(ConnectionSource source) {
		if (source.dataSourceClassName() != null) {
			return source.dataSourceClassName().startsWith(DRIVER);
		}
		MysqlUrl url = MysqlUrl.mysql(source.url());
		if (url == null || url.isPermittedMysql()) {
			return false;
		}
		return url.wrapper() != null || source.driverClassName() == null || source.driverClassName().startsWith(DRIVER);
	}

	@Override
	public Installation install(ConnectionSource source, String key, Duration cancelGrace) {
		MysqlUrl url = MysqlUrl.mysql(source.url());
		if (url == null) {
			return new Installation.Refused(
					"socket factory not installed, because the properties of " + source.dataSourceClassName()
							+ " are not those of connections",
					"Set the URL of the pool instead of the class of a data source");
		}
		String configured = url.configured(source.properties(), MysqlDriver.SOCKET_FACTORY);
		if (configured != null) {
			return new Installation.Refused("socket factory " + configured + " kept",
					"Remove 'socketFactory' from the URL or the properties of the data source");
		}
		if ("pipe".equalsIgnoreCase(url.configured(source.properties(), "protocol"))) {
			return new Installation.Refused("socket factory not installed, because connections are not made by TCP",
					"Use the host and the port of the server in the URL");
		}
		if (!MysqlDriver.isInstallable(url, source.driverClassName())) {
			return new Installation.Refused(
					"socket factory not installed, because MySQL Connector/J has another class loader, is older than 8, or is not the only driver for the URL",
					"Use MySQL Connector/J 8 or later, loaded by the class loader of Cooperative JDBC, and name its class");
		}
		return new Installation.Installed(
				Map.of(MysqlDriver.SOCKET_FACTORY, MysqlSocketFactory.class.getName(), MysqlDriver.KEY, key), null,
				url.wrapper(), List.of(), List.of(), List.of());
	}

	@Override
	public @Nullable DriverSocket socket(Connection connection) throws SQLException {
		return MysqlDriver.socket(connection);
	}

	@Override
	public @Nullable String version() {
		return MysqlDriver.version();
	}

}
