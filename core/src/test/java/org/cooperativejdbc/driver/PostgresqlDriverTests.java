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
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Collections;
import java.util.Objects;
import java.util.Properties;
import java.util.concurrent.atomic.AtomicInteger;

import org.cooperativejdbc.InterruptPolicy;
import org.cooperativejdbc.socket.CooperativeSocketFactory;
import org.cooperativejdbc.socket.ParkingSocket;
import org.cooperativejdbc.test.TestDatabase;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.postgresql.Driver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests for {@link PostgresqlDriver}, {@link CancellingDriver} and {@link SentCommits}.
 */
class PostgresqlDriverTests {

	@ParameterizedTest
	@CsvSource(nullValues = "-",
			value = { "jdbc:postgresql://host/db, -", "jdbc:postgresql:db, -", "jdbc:otel:postgresql://host/db, otel",
					"jdbc:p6spy:postgresql://host/db, p6spy",
					"jdbc-secretsmanager:postgresql://host/db, secretsmanager", "jdbc:tc:postgresql:16:///db, tc",
					"jdbc:tc:postgis:16-3.4:///db, tc", "jdbc:tc:p6spy:postgresql:///db, tc" })
	void wrapperIsNamed(String url, String wrapper) {
		assertThat(PostgresqlDriver.accepts(url, null)).isTrue();
		assertThat(PostgresqlDriver.wrapper(url)).isEqualTo(wrapper);
	}

	@ParameterizedTest
	@ValueSource(strings = { "jdbc:h2:mem:postgresql", "jdbc:tc:mysql:8:///db", "jdbc:postgis:x", "jdbc:pgsql://h/d" })
	void urlOfAnotherDatabaseIsNotAccepted(String url) {
		assertThat(PostgresqlDriver.accepts(url, null)).isFalse();
		assertThat(PostgresqlDriver.wrapper(url)).isNull();
	}

	@Test
	void propertiesOfAWrappedUrlAreSeen() {
		assertThat(PostgresqlDriver.configured("jdbc:otel:postgresql://host/db?socketFactory=a.B", new Properties(),
				"socketFactory"))
			.isEqualTo("a.B");
		assertThat(PostgresqlDriver.cancellingDriver("jdbc:otel:postgresql://host/db", null)).isNull();
		assertThat(PostgresqlDriver.cancellingDriver("jdbc:postgresql://host/db", null))
			.isEqualTo(CancellingDriver.class.getName());
	}

	/**
	 * With two drivers that accept a URL, the driver manager would try each connection
	 * that fails a second time, which is what broke the rechecks of hosts.
	 */
	@Test
	void driverManagerConnectsOnceAndWithPgjdbc() throws SQLException {
		new CancellingDriver();
		AtomicInteger sockets = new AtomicInteger();
		String key = CooperativeSocketFactory.register(() -> {
			sockets.incrementAndGet();
			throw new IOException("refused");
		});
		Properties properties = new Properties();
		PostgresqlDriver.install(properties, key);
		assertThatExceptionOfType(SQLException.class)
			.isThrownBy(() -> DriverManager.getConnection("jdbc:postgresql://localhost/db", properties));
		assertThat(sockets).hasValue(1);
		assertThat(DriverManager.getDriver("jdbc:postgresql://localhost/db")).isExactlyInstanceOf(Driver.class);
		assertThat(Collections.list(DriverManager.getDrivers())).hasAtLeastOneElementOfType(CancellingDriver.class);
		assertThat(new CancellingDriver().acceptsURL("jdbc:postgresql://localhost/db")).isTrue();
		assertThat(new CancellingDriver()).isNotInstanceOf(Driver.class);
		CooperativeSocketFactory.unregister(key);
	}

	@Test
	@SuppressWarnings("NullAway")
	void urlThatIsMissingIsRefusedAsByPgjdbc() {
		Properties properties = new Properties();
		PostgresqlDriver.install(properties, "key");
		assertThatExceptionOfType(SQLException.class).isThrownBy(() -> new CancellingDriver().connect(null, properties))
			.withMessage("url is null");
	}

