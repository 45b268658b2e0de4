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
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.sql.Driver;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Properties;

import org.cooperativejdbc.driver.acme.AcmeDriver;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link MariadbSupport}, {@link MysqlSupport} and {@link SentMysqlCommits}.
 */
class MysqlSupportTests {

	private final MariadbSupport support = new MariadbSupport();

	private final MysqlSupport mysql = new MysqlSupport();

	@ParameterizedTest
	@CsvSource(nullValues = "-", delimiter = '|',
			value = { "jdbc:mariadb://host/db | -", "jdbc:mariadb:replication://a,b/db | -",
					"jdbc:mariadb:sequential://a,b/db | -", "jdbc:mariadb:load-balance-read://a:1,b/db | -",
					"jdbc:mariadb://address=(host=a)(port=1)/db | -", "jdbc:p6spy:mariadb://host/db | p6spy",
					"jdbc:otel:mariadb://host/db | otel", "jdbc:log4jdbc:mariadb://host/db | log4jdbc",
					"jdbc:aws-wrapper:mariadb://host/db | aws-wrapper",
					"jdbc-secretsmanager:mariadb://host/db | secretsmanager", "jdbc:tc:mariadb:11:///db | tc",
					"jdbc:tc:p6spy:mariadb:///db | tc" })
	void isInstalled(String url, @Nullable String wrapper) {
		ConnectionSource source = source(url, null);
		assertThat(this.support.accepts(source)).isTrue();
		assertThat(this.support.install(source, "key", Duration.ofSeconds(5)))
			.isInstanceOfSatisfying(Installation.Installed.class, (installed) -> {
				assertThat(installed.properties()).containsEntry("socketFactory", MariadbSocketFactory.class.getName())
					.containsEntry(MariadbSupport.KEY, "key");
				assertThat(installed.through()).isEqualTo(wrapper);
				assertThat(installed.driverClassName()).as("the driver of the user").isNull();
			});
	}

	/**
	 * The driver of MySQL understands neither the option that permits its URLs nor our
	 * factory.
	 */
	@ParameterizedTest
	@CsvSource(nullValues = "-",
			value = { "jdbc:mysql://host/db?permitMysqlScheme, org.mariadb.jdbc.Driver, true",
					"jdbc:mysql://host/db?permitMysqlScheme, com.mysql.cj.jdbc.Driver, false",
					"jdbc:mysql://host/db?permitMysqlScheme, -, false",
					"jdbc:mysql://host/db, org.mariadb.jdbc.Driver, false" })
	void urlOfMysqlIsAcceptedForTheDriverOfMariadb(String url, @Nullable String driver, boolean accepted) {
		assertThat(this.support.accepts(source(url, driver))).isEqualTo(accepted);
	}

	@ParameterizedTest
	@CsvSource(nullValues = "-", delimiter = '|',
			value = { "jdbc:mysql://host/db | com.mysql.cj.jdbc.Driver | -", "jdbc:mysql://host/db | - | -",
					"jdbc:mysql:loadbalance://a,b/db | com.mysql.cj.jdbc.Driver | -",
					"jdbc:mysql:replication://a,b/db | com.mysql.cj.jdbc.Driver | -",
					"jdbc:mysql://(host=a,port=1),(host=b)/db | com.mysql.jdbc.Driver | -",
					"jdbc:p6spy:mysql://host/db | com.p6spy.engine.spy.P6SpyDriver | p6spy",
					"jdbc:aws-wrapper:mysql://host/db | software.amazon.jdbc.Driver | aws-wrapper" })
	void mysqlIsInstalled(String url, @Nullable String driver, @Nullable String wrapper) {
		ConnectionSource source = source(url, driver);
		assertThat(this.mysql.accepts(source)).isTrue();
		assertThat(this.mysql.install(source, "key", Duration.ofSeconds(5)))
			.isInstanceOfSatisfying(Installation.Installed.class, (installed) -> {
				assertThat(installed.properties()).containsEntry("socketFactory", MysqlSocketFactory.class.getName())
					.containsEntry(MysqlSupport.KEY, "key");
				assertThat(installed.through()).isEqualTo(wrapper);
				assertThat(installed.driverClassName()).isNull();
			});
	}

	/**
	 * Drivers that were made of MySQL's accept its URLs, and have classes of their own.
	 */
	@ParameterizedTest
	@CsvSource(nullValues = "-",
			value = { "jdbc:mysql://host/db?permitMysqlScheme, org.mariadb.jdbc.Driver",
					"jdbc:mysql://host/db?permitMysqlScheme, -", "jdbc:mysql://host/db, org.mariadb.jdbc.Driver",
					"jdbc:mysql://host/db, software.aws.rds.jdbc.mysql.Driver", "jdbc:mariadb://host/db, -",
					"mysqlx://host/db, -" })
	void urlOfAnotherDriverIsNotAcceptedAsThatOfMysql(String url, @Nullable String driver) {
		assertThat(this.mysql.accepts(source(url, driver))).isFalse();
	}

