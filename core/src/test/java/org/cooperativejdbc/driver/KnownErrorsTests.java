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

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.NoSuchElementException;
import java.util.concurrent.atomic.AtomicBoolean;

import com.sun.management.ThreadMXBean;
import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import org.cooperativejdbc.test.TestDatabase;
import org.junit.jupiter.api.Test;

import org.springframework.jdbc.datasource.DriverManagerDataSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Minimal reproductions of errors in HikariCP 7.0.2 and pgjdbc 42.7.13 that the fault
 * tests have met, without any class of ours. Where one of them fails, the error may have
 * been corrected.
 */
class KnownErrorsTests {

	/**
	 * If the connection breaks while HikariCP asks the first one for its transaction
	 * isolation, each later connection is given the level -1, which the driver refuses.
	 */
	@Test
	void poolOfHikariStaysUnusableWhenItsFirstConnectionFailsInGetTransactionIsolation() {
		try (HikariDataSource pool = new HikariDataSource(poolWhoseFirstConnectionFails(Duration.ofSeconds(2)))) {
			for (int i = 0; i < 2; i++) {
				assertThatExceptionOfType(SQLException.class).isThrownBy(pool::getConnection)
					.havingRootCause()
					.withMessage("Transaction isolation level -1 not supported.");
			}
		}
	}

	@Test
	void poolOfHikariRecoversWhereTheTransactionIsolationIsConfigured() throws SQLException {
		HikariConfig config = poolWhoseFirstConnectionFails(Duration.ofSeconds(20));
		config.setTransactionIsolation("TRANSACTION_READ_COMMITTED");
		try (HikariDataSource pool = new HikariDataSource(config); Connection connection = pool.getConnection()) {
			assertThat(connection.isValid(5)).isTrue();
		}
	}

	private static HikariConfig poolWhoseFirstConnectionFails(Duration connectionTimeout) {
		AtomicBoolean first = new AtomicBoolean(true);
		TestDatabase database = TestDatabase.instance();
		HikariConfig config = new HikariConfig();
		config.setDataSource(new DriverManagerDataSource(database.url(), database.username(), database.password()) {

			@Override
			public Connection getConnection() throws SQLException {
				Connection connection = super.getConnection();
				return first.getAndSet(false) ? failing(connection) : connection;
			}

		});
		config.setMaximumPoolSize(1);
		config.setInitializationFailTimeout(-1);
		config.setConnectionTimeout(connectionTimeout.toMillis());
		return config;
	}

	private static Connection failing(Connection connection) {
		return (Connection) Proxy.newProxyInstance(KnownErrorsTests.class.getClassLoader(),
				new Class<?>[] { Connection.class }, (proxy, method, arguments) -> {
					if (method.getName().equals("getTransactionIsolation")) {
						throw new SQLException("An I/O error occurred while sending to the backend.", "08006");
					}
					try {
						return method.invoke(connection, arguments);
					}
					catch (InvocationTargetException ex) {
						throw ex.getTargetException();
					}
				});
	}

	@Test
	void pgjdbcThrowsNegativeArraySizeExceptionForAColumnOfNegativeSize() {
		assertThatExceptionOfType(NegativeArraySizeException.class)
			.isThrownBy(() -> queryAnsweredWith(new Message('1'), new Message('2'), rowDescription(), dataRow(-2)));
	}

	@Test
	void pgjdbcThrowsNoSuchElementExceptionForAStatementThatIsParsedTwice() {
		assertThatExceptionOfType(NoSuchElementException.class)
			.isThrownBy(() -> queryAnsweredWith(new Message('1'), new Message('1')));
	}

	/**
	 * The driver believes the size of a column even where it is beyond that of the
	 * message, and allocates as much before it reads; maxResultBuffer, set here to 1 MB,
	 * does not keep it from that.
	 */
	@Test
	void pgjdbcAllocatesWhatAColumnClaimsBeyondTheSizeOfItsMessage() {
		int claimed = 256 * 1024 * 1024;
		ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
		long before = threads.getCurrentThreadAllocatedBytes();
		assertThatExceptionOfType(SQLException.class).isThrownBy(
				() -> queryAnsweredWith(new Message('1'), new Message('2'), rowDescription(), dataRow(claimed)));
		assertThat(threads.getCurrentThreadAllocatedBytes() - before).isGreaterThan(claimed);
	}

	private static void queryAnsweredWith(Message... answer) throws Exception {
		try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
			Thread.ofVirtual().start(() -> serve(server, answer));
			String url = "jdbc:postgresql://" + server.getInetAddress().getHostAddress() + ":" + server.getLocalPort()
					+ "/test?user=test&sslmode=disable&assumeMinServerVersion=18&socketTimeout=20&maxResultBuffer=1M";
			try (Connection connection = DriverManager.getConnection(url);
					Statement statement = connection.createStatement()) {
				statement.executeQuery("select 1");
			}
		}
	}

	private static void serve(ServerSocket server, Message... answer) {
		try (Socket client = server.accept()) {
			DataInputStream in = new DataInputStream(client.getInputStream());
			DataOutputStream out = new DataOutputStream(client.getOutputStream());
			in.skipNBytes(in.readInt() - Integer.BYTES);
			new Message('R').integer(0).writeTo(out);
			new Message('S').text("server_version").text("18").writeTo(out);
			new Message('S').text("client_encoding").text("UTF8").writeTo(out);
			new Message('S').text("standard_conforming_strings").text("on").writeTo(out);
			new Message('Z').bytes('I').writeTo(out);
			while (in.readByte() != 'S') {
				in.skipNBytes(in.readInt() - Integer.BYTES);
			}
			for (Message message : answer) {
				message.writeTo(out);
			}
			client.shutdownOutput();
			in.transferTo(DataOutputStream.nullOutputStream());
		}
		catch (IOException ex) {
			// The driver has closed the connection
		}
	}

	private static Message rowDescription() {
		return new Message('T').bytes(0, 1)
			.text("column")
			.integer(0)
			.bytes(0, 0)
			.integer(25)
			.bytes(0xff, 0xff)
			.integer(-1)
			.bytes(0, 0);
	}

	private static Message dataRow(int size) {
		return new Message('D').bytes(0, 1).integer(size);
	}

	/**
	 * A message of the server.
	 */
	private static final class Message {

		private final char type;

		private final ByteArrayOutputStream content = new ByteArrayOutputStream();

		private Message(char type) {
			this.type = type;
		}

		Message bytes(int... values) {
			for (int value : values) {
				this.content.write(value);
			}
			return this;
		}

		Message integer(int value) {
			return bytes(value >> 24, value >> 16, value >> 8, value);
		}

		Message text(String text) {
			this.content.writeBytes(text.getBytes(StandardCharsets.UTF_8));
			return bytes(0);
		}

		void writeTo(DataOutputStream out) throws IOException {
			out.writeByte(this.type);
			out.writeInt(Integer.BYTES + this.content.size());
			this.content.writeTo(out);
		}

	}

}