	@Test
	void socketOfAConnectionIsFound() throws SQLException {
		String key = CooperativeSocketFactory
			.register(() -> new ParkingSocket((thread) -> false, InterruptPolicy.CANCEL, Duration.ofSeconds(5)));
		Properties properties = new Properties();
		properties.setProperty("user", TestDatabase.instance().username());
		properties.setProperty("password", TestDatabase.instance().password());
		PostgresqlDriver.install(properties, key);
		try (Connection connection = Objects
			.requireNonNull(new CancellingDriver().connect(TestDatabase.instance().url(), properties));
				Connection other = TestDatabase.instance().connect()) {
			assertThat(PostgresqlDriver.socket(connection)).isInstanceOf(ParkingSocket.class);
			assertThat(PostgresqlDriver.socket(other)).isNull();
		}
		CooperativeSocketFactory.unregister(key);
	}

	@ParameterizedTest
	@ValueSource(strings = { "commit", "COMMIT", " end;", "/* a */ -- b\n commit work", "prepare transaction 'x'",
			"Commit prepared 'x'" })
	void commitIsToldFromTheText(String sql) throws IOException {
		for (int piece = 1; piece < 200; piece++) {
			SentCommits commits = new SentCommits();
			send(commits, piece, message('P', "", "begin"), message('B', "", ""), message('S'));
			assertThat(commits.isUnderWay()).isFalse();
			send(commits, piece, message('P', "", sql), message('B', "", ""), message('E', ""), message('S'));
			assertThat(commits.isUnderWay()).isTrue();
			send(commits, piece, message('P', "", "select 1"), message('B', "", ""), message('S'));
			assertThat(commits.isUnderWay()).isFalse();
			send(commits, piece, message('Q', "select 1; " + sql));
			assertThat(commits.isUnderWay()).isTrue();
			send(commits, piece, message('Q', "x".repeat(10_000)), message('P', "S_1", sql), message('S'));
			send(commits, piece, message('P', "S_2", "select 1"), message('B', "", "S_2"), message('S'));
			assertThat(commits.isUnderWay()).isFalse();
			send(commits, piece, message('B', "", "S_1"), message('S'));
			assertThat(commits.isUnderWay()).isTrue();
		}
	}

	@ParameterizedTest
	@ValueSource(strings = { "committed", "select 'commit'", "endless", "prepare x as select 1", "call commit()",
			"rollback", "explain select 1" })
	void otherTextIsNoCommit(String sql) throws IOException {
		SentCommits commits = new SentCommits();
		send(commits, 100, message('P', "", sql), message('B', "", ""), message('S'));
		assertThat(commits.isUnderWay()).isFalse();
	}

	@Test
	void nothingIsToldFromWhatIsEncrypted() {
		SentCommits commits = new SentCommits();
		byte[] bytes = new byte[400];
		bytes[0] = 0x17;
		commits.sending(bytes, 0, bytes.length);
		commits.sending("P".repeat(400).getBytes(StandardCharsets.US_ASCII), 0, 400);
		assertThat(commits.isUnderWay()).isFalse();
	}

	private static void send(SentCommits commits, int piece, byte[]... messages) throws IOException {
		ByteArrayOutputStream all = new ByteArrayOutputStream();
		for (byte[] message : messages) {
			all.write(message);
		}
		byte[] bytes = all.toByteArray();
		for (int i = 0; i < bytes.length; i += piece) {
			commits.sending(bytes, i, Math.min(piece, bytes.length - i));
		}
	}

	private static byte[] message(char type, String... texts) throws IOException {
		ByteArrayOutputStream body = new ByteArrayOutputStream();
		for (String text : texts) {
			body.write(text.getBytes(StandardCharsets.UTF_8));
			body.write(0);
		}
		ByteArrayOutputStream message = new ByteArrayOutputStream();
		DataOutputStream out = new DataOutputStream(message);
		out.write(type);
		out.writeInt(body.size() + 4);
		out.write(body.toByteArray());
		return message.toByteArray();
	}

}
