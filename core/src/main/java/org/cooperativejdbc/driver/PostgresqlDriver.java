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

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Properties;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import org.cooperativejdbc.Setting;
import org.cooperativejdbc.socket.CooperativeSocketFactory;
import org.cooperativejdbc.socket.CooperativeSocketFactory.SocketSupplier;
import org.cooperativejdbc.socket.DriverSocket;
import org.jspecify.annotations.Nullable;
import org.postgresql.Driver;
import org.postgresql.PGConnection;
import org.postgresql.jdbc.PgConnection;

/**
 * Installs the socket factory into pgjdbc, by the connection properties that
 * <a href="https://jdbc.postgresql.org/documentation/use/">its documentation
 * describes</a>.
 *
 * @since 0.1.0
 */
public final class PostgresqlDriver {

	/**
	 * Connection property that names the class of the socket factory.
	 */
	static final String SOCKET_FACTORY = "socketFactory";

	/**
	 * Connection property with the argument of the socket factory.
	 */
	static final String SOCKET_FACTORY_ARG = "socketFactoryArg";

	/**
	 * Connection property that limits the time to connect, in seconds. With a limit, the
	 * driver connects on a platform thread of its own.
	 */
	static final String LOGIN_TIMEOUT = "loginTimeout";

	/**
	 * Connection property that limits the time of a request to cancel, in seconds.
	 */
	static final String CANCEL_SIGNAL_TIMEOUT = "cancelSignalTimeout";

	/**
	 * Connection property that limits the time of each wait for the server, in seconds.
	 */
	public static final String SOCKET_TIMEOUT = "socketTimeout";

	/**
	 * Connection property that switches TCP keep-alive on.
	 */
	static final String TCP_KEEP_ALIVE = "tcpKeepAlive";

	/**
	 * Connection property of a version to come that sends statements before earlier ones
	 * are answered.
	 * @see <a href="https://github.com/pgjdbc/pgjdbc/pull/4066">pgjdbc #4066</a>
	 */
	public static final String PIPELINE_MODE = "pipelineMode";

	/**
	 * URLs of pgjdbc, and those of drivers that wrap it: OpenTelemetry's, P6Spy's, that
	 * of AWS Secrets Manager, and Testcontainers', which has names of its own for
	 * PostgreSQL with extensions.
	 */
	private static final Pattern URL = Pattern
		.compile("jdbc(?:-(?<suffix>[\\w-]+))?:(?:(?:(?<wrapper>[\\w-]+):(?:[\\w-]+:)*)?postgresql"
				+ "|(?<=jdbc:)(?<containers>tc):(?:postgis|timescaledb|pgvector|paradedb))(?::[\\w.-]+)?:");

	private PostgresqlDriver() {
	}

	/**
	 * Return whether connections are made by pgjdbc, be it behind a
	 * {@linkplain #wrapper(String) driver that wraps it} and passes connection properties
	 * on.
	 * @param url the JDBC URL, or {@code null} where there is none
	 * @param className the class of the data source or of the driver, or {@code null}
	 * where the URL tells the driver
	 * @return whether pgjdbc makes them
	 */
	public static boolean accepts(@Nullable String url, @Nullable String className) {
		return (className != null) ? className.startsWith("org.postgresql.")
				: url != null && URL.matcher(url).lookingAt();
	}

	/**
	 * Return the driver that wraps pgjdbc, as the URL names it.
	 * @param url the JDBC URL, or {@code null} where there is none
	 * @return for example {@code otel} for {@code jdbc:otel:postgresql:}, or {@code null}
	 * if the URL is one of pgjdbc's own or of another database
	 */
	public static @Nullable String wrapper(@Nullable String url) {
		Matcher matcher = (url != null) ? URL.matcher(url) : null;
		if (matcher == null || !matcher.lookingAt()) {
			return null;
		}
		return (matcher.group("suffix") != null) ? matcher.group("suffix")
				: (matcher.group("wrapper") != null) ? matcher.group("wrapper") : matcher.group("containers");
	}

