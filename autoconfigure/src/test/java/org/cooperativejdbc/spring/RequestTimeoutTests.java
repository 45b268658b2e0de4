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

package org.cooperativejdbc.spring;

import java.sql.SQLException;
import java.util.function.Consumer;

import org.cooperativejdbc.LocalRequests;
import org.cooperativejdbc.test.ActiveBackends;
import org.cooperativejdbc.test.TestDatabase;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Import;
import org.springframework.dao.QueryTimeoutException;
import org.springframework.http.HttpStatus;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.transaction.annotation.Transactional;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The timeout of a request.
 */
class RequestTimeoutTests {

	@ParameterizedTest
	@ValueSource(strings = { "virtual", "event-loop" })
	void statementEndsWithTheRequest(String model) {
		run(RequestTimeoutTests::assertThatStatementEndsAndConnectionStays, WebApplicationType.SERVLET,
				"cooperative.jdbc.model=" + model, "cooperative.jdbc.request-timeout=2s");
	}

	@ParameterizedTest
	@CsvSource({ "virtual, cancel", "virtual, defer", "event-loop, cancel", "event-loop, close" })
	void statementEndsWithTheBlockingHandlerOfWebFlux(String model, String interrupt) {
		run(RequestTimeoutTests::assertThatStatementEndsAndConnectionStays, WebApplicationType.REACTIVE,
				"cooperative.jdbc.model=" + model, "cooperative.jdbc.interrupt=" + interrupt,
				"cooperative.jdbc.request-timeout=2s");
	}

	private static void assertThatStatementEndsAndConnectionStays(ConfigurableApplicationContext context) {
		String backend = LocalRequests.get(context, "/backend").body();
		assertThat(LocalRequests.get(context, "/sleep").statusCode()).isEqualTo(504);
		assertThat(active()).isZero();
		assertThat(LocalRequests.get(context, "/backend").body()).isEqualTo(backend).matches("[0-9]+");
	}

	/**
	 * The control.
	 */
	@ParameterizedTest
	@EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "NONE")
	void withoutATimeoutTheStatementTakesItsTime(WebApplicationType type) {
		run((context) -> assertThat(LocalRequests.get(context, "/sleep").statusCode()).isEqualTo(200), type,
				"cooperative.jdbc.model=virtual");
	}

	private static int active() {
		try {
			return ActiveBackends.count("%pg_sleep(3)%");
		}
		catch (SQLException ex) {
			throw new IllegalStateException(ex);
		}
	}

	private static void run(Consumer<ConfigurableApplicationContext> test, WebApplicationType type,
			String... properties) {
		try (ConfigurableApplicationContext context = new SpringApplicationBuilder(Application.class).web(type)
			.properties(TestDatabase.instance().properties())
			.properties("server.port=0", "cooperative.jdbc.event-loop.threads=1",
					"spring.datasource.hikari.maximum-pool-size=1")
			.properties(properties)
			.run()) {
			test.accept(context);
		}
	}

	@SpringBootConfiguration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	@Import(Sleep.class)
	static class Application {

	}

	@RestController
	static class Sleep {

		private final JdbcTemplate jdbc;

		Sleep(JdbcTemplate jdbc) {
			this.jdbc = jdbc;
		}

		@GetMapping("/sleep")
		@Transactional
		String sleep() {
			this.jdbc.execute("select pg_sleep(3)");
			return "awake";
		}

		@GetMapping("/backend")
		@Transactional
		String backend() {
			return String.valueOf(this.jdbc.queryForObject("select pg_backend_pid()", Integer.class));
		}

		@ExceptionHandler(QueryTimeoutException.class)
		@ResponseStatus(HttpStatus.GATEWAY_TIMEOUT)
		void late() {
		}

	}

}
