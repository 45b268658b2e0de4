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
import java.lang.StackWalker.StackFrame;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.SocketTimeoutException;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.cooperativejdbc.socket.StatementCanceller;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;

/**
 * Cancels the statements of a connection of pgjdbc. What a thread waits for is told by
 * the method of the driver that it has called.
 * <p>
 * A COMMIT, PREPARE TRANSACTION or COMMIT PREPARED that an application sends as the text
 * of a statement is told by the bytes that are sent, unless they are encrypted by TLS or
 * GSSAPI: such a statement is canceled like any other one there.
 */
final class PostgresqlCanceller implements StatementCanceller {

	private static final String DRIVER = "org.postgresql.";

	private static final List<String> PACKAGES = List.of("jdbc.", "xa.", "ds.", "copy.", "largeobject.", "fastpath.",
			"replication.", "core.", "util.", "geometric.");

	/**
	 * The largest identifier of a process that Linux has. Poolers such as PgBouncer have
	 * no process for a connection, and make up 32 random bits.
	 */
	private static final int MAX_PROCESS = 1 << 22;

	private static final String CONNECTION = DRIVER + "jdbc.PgConnection";

	private static final String READING_CONNECTION = "org.cooperativejdbc.driver.ReadingConnection";

	private static final String XA_CONNECTION = DRIVER + "xa.PGXAConnection";

	private static final Set<String> COMMITS = Set.of(CONNECTION + ".commit", CONNECTION + ".setAutoCommit",
			READING_CONNECTION + ".commit", XA_CONNECTION + ".commit", XA_CONNECTION + ".prepare");

	/**
	 * How the names of classes begin that are between those of the driver where read-only
	 * transactions are looked at, one of which the JDK has made of an interface.
	 */
	private static final List<String> BETWEEN = List.of(READING_CONNECTION, "org.cooperativejdbc.driver.UnreadAnswers",
			"jdk.proxy");

	private static final String NOTIFICATIONS = CONNECTION + ".getNotifications";

	/**
	 * An SSLRequest, which a server answers with one byte before it knows who asks. See
	 * the documentation of PostgreSQL, Message Formats.
	 */
	private static final byte[] SSL_REQUEST = { 0, 0, 0, 8, 4, (byte) 210, 22, 47 };

	private static final Log logger = LogFactory.getLog(PostgresqlCanceller.class);

	private final @Nullable PGConnection connection;

	private final @Nullable SocketAddress server;

	private final SentCommits sentCommits = new SentCommits();

	/**
	 * Create a new instance.
	 * @param connection the connection, or {@code null} where it is not known, so that
	 * nothing can be canceled
	 * @param server the address to which it is connected, or {@code null} where it is not
	 * known
	 */
	PostgresqlCanceller(@Nullable PGConnection connection, @Nullable SocketAddress server) {
		this.connection = connection;
		this.server = server;
	}

	@Override
	public void cancel() throws SQLException {
		if (this.connection == null) {
			throw new SQLException("The connection is not known, because it was made by another driver class");
		}
		this.connection.cancelQuery();
	}

	/**
	 * A server does not answer if it accepts no connection or says nothing there.
	 * Whatever else keeps it from being asked, such as too many open files, says nothing
	 * about it.
	 */
	@Override
	public boolean isServerAnswering(Duration timeout) {
		if (this.server == null) {
			return true;
		}
		long end = System.nanoTime() + timeout.toNanos();
		try (Socket socket = new Socket()) {
			socket.connect(this.server, millisUntil(end));
			socket.getOutputStream().write(SSL_REQUEST);
			socket.setSoTimeout(millisUntil(end));
			socket.getInputStream().read();
			return true;
		}
		catch (SocketTimeoutException | ConnectException | NoRouteToHostException ex) {
			logger.debug("The server of a COMMIT answers nobody", ex);
			return false;
		}
		catch (IOException ex) {
			logger.debug("Unknown whether the server of a COMMIT answers", ex);
			return true;
		}
	}

	private static int millisUntil(long end) {
		return (int) Math.clamp(TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime()), 1, Integer.MAX_VALUE);
	}

	@Override
	public boolean isRepeatable() {
		return this.connection != null && isProcess(this.connection.getBackendPID());
	}

	/**
	 * Return whether this may be the identifier of a process, and not what a pooler has
	 * made up.
	 */
	static boolean isProcess(int identifier) {
		return identifier > 0 && identifier <= MAX_PROCESS;
	}

	@Override
	public void sending(byte[] bytes, int offset, int length) {
		if (this.connection != null) {
			this.sentCommits.sending(bytes, offset, length);
		}
	}

	/**
	 * As long as an earlier COMMIT, or the BEGIN, has not been answered, a request to
	 * cancel would meet that one, and its answer would be taken for that of the statement
	 * behind it.
	 */
	@Override
	public Exchange exchange() {
		if (this.connection instanceof AnswersAhead ahead && ahead.areAnswersAhead()) {
			return Exchange.HOUSEKEEPING;
		}
		Exchange exchange = StackWalker.getInstance().walk(PostgresqlCanceller::exchange);
		return (exchange == Exchange.STATEMENT && this.sentCommits.isUnderWay()) ? Exchange.COMMIT : exchange;
	}

	/**
	 * Tell from the frames of the driver between the socket and whoever called the
	 * driver, such as a connection pool.
	 */
	private static Exchange exchange(Stream<StackFrame> frames) {
		List<StackFrame> driver = frames.dropWhile((frame) -> !isDriver(frame))
			.takeWhile(PostgresqlCanceller::isDriver)
			.toList();
		if (driver.stream().anyMatch((frame) -> COMMITS.contains(method(frame)))) {
			return Exchange.COMMIT;
		}
		StackFrame entry = driver.reversed().stream().filter((frame) -> !isProxy(frame)).findFirst().orElse(null);
		if (entry == null) {
			return Exchange.HOUSEKEEPING;
		}
		if (method(entry).equals(NOTIFICATIONS)) {
			return Exchange.NOTHING;
		}
		String type = entry.getClassName();
		return (type.equals(CONNECTION) || type.equals(READING_CONNECTION) || type.startsWith(DRIVER + "xa.")
				|| type.startsWith(DRIVER + "ds.")) ? Exchange.HOUSEKEEPING : Exchange.STATEMENT;
	}

	private static String method(StackFrame frame) {
		return frame.getClassName() + "." + frame.getMethodName();
	}

	private static boolean isDriver(StackFrame frame) {
		String type = frame.getClassName();
		return BETWEEN.stream().anyMatch(type::startsWith) || type.startsWith(DRIVER)
				&& PACKAGES.stream().anyMatch((name) -> type.startsWith(name, DRIVER.length()));
	}

	/**
	 * Return whether this is a proxy of a connection, a statement or what they use.
	 */
	private static boolean isProxy(StackFrame frame) {
		return frame.getMethodName().equals("invoke") || frame.getClassName().startsWith("jdk.proxy");
	}

}
