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
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;

import com.zaxxer.hikari.HikariDataSource;
import org.cooperativejdbc.InterruptPolicy;
import org.cooperativejdbc.driver.DriverSupport;
import org.cooperativejdbc.driver.Installation;
import org.cooperativejdbc.pool.ConnectionSources;
import org.cooperativejdbc.socket.CooperativeSocketFactory;
import org.cooperativejdbc.test.Carrier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * The worked example of the documentation: a driver that a third party supports.
 */
class AcmeSupportTests {

	private static final Duration GRACE = Duration.ofMinutes(5);

	private static final Path SOURCE = Path.of("src/test/java/org/cooperativejdbc/driver/acme/AcmeSupport.java");

	private static final Path DOCUMENTATION = Path.of("../docs/driver-support.md");

	@Test
	void documentationShowsTheSource() throws IOException {
		String source = Files.readString(SOURCE);
		String example = source.substring(source.indexOf("import ")).replace("\t", "    ");
		assertThat(Files.readString(DOCUMENTATION)).contains("```java\n" + example + "```\n");
	}

	@ParameterizedTest
	@EnumSource(names = "PLATFORM", mode = EnumSource.Mode.EXCLUDE)
	void interruptCancelsTheStatementAndKeepsTheConnection(Carrier carrier) throws Exception {
		Carrier.Carried carried = carrier.open(InterruptPolicy.CANCEL, GRACE);
		DriverSupport support = new AcmeSupport();
		String key = CooperativeSocketFactory.register(support.sockets(carried.sockets()));
		try (AutoCloseable carrying = carried.resource();
				AcmeServer server = new AcmeServer();
				HikariDataSource pool = new HikariDataSource()) {
			pool.setJdbcUrl(server.url());
			pool.setDriverClassName(AcmeDriver.class.getName());
			pool.setMaximumPoolSize(1);
			assertThat(support.accepts(ConnectionSources.of("pool", pool))).isTrue();
			((Installation.Installed) support.install(ConnectionSources.of("pool", pool), key, GRACE)).properties()
				.forEach(pool::addDataSourceProperty);
			FutureTask<@Nullable Void> task = new FutureTask<>(() -> {
				interrupted(support, pool);
				return null;
			});
			Thread thread = carried.threads().newThread(task);
			thread.start();
			server.awaitSleep();
			thread.interrupt();
			task.get(30, TimeUnit.SECONDS);
			assertThat(server.sessions()).isOne();
		}
		finally {
			CooperativeSocketFactory.unregister(key);
		}
	}

	private static void interrupted(DriverSupport support, HikariDataSource pool) throws SQLException {
		try (Connection connection = pool.getConnection(); Statement statement = connection.createStatement()) {
			assertThat(support.socket(connection)).isNotNull();
			assertThatExceptionOfType(SQLException.class).isThrownBy(() -> statement.execute("sleep"))
				.withMessage("Canceled");
			assertThat(Thread.interrupted()).isTrue();
			statement.execute("next");
		}
	}

	@Test
	void factoryOfTheUserIsKept() {
		try (HikariDataSource pool = new HikariDataSource()) {
			pool.setJdbcUrl("jdbc:acme:1");
			pool.addDataSourceProperty("socketFactory", "com.example.Mine");
			assertThat(new AcmeSupport().install(ConnectionSources.of("pool", pool), "key", GRACE))
				.isInstanceOf(Installation.Refused.class);
		}
	}

}
