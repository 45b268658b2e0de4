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
import java.util.Properties;
import java.util.regex.Pattern;

import org.cooperativejdbc.socket.DriverSocket;
import org.jspecify.annotations.Nullable;
import org.mariadb.jdbc.Configuration;
import org.mariadb.jdbc.Driver;

/**
 * Support of MariaDB, and of servers that speak its protocol, by MariaDB Connector/J 3.4
 * or later, also behind drivers that wrap it.
 *
 * @since 0.1.0
 */
public final class MariadbSupport extends MysqlProtocolSupport {

	private static final Pattern LOCAL = Pattern.compile("(?i)\\((?:localsocket|pipe)=|[?&](?:localsocket|pipe)=");

	/**
	 * Create the support.
	 */
	public MariadbSupport() {
		super("org.mariadb.jdbc.", "org.cooperativejdbc.driver.MariadbSocketFactory", new Installation.Refused(
				"socket factory not installed, because MariaDB Connector/J has another class loader, or is older than 3.4",
				"Use MariaDB Connector/J 3.4 or later, loaded by the class loader of Cooperative JDBC"));
	}

	@Override
	public String name() {
		return "MariaDB";
	}

	@Override
	@Nullable MysqlUrl url(ConnectionSource source) {
		MysqlUrl mysql = MysqlUrl.mysql(source.url());
		return (mysql != null && mysql.isPermittedMysql() && isDriver(source.driverClassName())) ? mysql
				: MysqlUrl.mariadb(source.url());
	}

	@Override
	Installation.@Nullable Refused refused(MysqlUrl url, Properties properties) {
		if (LOCAL.matcher(url.text()).find()) {
			return NO_TCP;
		}
		return isTrue(url.configured(properties, "pool"))
				? new Installation.Refused("socket factory not installed, because the driver has a pool of its own",
						"Remove 'pool' from the URL, since HikariCP is a pool")
				: null;
	}

	/**
	 * As the driver reads it.
	 */
	private static boolean isTrue(@Nullable String value) {
		return value != null && (value.isEmpty() || value.equals("1") || value.equalsIgnoreCase("true"));
	}

	/**
	 * A connection to one server out of several is asked for in order to cancel.
	 */
	@Override
	boolean isDriverOf(MysqlUrl url, @Nullable String driverClassName) throws ReflectiveOperationException {
		return Configuration.class.getMethod("toBuilder") != null;
	}

	@Override
	Class<?> driverClass() {
		return Driver.class;
	}

	@Override
	public @Nullable DriverSocket socket(Connection connection) throws SQLException {
		return MariadbSocketFactory.socket(connection);
	}

}
