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

package org.cooperativejdbc.harmless;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

import javax.sql.DataSource;

import org.cooperativejdbc.test.SilenceProxy;
import org.cooperativejdbc.test.SilenceProxy.Silence;
import org.cooperativejdbc.test.TestDatabase;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.core.JdbcTemplate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Statements that regularly take longer than the timeout of the driver, on a server that
 * answers all others.
 */
@Timeout(60)
class SlowStatementTests {

	private static final int SIZE = 8;

	private static final int SLOW = 4;

	@ParameterizedTest
	@CsvSource({ "false, virtual", "true, virtual", "true, event-loop" })
	void timeoutOfOneStatementCostsOneConnection(boolean starter, String model) throws Exception {
		try (SilenceProxy proxy = new SilenceProxy(TestDatabase.instance());
				ConfigurableApplicationContext context = Trial.start(starter, model, List.of(Application.class),
						"spring.datasource.url=" + proxy.url() + "?socketTimeout=3",
						"spring.datasource.hikari.maximum-pool-size=" + SIZE)) {
			JdbcTemplate jdbc = context.getBean(JdbcTemplate.class);
			fill(context);
			proxy.silence(Silence.NONE);
			AtomicBoolean ended = new AtomicBoolean();
			List<CompletableFuture<Boolean>> others = Trial.inThreads(context, SIZE - SLOW, () -> {
				while (!ended.get()) {
					jdbc.execute("select pg_sleep(0.02)");
				}
				return true;
			});
			for (CompletableFuture<String> slow : Trial.inThreads(context, SLOW, () -> state(jdbc))) {
				assertThat(slow.get(20, TimeUnit.SECONDS)).isEqualTo("08006");
			}
			await().until(() -> proxy.connects() >= SLOW - 1);
			ended.set(true);
			Trial.succeed(others);
			assertThat(proxy.connects()).as("connects").isBetween(SLOW - 1, SLOW + 1);
		}
	}

	private static String state(JdbcTemplate jdbc) {
		try {
			jdbc.execute("select pg_sleep(6)");
			return "none";
		}
		catch (DataAccessException ex) {
			return (ex.getRootCause() instanceof SQLException cause) ? cause.getSQLState()
					: ((SQLException) ex.getCause()).getSQLState();
		}
	}

	private static void fill(ConfigurableApplicationContext context) {
		DataSource dataSource = context.getBean(DataSource.class);
		CyclicBarrier all = new CyclicBarrier(SIZE);
		Trial.succeed(Trial.inThreads(context, SIZE, () -> {
			try (Connection connection = dataSource.getConnection()) {
				Trial.await(all);
				return true;
			}
			catch (SQLException ex) {
				throw new IllegalStateException(ex);
			}
		}));
	}

	@SpringBootConfiguration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	static class Application {

	}

}