	/**
	 * Return the URL that a wrapping driver hands to pgjdbc.
	 */
	private static @Nullable String unwrapped(@Nullable String url) {
		return (url != null && wrapper(url) != null) ? URL.matcher(url).replaceFirst("jdbc:postgresql:") : url;
	}

	/**
	 * Return the value that a user has given to a connection property, in the URL (which
	 * the driver prefers) or else in the properties.
	 * @param url the JDBC URL, or {@code null} where there is none
	 * @param properties the connection properties
	 * @param name the name of the connection property
	 * @return the value, or {@code null} if the user left it unset
	 */
	public static @Nullable String configured(@Nullable String url, Properties properties, String name) {
		String unwrapped = unwrapped(url);
		Properties parsed = (unwrapped != null) ? Driver.parseURL(unwrapped, null) : null;
		String value = (parsed != null) ? parsed.getProperty(name) : null;
		return (value != null) ? value : properties.getProperty(name);
	}

	/**
	 * Return the servers that a pool connects to.
	 * @param url the JDBC URL, or {@code null} where there is none
	 * @param properties the connection properties
	 * @return something equal for pools on the same servers
	 */
	public static String server(@Nullable String url, Properties properties) {
		return configured(url, properties, "PGHOST") + ":" + configured(url, properties, "PGPORT")
				+ properties.getProperty("serverName", "") + properties.getProperty("portNumber", "");
	}

	/**
	 * Return the database that a pool connects to.
	 * @param url the JDBC URL, or {@code null} where there is none
	 * @param properties the connection properties
	 * @return something equal for pools on the same database of a server
	 */
	public static String database(@Nullable String url, Properties properties) {
		return configured(url, properties, "PGDBNAME") + properties.getProperty("databaseName", "");
	}

	/**
	 * Return whether the driver chooses from several servers.
	 * @param url the JDBC URL, or {@code null} where there is none
	 * @param properties the connection properties
	 * @return whether more than one is named
	 */
	public static boolean namesSeveralServers(@Nullable String url, Properties properties) {
		return server(url, properties).contains(",");
	}

	/**
	 * Return whether connections go through a SOCKS proxy.
	 * @param url the JDBC URL, or {@code null} where there is none
	 * @param properties the connection properties
	 * @return {@code true} if they do, {@code false} if they do not or the servers are
	 * not known
	 */
	public static boolean usesSocks(@Nullable String url, Properties properties) {
		String unwrapped = unwrapped(url);
		return unwrapped != null && CooperativeSocketFactory.usesSocks(CancellingDriver.servers(unwrapped, properties));
	}

	/**
	 * Return whether a thread of the driver's own is to read the answers of the server,
	 * in versions that have one.
	 * @param url the JDBC URL, or {@code null} where there is none
	 * @param properties the connection properties
	 * @return whether the user has set the connection property {@value #PIPELINE_MODE}
	 */
	public static boolean isPipelining(@Nullable String url, Properties properties) {
		String mode = configured(url, properties, PIPELINE_MODE);
		return mode != null && !mode.equalsIgnoreCase("false");
	}

	/**
	 * Return the version of the driver.
	 * @return the version, or {@code null} if it is unknown or the driver is absent
	 */
	public static @Nullable String version() {
		try {
			return Driver.class.getPackage().getImplementationVersion();
		}
		catch (LinkageError ex) {
			return null;
		}
	}

	/**
	 * Return connection properties that fit virtual threads, where the user left them
	 * unset.
	 * @param source where a pool gets its connections from
	 * @param cancelGrace how long to wait for the answer of a canceled statement
	 * @return what is to be changed
	 */
	public static List<Setting> settings(ConnectionSource source, Duration cancelGrace) {
		return Stream.of(
				new Setting(LOGIN_TIMEOUT, loginTimeout(source),
						"the driver connects, resolves names and negotiates TLS on a platform thread of its own"),
				new Setting(TCP_KEEP_ALIVE, "true",
						"a server that has vanished is noticed while a thread waits for its answer"),
				new Setting(CANCEL_SIGNAL_TIMEOUT, Long.toString(Math.max(1, cancelGrace.toSeconds())),
						"a request to cancel that is not answered keeps its thread no longer than the grace period"))
			.filter((setting) -> configured(source.url(), source.properties(), setting.name()) == null)
			.toList();
	}

