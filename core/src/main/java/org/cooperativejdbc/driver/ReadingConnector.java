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

import java.io.IOException;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodHandles.Lookup;
import java.lang.invoke.MethodType;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Properties;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;

import org.jspecify.annotations.Nullable;
import org.postgresql.Driver;
import org.postgresql.util.HostSpec;
import org.postgresql.util.PSQLException;
import org.postgresql.util.PSQLState;

/**
 * Connections to PostgreSQL that make less of transactions that only read. The driver
 * makes its connections itself, so making others takes what it does not show; whether it
 * is there is known.
 */
final class ReadingConnector {

	/**
	 * Connection property with the key of {@link ReadOnlyTransactions}.
	 */
	static final String PROPERTY = "cooperativeReadOnly";

	/**
	 * Connection property of the driver with the class of an executor that connects,
	 * which is left to the driver.
	 */
	static final String CONNECT_EXECUTOR = "connectExecutor";

	private static final @Nullable Internals internals = Internals.find();

	private ReadingConnector() {
	}

	/**
	 * Return why there are no such connections.
	 * @return the reason, or {@code null} if there are
	 */
	static @Nullable String unavailableReason() {
		String reason = UnreadAnswers.unavailableReason();
		return (reason == null && internals == null) ? "pgjdbc does not let itself be looked into" : reason;
	}

	/**
	 * Connect as the driver does, which makes the connection itself where this cannot.
	 * @param transactions how transactions that are read-only begin and end
	 */
	static @Nullable Connection connect(Driver driver, String url, Properties info, ReadOnlyTransactions transactions)
			throws SQLException {
		if (unavailableReason() != null || !driver.acceptsURL(url)) {
			return driver.connect(url, info);
		}
		Properties properties = new Properties(internals().defaults(driver));
		info.stringPropertyNames().forEach((name) -> properties.setProperty(name, info.getProperty(name)));
		Properties parsed = Driver.parseURL(url, properties);
		if (parsed == null || parsed.getProperty(CONNECT_EXECUTOR) != null) {
			return driver.connect(url, info);
		}
		long timeout = internals().timeout(parsed);
		HostSpec[] hosts = internals().hosts(parsed);
		return (timeout > 0) ? new Attempt(hosts, parsed, url, transactions).connect(timeout)
				: new ReadingConnection(hosts, parsed, url, transactions);
	}

	private static Internals internals() {
		if (internals == null) {
			throw new IllegalStateException("pgjdbc does not let itself be looked into");
		}
		return internals;
	}

	/**
	 * An attempt to connect on a platform thread of its own, given up after a time. It is
	 * what the driver does then, with its errors.
	 */
	private static final class Attempt {

		private final FutureTask<Connection> task;

		private final AtomicReference<@Nullable Connection> established = new AtomicReference<>();

		private volatile boolean abandoned;

		Attempt(HostSpec[] hosts, Properties properties, String url, ReadOnlyTransactions transactions) {
			this.task = new FutureTask<>(() -> {
				Connection connection = new ReadingConnection(hosts, properties, url, transactions);
				this.established.set(connection);
				if (this.abandoned) {
					closeEstablished();
				}
				return connection;
			});
		}

		Connection connect(long timeoutMillis) throws SQLException {
			Thread.ofPlatform().daemon().name("PostgreSQL JDBC driver connection thread").start(this.task);
			try {
				return this.task.get(timeoutMillis, TimeUnit.MILLISECONDS);
			}
			catch (TimeoutException ex) {
				abandon();
				throw new PSQLException("Connection attempt timed out.", PSQLState.CONNECTION_UNABLE_TO_CONNECT);
			}
			catch (InterruptedException ex) {
				abandon();
				Thread.currentThread().interrupt();
				throw new IllegalStateException("Interrupted while attempting to connect.");
			}
			catch (ExecutionException ex) {
				if (ex.getCause() instanceof SQLException failure) {
					failure.fillInStackTrace();
					throw failure;
				}
				throw new PSQLException("Something unusual has occurred to cause the driver to fail. "
						+ "Please report this exception.", PSQLState.UNEXPECTED_ERROR, ex.getCause());
			}
		}

		private void abandon() {
			this.abandoned = true;
			this.task.cancel(true);
			closeEstablished();
		}

		private void closeEstablished() {
			Connection connection = this.established.getAndSet(null);
			if (connection != null) {
				try {
					connection.close();
				}
				catch (SQLException ex) {
					// Nobody has it
				}
			}
		}

	}

	/**
	 * What the driver does not show.
	 */
	private record Internals(MethodHandle defaultsHandle, MethodHandle timeoutHandle, MethodHandle hostsHandle) {

		static @Nullable Internals find() {
			try {
				Lookup lookup = MethodHandles.privateLookupIn(Driver.class, MethodHandles.lookup());
				return new Internals(
						lookup.findVirtual(Driver.class, "getDefaultProperties",
								MethodType.methodType(Properties.class)),
						lookup.findStatic(Driver.class, "timeout", MethodType.methodType(long.class, Properties.class)),
						lookup.findStatic(Driver.class, "hostSpecs",
								MethodType.methodType(HostSpec[].class, Properties.class)));
			}
			catch (ReflectiveOperationException | RuntimeException | LinkageError ex) {
				return null;
			}
		}

		Properties defaults(Driver driver) throws SQLException {
			try {
				return (Properties) this.defaultsHandle.invoke(driver);
			}
			catch (IOException ex) {
				throw new PSQLException("Error loading default settings from driverconfig.properties",
						PSQLState.UNEXPECTED_ERROR, ex);
			}
			catch (Throwable ex) {
				throw unexpected(ex);
			}
		}

		long timeout(Properties properties) throws SQLException {
			try {
				return (long) this.timeoutHandle.invoke(properties);
			}
			catch (Throwable ex) {
				throw unexpected(ex);
			}
		}

		HostSpec[] hosts(Properties properties) throws SQLException {
			try {
				return (HostSpec[]) this.hostsHandle.invoke(properties);
			}
			catch (Throwable ex) {
				throw unexpected(ex);
			}
		}

		private static SQLException unexpected(Throwable ex) {
			return new PSQLException(
					"Something unusual has occurred to cause the driver to fail. " + "Please report this exception.",
					PSQLState.UNEXPECTED_ERROR, ex);
		}

	}

}
