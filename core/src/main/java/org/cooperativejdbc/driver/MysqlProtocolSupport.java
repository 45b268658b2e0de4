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

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Properties;

import org.jspecify.annotations.Nullable;

/**
 * Support of a driver that speaks the protocol of MySQL, and is told of a socket factory
 * by connection properties. Needs no class of the driver until it installs.
 */
abstract class MysqlProtocolSupport implements DriverSupport {

	private static final String SOCKET_FACTORY = "socketFactory";

	/**
	 * Connection property that the driver does not know, and therefore keeps for the
	 * socket factory.
	 */
	static final String KEY = "cooperativeJdbcSockets";

	static final Installation.Refused NO_TCP = new Installation.Refused(
			"socket factory not installed, because connections are not made by TCP",
			"Use the host and the port of the server in the URL");

	private final String driver;

	private final String factory;

	private final Installation.Refused unusable;

	/**
	 * Create a new instance.
	 * @param driver how the names of the driver's classes begin
	 * @param factory the class of its socket factory
	 * @param unusable the answer if the driver cannot use it
	 */
	MysqlProtocolSupport(String driver, String factory, Installation.Refused unusable) {
		this.driver = driver;
		this.factory = factory;
		this.unusable = unusable;
	}

	@Override
	public final boolean accepts(ConnectionSource source) {
		String className = source.className();
		return (className != null) ? isDriver(className) : url(source) != null;
	}

	/**
	 * Return whether a class is one of the driver.
	 */
	final boolean isDriver(@Nullable String className) {
		return className != null && className.startsWith(this.driver);
	}

	/**
	 * Return the URL of a source, or {@code null} if there is none that is meant for this
	 * driver.
	 */
	abstract @Nullable MysqlUrl url(ConnectionSource source);

	@Override
	public final Installation install(ConnectionSource source, String key, Duration cancelGrace) {
		if (source.dataSourceClassName() != null) {
			return new Installation.Refused(
					"socket factory not installed, because " + source.dataSourceClassName()
							+ " takes no connection properties",
					"Set the URL of the pool instead of the class of a data source");
		}
		MysqlUrl url = Objects.requireNonNullElse(url(source), MysqlUrl.UNKNOWN);
		String configured = url.configured(source.properties(), SOCKET_FACTORY);
		if (configured != null) {
			return Installation.Refused.kept(configured);
		}
		Installation.Refused refused = refused(url, source.properties());
		if (refused != null) {
			return refused;
		}
		return !isUsable(url, source.driverClassName()) ? this.unusable : new Installation.Installed(
				Map.of(SOCKET_FACTORY, this.factory, KEY, key), null, url.wrapper(), List.of(), List.of(), List.of());
	}

	/**
	 * Return why the sockets cannot be used, or {@code null} if they can.
	 */
	abstract Installation.@Nullable Refused refused(MysqlUrl url, Properties properties);

	/**
	 * Return whether the driver finds the socket factory by its name.
	 */
	private boolean isUsable(MysqlUrl url, @Nullable String driverClassName) {
		try {
			return isDriverOf(url, driverClassName) && Class.forName(this.factory, true, driverClass().getClassLoader())
				.getClassLoader() == getClass().getClassLoader();
		}
		catch (ReflectiveOperationException | LinkageError ex) {
			return false;
		}
	}

	/**
	 * Return whether the driver is new enough, and makes the connections.
	 */
	abstract boolean isDriverOf(MysqlUrl url, @Nullable String driverClassName) throws ReflectiveOperationException;

	/**
	 * Return the class of the driver.
	 * @throws LinkageError if it is absent
	 */
	abstract Class<?> driverClass();

	@Override
	public final @Nullable String version() {
		try {
			return driverClass().getPackage().getImplementationVersion();
		}
		catch (LinkageError ex) {
			return null;
		}
	}

}