	/**
	 * The driver reads seconds and fractions, its data sources whole seconds.
	 */
	private static String loginTimeout(ConnectionSource source) {
		BigDecimal seconds = BigDecimal.valueOf(source.connectionTimeout().toMillis()).movePointLeft(3);
		return (source.dataSourceClassName() != null) ? seconds.setScale(0, RoundingMode.CEILING).toPlainString()
				: seconds.stripTrailingZeros().toPlainString();
	}

	/**
	 * Set the socket factory.
	 * @param properties the connection properties
	 * @param key a key of the {@link CooperativeSocketFactory}
	 */
	public static void install(Properties properties, String key) {
		properties.setProperty(SOCKET_FACTORY, CooperativeSocketFactory.class.getName());
		properties.setProperty(SOCKET_FACTORY_ARG, key);
	}

	/**
	 * Return whether a pool gets this library's classes by their names. The driver loads
	 * socket factories with its own class loader and HikariCP looks for drivers with its,
	 * which are those of a servlet container or of the developer tools, and have none of
	 * them or others.
	 * @param pool a class of the connection pool
	 * @return {@code false} if a socket factory must not be {@link #install installed}
	 */
	static boolean isInstallable(Class<?> pool) {
		return isFoundBy(Driver.class.getClassLoader(), CooperativeSocketFactory.class)
				&& isFoundBy(pool.getClassLoader(), CancellingDriver.class);
	}

	private static boolean isFoundBy(ClassLoader loader, Class<?> type) {
		try {
			return Class.forName(type.getName(), true, loader) == type;
		}
		catch (ClassNotFoundException | LinkageError ex) {
			return false;
		}
	}

	/**
	 * Return the key that was given to {@link #install}.
	 */
	static @Nullable String key(Properties properties) {
		return CooperativeSocketFactory.class.getName().equals(properties.getProperty(SOCKET_FACTORY))
				? properties.getProperty(SOCKET_FACTORY_ARG) : null;
	}

	/**
	 * Return the driver class that is able to cancel the statement of an interrupted
	 * thread.
	 * @param url the JDBC URL, or {@code null} where there is none
	 * @param driverClassName the configured class, or {@code null} where there is none
	 * @return the class to use instead, or {@code null} if the configured one is not
	 * pgjdbc's own
	 */
	static @Nullable String cancellingDriver(@Nullable String url, @Nullable String driverClassName) {
		boolean own = (driverClassName != null)
				? List.of(Driver.class.getName(), CancellingDriver.class.getName()).contains(driverClassName)
				: wrapper(url) == null;
		return own ? CancellingDriver.class.getName() : null;
	}

	/**
	 * Return sockets that know, as far as the stack tells, what a thread waits for, also
	 * where another driver class than {@link CancellingDriver} makes the connections: a
	 * COMMIT is waited for as long as it takes, and a wait for notifications ends at
	 * once.
	 * @param sockets supplies sockets
	 * @return supplies the same sockets
	 */
	public static SocketSupplier sockets(SocketSupplier sockets) {
		return new ToldSockets(sockets, () -> new PostgresqlCanceller(null, null));
	}

	/**
	 * Return the socket of a connection.
	 * @param connection the connection, or a proxy of it
	 * @return the socket, or {@code null} if another class than {@link CancellingDriver}
	 * has made the connection
	 */
	public static @Nullable DriverSocket socket(Connection connection) {
		try {
			if (connection instanceof PgConnection) {
				return CancellingDriver.socket(connection);
			}
			return connection.isWrapperFor(PgConnection.class)
					? CancellingDriver.socket(connection.unwrap(PgConnection.class)) : null;
		}
		catch (SQLException ex) {
			return null;
		}
	}

	/**
	 * Return whether the server has told the driver a key to cancel statements with.
	 * @param connection the connection, or a proxy of it
	 * @return {@code false} if there is none, as behind some managed proxies
	 */
	public static boolean hasCancelKey(Connection connection) {
		try {
			return connection.unwrap(PGConnection.class).getBackendPID() != 0;
		}
		catch (SQLException ex) {
			return true;
		}
	}

}
