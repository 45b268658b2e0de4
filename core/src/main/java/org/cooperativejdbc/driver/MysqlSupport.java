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
import java.util.Properties;

import com.mysql.cj.jdbc.Driver;
import org.cooperativejdbc.socket.DriverSocket;
import org.jspecify.annotations.Nullable;

/**
 * Support of MySQL, and of servers that speak its protocol, by MySQL Connector/J 8 or
 * later, also behind drivers that wrap it.
 *
 * @since 0.1.0
 */
public final class MysqlSupport extends MysqlProtocolSupport {

	/**
	 * Create the support.
	 */
	public MysqlSupport() {
		super("com.mysql.", "org.cooperativejdbc.driver.MysqlSocketFactory", new Installation.Refused(
				"socket factory not installed, because MySQL Connector/J has another class loader, is older than 8, or is not the only driver for the URL",
				"Use MySQL Connector/J 8 or later, loaded by the class loader of Cooperative JDBC, and name its class"));
	}

	@Override
	public String name() {
		return "MySQL";
	}

	/**
	 * Other drivers accept the same URLs, and a pool without a driver class asks the
	 * driver manager, so that is looked at when it is installed.
	 */
	@Override
	@Nullable MysqlUrl url(ConnectionSource source) {
		MysqlUrl url = MysqlUrl.mysql(source.url());
		return (url != null && !url.isPermittedMysql()
				&& (url.wrapper() != null || source.driverClassName() == null || isDriver(source.driverClassName())))
						? url : null;
	}

	@Override
	Installation.@Nullable Refused refused(MysqlUrl url, Properties properties) {
		return "pipe".equalsIgnoreCase(url.configured(properties, "protocol")) ? NO_TCP : null;
	}

	@Override
	boolean isDriverOf(MysqlUrl url, @Nullable String driverClassName) {
		return (url.wrapper() == null && driverClassName != null) || isOnlyDriver(url.unwrapped());
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

	@Override
	Class<?> driverClass() {
		return Driver.class;
	}

	@Override
	public @Nullable DriverSocket socket(Connection connection) throws SQLException {
		return MysqlSocketFactory.socket(connection);
	}

}