	/**
	 * As the driver of MariaDB did, and those that were made of MySQL's do.
	 */
	@Test
	void mysqlIsRefusedWhereAnotherDriverMayBeChosen() throws SQLException {
		Driver other = new OtherDriver();
		DriverManager.registerDriver(other);
		try {
			for (String url : List.of("jdbc:mysql://h/db", "jdbc:p6spy:mysql://h/db")) {
				assertThat(this.mysql.install(source(url, null), "key", Duration.ofSeconds(5)))
					.isInstanceOf(Installation.Refused.class);
			}
			assertThat(this.mysql.install(source("jdbc:mysql://h/db", "com.mysql.cj.jdbc.Driver"), "key",
					Duration.ofSeconds(5)))
				.isInstanceOf(Installation.Installed.class);
		}
		finally {
			DriverManager.deregisterDriver(other);
		}
	}

	@ParameterizedTest
	@CsvSource(delimiter = '|', value = {
			"jdbc:mysql:///db?cloudSqlInstance=x&socketFactory=com.google.cloud.sql.mysql.SocketFactory | socket factory com.google.cloud.sql.mysql.SocketFactory kept",
			"jdbc:mysql://address=(host=h)(socketFactory=a.B)/db | socket factory a.B kept",
			"jdbc:mysql://(host=h,socketFactory=a.B)/db | socket factory a.B kept",
			"jdbc:mysql://address=(protocol=pipe)(path=x)/db | not made by TCP",
			"jdbc:mysql://h/db?protocol=PIPE | not made by TCP" })
	void mysqlIsRefused(String url, String outcome) {
		assertThat(this.mysql.install(source(url, "com.mysql.cj.jdbc.Driver"), "key", Duration.ofSeconds(5)))
			.isInstanceOfSatisfying(Installation.Refused.class,
					(refused) -> assertThat(refused.outcome()).contains(outcome));
	}

	@ParameterizedTest
	@ValueSource(strings = { "jdbc:h2:mem:mariadb", "jdbc:h2:mem:x;MODE=MariaDB", "jdbc:tc:mysql:8:///db",
			"jdbc:postgresql://mariadb:5432/db", "jdbc:sqlserver://h;databaseName=jdbc:mariadb:" })
	void urlOfAnotherDatabaseIsNotAccepted(String url) {
		assertThat(this.support.accepts(source(url, null))).isFalse();
	}

	@ParameterizedTest
	@CsvSource(delimiter = '|',
			value = { "jdbc:mariadb://h/db?socketFactory=com.example.Mine | socket factory com.example.Mine kept",
					"jdbc:mariadb://h/db?a=b&SOCKETFACTORY=com.example.Mine&c=d | socket factory com.example.Mine kept",
					"jdbc:mariadb://address=(localSocket=/run/mysqld.sock)/db | not made by TCP",
					"jdbc:mariadb://h/db?localSocket=/run/mysqld.sock | not made by TCP",
					"jdbc:mariadb://address=(pipe=x)/db | not made by TCP",
					"jdbc:mariadb://h/db?pool=true | a pool of its own",
					"jdbc:mariadb://h/db?pool | a pool of its own" })
	void isRefused(String url, String outcome) {
		assertThat(this.support.install(source(url, null), "key", Duration.ofSeconds(5))).isInstanceOfSatisfying(
				Installation.Refused.class, (refused) -> assertThat(refused.outcome()).contains(outcome));
	}

	@Test
	void poolThatIsSwitchedOffIsNone() {
		assertThat(this.support.install(source("jdbc:mariadb://h/db?pool=false", null), "key", Duration.ofSeconds(5)))
			.isInstanceOf(Installation.Installed.class);
	}

	@Test
	void factoryInThePropertiesIsKept() {
		ConnectionSource source = source("jdbc:mariadb://h/db", null);
		source.properties().setProperty("SocketFactory", "com.example.Mine");
		assertThat(this.support.install(source, "key", Duration.ofSeconds(5))).isInstanceOfSatisfying(
				Installation.Refused.class,
				(refused) -> assertThat(refused.outcome()).isEqualTo("socket factory com.example.Mine kept"));
	}

	/**
	 * HikariCP sets each property on the data source, which has none for a factory.
	 */
	@Test
	void dataSourceClassIsRefused() {
		ConnectionSource source = new ConnectionSource("pool", null, null, "org.mariadb.jdbc.MariaDbDataSource",
				new Properties(), Duration.ofSeconds(30), getClass());
		assertThat(this.support.accepts(source)).isTrue();
		assertThat(this.support.install(source, "key", Duration.ofSeconds(5))).isInstanceOf(Installation.Refused.class);
	}

