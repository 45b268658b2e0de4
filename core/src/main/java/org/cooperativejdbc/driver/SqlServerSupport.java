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

import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import com.microsoft.sqlserver.jdbc.SQLServerDataSource;
import com.microsoft.sqlserver.jdbc.SQLServerDriver;
import org.cooperativejdbc.socket.CooperativeSocketFactory;
import org.cooperativejdbc.socket.CooperativeSocketFactory.SocketSupplier;
import org.cooperativejdbc.socket.StatementCanceller;
import org.jspecify.annotations.Nullable;

/**
 * Support of SQL Server by mssql-jdbc 8.4 or later, also behind drivers that wrap it. The
 * driver cancels only through the {@code Statement}, which is not known here. So an
 * interrupt or a deadline does not cancel a statement: its connection is closed after the
 * grace period, except during a COMMIT.
 *
 * @since 0.1.0
 */
public final class SqlServerSupport implements DriverSupport {

	private static final String DRIVER = "com.microsoft.sqlserver.jdbc.";

	private static final String FACTORY = "socketFactoryClass";

	private static final String FACTORY_ARGUMENT = "socketFactoryConstructorArg";

	/**
	 * The driver's own URL, and that of drivers which are known to wrap it: others have
	 * URLs like that and drivers of their own.
	 */
	private static final Pattern URL = Pattern
		.compile("jdbc(?:-(?<suffix>secretsmanager))?:(?:(?<wrapper>p6spy|otel|log4jdbc|tc):(?:p6spy:)?)?sqlserver:.*");

	private static final Pattern FACTORY_IN_URL = Pattern.compile("(?i);\\s*" + FACTORY + "\\s*=\\s*([^;\\s]+)");

	private static final String CONNECTION = DRIVER + "SQLServerConnection";

	private static final String XA_RESOURCE = DRIVER + "SQLServerXAResource";

	private static final DriverCalls CALLS = new DriverCalls(DRIVER,
			Set.of(CONNECTION + ".commit", CONNECTION + ".setAutoCommit", XA_RESOURCE + ".commit",
					XA_RESOURCE + ".prepare"),
			Set.of(CONNECTION + ".connect", DRIVER + "TDSChannel.networkSocketStillConnected"),
			(frame) -> frame.getMethodName().equals("sendAttention"),
			List.of(CONNECTION, XA_RESOURCE, DRIVER + "SQLServerPooledConnection"), List.of());

	/**
	 * Create the support, as {@link ServiceLoader} does.
	 */
	public SqlServerSupport() {
	}

	@Override
	public String name() {
		return "SQL Server";
	}

	@Override
	public boolean accepts(ConnectionSource source) {
		String className = source.className();
		if (className != null) {
			return className.startsWith(DRIVER);
		}
		Matcher url = URL.matcher(Objects.requireNonNullElse(source.url(), ""));
		return url.matches() && (wrapper(url) != null || source.driverClassName() == null
				|| source.driverClassName().startsWith(DRIVER));
	}

	private static @Nullable String wrapper(Matcher url) {
		return (url.group("suffix") != null) ? url.group("suffix") : url.group("wrapper");
	}

	@Override
	public Installation install(ConnectionSource source, String key, Duration cancelGrace) {
		String configured = configured(source);
		if (configured != null) {
			return new Installation.Refused("socket factory " + configured + " kept",
					"Remove '" + FACTORY + "' from the URL or the properties of the data source");
		}
		if (!isInstallable()) {
			return new Installation.Refused(
					"socket factory not installed, because mssql-jdbc has another class loader, or is older than 8.4",
					"Use mssql-jdbc 8.4 or later, and have one class loader load it and Cooperative JDBC");
		}
		Matcher url = URL.matcher(Objects.requireNonNullElse(source.url(), ""));
		return new Installation.Installed(
				Map.of(FACTORY, CooperativeSocketFactory.class.getName(), FACTORY_ARGUMENT, key), null,
				url.matches() ? wrapper(url) : null, List.of("statements are not canceled because the driver cannot"),
				List.of(), List.of());
	}

	/**
	 * Return the factory of the user, which the properties would take the place of.
	 */
	private static @Nullable String configured(ConnectionSource source) {
		Matcher matcher = FACTORY_IN_URL.matcher(Objects.requireNonNullElse(source.url(), ""));
		return matcher.find() ? matcher.group(1)
				: source.properties()
					.stringPropertyNames()
					.stream()
					.filter(FACTORY::equalsIgnoreCase)
					.map(source.properties()::getProperty)
					.findAny()
					.orElse(null);
	}

	/**
	 * Return whether the driver finds the socket factory by its name, and gives it an
	 * argument.
	 */
	private static boolean isInstallable() {
		try {
			SQLServerDataSource.class.getMethod("setSocketFactoryConstructorArg", String.class);
			return Class.forName(CooperativeSocketFactory.class.getName(), true,
					SQLServerDriver.class.getClassLoader()) == CooperativeSocketFactory.class;
		}
		catch (ReflectiveOperationException | LinkageError ex) {
			return false;
		}
	}

	@Override
	public SocketSupplier sockets(SocketSupplier sockets) {
		return new ToldSockets(sockets, Exchanges::new);
	}

	@Override
	public @Nullable String version() {
		try {
			return SQLServerDriver.class.getPackage().getImplementationVersion();
		}
		catch (LinkageError ex) {
			return null;
		}
	}

	/**
	 * Tells what a thread waits for.
	 */
	private static final class Exchanges implements StatementCanceller {

		@Override
		public void cancel() throws SQLException {
			throw new SQLException("The driver cannot cancel the statement of a connection");
		}

		@Override
		public Exchange exchange() {
			return CALLS.exchange();
		}

	}

}
