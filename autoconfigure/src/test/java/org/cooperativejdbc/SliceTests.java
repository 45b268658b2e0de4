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

package org.cooperativejdbc;

import java.sql.Connection;
import java.sql.SQLException;

import javax.sql.DataSource;

import org.cooperativejdbc.socket.CooperativeSocket;
import org.cooperativejdbc.test.PgSockets;
import org.cooperativejdbc.test.TestDatabase;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.data.jpa.test.autoconfigure.DataJpaTest;
import org.springframework.boot.jdbc.test.autoconfigure.AutoConfigureTestDatabase;
import org.springframework.boot.jdbc.test.autoconfigure.JdbcTest;
import org.springframework.test.annotation.DirtiesContext;
import org.springframework.test.context.ContextConfiguration;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Test slices get the starter, as the application does.
 */
class SliceTests {

	private static void assertCooperative(DataSource dataSource) throws SQLException {
		try (Connection connection = dataSource.getConnection()) {
			assertThat(PgSockets.of(connection)).isInstanceOf(CooperativeSocket.class);
		}
	}

	private static void register(DynamicPropertyRegistry registry) {
		TestDatabase database = TestDatabase.instance();
		registry.add("spring.datasource.url", database::url);
		registry.add("spring.datasource.username", database::username);
		registry.add("spring.datasource.password", database::password);
	}

	@Nested
	@DirtiesContext
	@JdbcTest(properties = "cooperative.jdbc.model=event-loop")
	@AutoConfigureTestDatabase(replace = AutoConfigureTestDatabase.Replace.NONE)
	@ContextConfiguration(classes = Application.class)
	class Jdbc {

		@DynamicPropertySource
		static void database(DynamicPropertyRegistry registry) {
			register(registry);
		}

		@Test
		void poolIsCooperative(@Autowired DataSource dataSource) throws SQLException {
			assertCooperative(dataSource);
		}

	}

	@Nested
	@DirtiesContext
	@DataJpaTest(properties = "cooperative.jdbc.model=event-loop")
	@AutoConfigureTestDatabase(replace = AutoConfigureTestDatabase.Replace.NONE)
	@ContextConfiguration(classes = Application.class)
	class DataJpa {

		@DynamicPropertySource
		static void database(DynamicPropertyRegistry registry) {
			register(registry);
		}

		@Test
		void poolIsCooperative(@Autowired DataSource dataSource) throws SQLException {
			assertCooperative(dataSource);
		}

	}

	@SpringBootConfiguration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	static class Application {

	}

}