	@ParameterizedTest
	@ValueSource(strings = { "commit", "COMMIT", " commit work", "/* a */ -- b\n # c\n commit", "xa commit 'x'",
			"XA PREPARE 'x'", "insert into t values (1); commit" })
	void commitIsToldFromTheText(String sql) throws IOException {
		for (int piece = 1; piece < 200; piece++) {
			SentMysqlCommits commits = new SentMysqlCommits();
			send(commits, piece, packet(1, 0x85, "x".repeat(200)), packet(0, 0x03, "select 1"));
			assertThat(commits.isUnderWay()).isFalse();
			send(commits, piece, packet(0, 0x03, sql));
			assertThat(commits.isUnderWay()).isTrue();
			send(commits, piece, packet(0, 0x03, "select '" + "x".repeat(10_000) + "'"));
			assertThat(commits.isUnderWay()).isFalse();
		}
	}

	@ParameterizedTest
	@ValueSource(
			strings = { "committed", "select 'commit'", "call commit()", "xa start 'x'", "rollback", "create table t" })
	void otherTextIsNoCommit(String sql) throws IOException {
		SentMysqlCommits commits = new SentMysqlCommits();
		send(commits, 100, packet(0, 0x03, sql));
		assertThat(commits.isUnderWay()).isFalse();
		send(commits, 100, packet(0, 0x16, "commit"));
		assertThat(commits.isUnderWay()).as("only prepared").isFalse();
	}

	/**
	 * Types of values by the protocol: 1 to 9 are numbers, {@code 0xfe} is a text.
	 */
	@ParameterizedTest
	@ValueSource(strings = { "00 01", "01 01 00 01 fe00 01 61 03 616263", "01 01 01 01 0600 01 61",
			"02 01 00 01 0800 01 61 0300 00 62 0102030405060708 010203",
			"01 01 00 01 fe00 0b 7472616365706172656e74 06 636f6d6d6974" })
	void commitIsToldBehindAttributes(String attributes) throws IOException {
		String bytes = new String(HexFormat.of().parseHex(attributes.replace(" ", "")), StandardCharsets.ISO_8859_1);
		for (int piece = 1; piece < 50; piece++) {
			SentMysqlCommits commits = new SentMysqlCommits();
			send(commits, piece, packet(0, 0x03, bytes + "/* a */ commit"));
			assertThat(commits.isUnderWay()).isTrue();
			send(commits, piece, packet(0, 0x03, bytes + "select 'commit'"));
			assertThat(commits.isUnderWay()).isFalse();
		}
	}

	@ParameterizedTest
	@ValueSource(strings = { "00", "01 01", "ff 01 00", "01 01 00 01 fe00 fc ffff", "01 01 00 01 fe00 fe" })
	void attributesThatDoNotEndAreNoCommit(String attributes) throws IOException {
		String bytes = new String(HexFormat.of().parseHex(attributes.replace(" ", "")), StandardCharsets.ISO_8859_1);
		SentMysqlCommits commits = new SentMysqlCommits();
		send(commits, 100, packet(0, 0x03, bytes));
		assertThat(commits.isUnderWay()).isFalse();
	}

	@Test
	void nothingIsToldFromWhatIsEncrypted() {
		SentMysqlCommits commits = new SentMysqlCommits();
		byte[] bytes = new byte[400];
		bytes[0] = 0x17;
		bytes[1] = 0x03;
		bytes[2] = 0x03;
		commits.sending(bytes, 0, bytes.length);
		assertThat(commits.isUnderWay()).isFalse();
	}

	private ConnectionSource source(String url, @Nullable String driver) {
		return new ConnectionSource("pool", url, driver, null, new Properties(), Duration.ofSeconds(30), getClass());
	}

	private static void send(SentMysqlCommits commits, int piece, byte[]... packets) throws IOException {
		ByteArrayOutputStream all = new ByteArrayOutputStream();
		for (byte[] packet : packets) {
			all.write(packet);
		}
		byte[] bytes = all.toByteArray();
		for (int i = 0; i < bytes.length; i += piece) {
			commits.sending(bytes, i, Math.min(piece, bytes.length - i));
		}
	}

	private static byte[] packet(int sequence, int command, String text) throws IOException {
		byte[] bytes = text.getBytes(StandardCharsets.ISO_8859_1);
		ByteArrayOutputStream packet = new ByteArrayOutputStream();
		int size = bytes.length + 1;
		packet.write(size);
		packet.write(size >> 8);
		packet.write(size >> 16);
		packet.write(sequence);
		packet.write(command);
		packet.write(bytes);
		return packet.toByteArray();
	}

	/**
	 * Accepts URLs of MySQL.
	 */
	private static final class OtherDriver extends AcmeDriver {

		@Override
		public boolean acceptsURL(String url) {
			return url.startsWith("jdbc:mysql:");
		}

	}

}
