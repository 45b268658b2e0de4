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

package org.cooperativejdbc.driver.acme;

import java.io.IOException;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.Driver;
import java.sql.DriverPropertyInfo;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Properties;
import java.util.logging.Logger;

import javax.net.SocketFactory;

import org.jspecify.annotations.Nullable;

/**
 * A driver that this library knows nothing of, with a hook for sockets. A statement is
 * one line to the server, and its result another.
 */
public class AcmeDriver implements Driver {

	private static final String PREFIX = "jdbc:acme:";

	@Override
	public @Nullable Connection connect(String url, Properties info) throws SQLException {
		if (!acceptsURL(url)) {
			return null;
		}
		int port = Integer.parseInt(url.substring(PREFIX.length()));
		try {
			SocketFactory factory = (SocketFactory) Class.forName(info.getProperty("socketFactory"))
				.getConstructor(String.class)
				.newInstance(info.getProperty("socketFactoryArg"));
			return new Session(factory, port).connection();
		}
		catch (IOException | ReflectiveOperationException ex) {
			throw new SQLException(ex);
		}
	}

	@Override
	public boolean acceptsURL(String url) {
		return url.startsWith(PREFIX);
	}

	@Override
	public DriverPropertyInfo[] getPropertyInfo(String url, Properties info) {
		return new DriverPropertyInfo[0];
	}

	@Override
	public int getMajorVersion() {
		return 1;
	}

	@Override
	public int getMinorVersion() {
		return 0;
	}

	@Override
	public boolean jdbcCompliant() {
		return false;
	}

	@Override
	public Logger getParentLogger() {
		return Logger.getGlobal();
	}

	private static final class Session {

		private final SocketFactory factory;

		private final int port;

		private final Socket socket;

		private final String number;

		Session(SocketFactory factory, int port) throws IOException {
			this.factory = factory;
			this.port = port;
			this.socket = factory.createSocket("127.0.0.1", port);
			this.number = ask(this.socket, "login");
		}

		AcmeConnection connection() {
			return proxy(AcmeConnection.class, (proxy, method, arguments) -> switch (method.getName()) {
				case "socket" -> this.socket;
				case "cancel" -> {
					cancel();
					yield null;
				}
				case "close", "abort" -> {
					this.socket.close();
					yield null;
				}
				case "isClosed" -> this.socket.isClosed();
				case "isValid", "getAutoCommit" -> true;
				case "isWrapperFor" -> ((Class<?>) arguments[0]).isInstance(proxy);
				case "unwrap" -> proxy;
				case "createStatement" -> statement();
				default -> anything(proxy, method.getReturnType(), arguments);
			});
		}

		private Statement statement() {
			return proxy(Statement.class, (proxy, method, arguments) -> {
				if (method.getName().equals("execute")) {
					String answer = answer((String) arguments[0]);
					if (answer.equals("canceled")) {
						throw new SQLException("Canceled", "57014");
					}
					return true;
				}
				return anything(proxy, method.getReturnType(), arguments);
			});
		}

		private String answer(String statement) throws SQLException {
			try {
				return ask(this.socket, statement);
			}
			catch (IOException ex) {
				throw new SQLException("Connection lost", "08006", ex);
			}
		}

		private void cancel() throws IOException {
			try (Socket other = this.factory.createSocket("127.0.0.1", this.port)) {
				ask(other, "cancel " + this.number);
			}
		}

		private static String ask(Socket socket, String line) throws IOException {
			socket.getOutputStream().write((line + "\n").getBytes(StandardCharsets.US_ASCII));
			StringBuilder answer = new StringBuilder();
			for (int c = socket.getInputStream().read(); c != '\n'; c = socket.getInputStream().read()) {
				if (c == -1) {
					throw new IOException("No answer");
				}
				answer.append((char) c);
			}
			return answer.toString();
		}

		private static <T> T proxy(Class<T> type, InvocationHandler handler) {
			return type.cast(Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] { type }, handler));
		}

		private static @Nullable Object anything(Object proxy, Class<?> type, Object @Nullable [] arguments) {
			if (type == boolean.class) {
				return arguments != null && proxy == arguments[0];
			}
			return (type == int.class) ? System.identityHashCode(proxy) : null;
		}

	}

}
