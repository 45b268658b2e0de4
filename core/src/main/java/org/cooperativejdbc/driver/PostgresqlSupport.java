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
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.ServiceLoader;

import org.cooperativejdbc.Finding;
import org.cooperativejdbc.socket.CooperativeSocketFactory;
import org.cooperativejdbc.socket.CooperativeSocketFactory.SocketSupplier;
import org.cooperativejdbc.socket.DriverSocket;
import org.jspecify.annotations.Nullable;

/**
 * Support of PostgreSQL by pgjdbc, also behind drivers that wrap it.
 *
 * @since 0.1.0
 */
public final class PostgresqlSupport implements DriverSupport {

	/**
	 * Create the support, as {@link ServiceLoader} does.
	 */
	public PostgresqlSupport() {
	}

	@Override
	public String name() {
		return "PostgreSQL";
	}

	@Override
	public boolean accepts(ConnectionSource source) {
		return PostgresqlDriver.accepts(source.url(), source.className());
	}

	@Override
	public Installation install(ConnectionSource source, String key, Duration cancelGrace) {
		String url = source.url();
		Properties properties = source.properties();
		String configured = PostgresqlDriver.configured(url, properties, PostgresqlDriver.SOCKET_FACTORY);
		if (configured != null) {
			return Installation.Refused.kept(configured);
		}
		if (!PostgresqlDriver.isInstallable(source.poolType())) {
			return new Installation.Refused(
					"socket factory not installed, because pgjdbc or HikariCP has another class loader",
					"Have one class loader load pgjdbc, HikariCP and Cooperative JDBC");
		}
		String wrapper = PostgresqlDriver.wrapper(url);
		String driver = (source.dataSourceClassName() == null)
				? PostgresqlDriver.cancellingDriver(url, source.driverClassName()) : null;
		List<String> limits = new ArrayList<>();
		if (PostgresqlDriver.usesSocks(url, properties)) {
			limits.add("connections go through a SOCKS proxy by the JDK's sockets");
		}
		if (driver == null) {
			limits.add("statements are not canceled because the driver class is another one");
		}
		List<Finding> findings = (wrapper != null) ? List.of(wrapped(source.name(), wrapper, cancelGrace)) : List.of();
		return new Installation.Installed(
				Map.of(PostgresqlDriver.SOCKET_FACTORY, CooperativeSocketFactory.class.getName(),
						PostgresqlDriver.SOCKET_FACTORY_ARG, key),
				driver, wrapper, limits, PostgresqlDriver.settings(source, cancelGrace), findings);
	}

	@Override
	public Installation saveRoundTrips(ConnectionSource source, String key) {
		if (source.dataSourceClassName() != null
				|| PostgresqlDriver.cancellingDriver(source.url(), source.driverClassName()) == null) {
			return refused("the driver class is another one", "Use the URL and the driver class of pgjdbc itself");
		}
		if (isConfigured(source, ReadingConnector.CONNECT_EXECUTOR)) {
			return refused("'connectExecutor' is set", "Remove 'connectExecutor'");
		}
		if (PostgresqlDriver.isPipelining(source.url(), source.properties())) {
			return refused("'pipelineMode' is set", "Remove 'pipelineMode'");
		}
		String reason = ReadingConnector.unavailableReason();
		return (reason != null) ? refused(reason, "Use the version of pgjdbc that Spring Boot manages")
				: new Installation.Installed(Map.of(ReadingConnector.PROPERTY, key));
	}

	private static boolean isConfigured(ConnectionSource source, String property) {
		return PostgresqlDriver.configured(source.url(), source.properties(), property) != null;
	}

	private static Installation refused(String reason, String remedy) {
		return new Installation.Refused("read-only transactions unchanged, because " + reason, remedy);
	}

	private static Finding wrapped(String pool, String wrapper, Duration cancelGrace) {
		return new Finding("wrapped-driver", pool + ": pgjdbc is behind " + wrapper,
				"an interrupt or a deadline cannot cancel a statement, and closes its connection after "
						+ cancelGrace.toMillis() + " ms",
				"Use the URL of pgjdbc itself if statements are to be canceled");
	}

	@Override
	public SocketSupplier sockets(SocketSupplier sockets) {
		return PostgresqlDriver.sockets(sockets);
	}

	@Override
	public @Nullable DriverSocket socket(Connection connection) {
		return PostgresqlDriver.socket(connection);
	}

	@Override
	public @Nullable String version() {
		return PostgresqlDriver.version();
	}

}
