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

import java.nio.charset.StandardCharsets;
import java.util.List;

import org.cooperativejdbc.CooperativeJdbc;
import org.cooperativejdbc.CooperativeJdbc.Tuning;
import org.cooperativejdbc.Finding;
import org.cooperativejdbc.test.PoolerProxy;
import org.cooperativejdbc.test.TestDatabase;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.jdbc.core.JdbcTemplate;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Servers that understand the driver, but lack a view, a function or a setting of
 * PostgreSQL. What cannot be asked stays unknown, and nothing else suffers.
 */
@Timeout(60)
class LackingServerTests {

	@ParameterizedTest
	@CsvSource({ "max_connections, true, false, true", "pg_roles, true, false, true",
			"pg_stat_activity, true, false, true", "pg_backend_pid, true, true, false",
			"nothing_at_all, true, true, true", "pg_stat_activity, false, false, true",
			"pg_backend_pid, false, true, false" })
	void whatIsUnknownStandsAlone(String lacking, boolean autoCommit, boolean sized, boolean poolerFound)
			throws Exception {
		for (String model : List.of("virtual", "event-loop")) {
			try (PoolerProxy proxy = lacking(lacking);
					ConfigurableApplicationContext context = start(true, model, proxy, autoCommit)) {
				CooperativeJdbc cooperativeJdbc = context.getBean(CooperativeJdbc.class);
				assertThat(cooperativeJdbc.tunings().stream().map(Tuning::setting).anyMatch("maximumPoolSize"::equals))
					.isEqualTo(sized);
				assertThat(cooperativeJdbc.findings().stream().map(Finding::id).anyMatch("pooler-cancel"::equals))
					.isEqualTo(poolerFound);
				assertThat(cooperativeJdbc.findings().stream().map(Finding::id).anyMatch("auto-commit"::equals))
					.isEqualTo(autoCommit);
				assertWorks(context);
			}
		}
	}

	/**
	 * The control.
	 */
	@ParameterizedTest
	@CsvSource({ "pg_stat_activity", "pg_backend_pid" })
	void withoutTheStarterNobodyAsks(String lacking) throws Exception {
		try (PoolerProxy proxy = lacking(lacking);
				ConfigurableApplicationContext context = start(false, "virtual", proxy, true)) {
			assertWorks(context);
		}
	}

	private static void assertWorks(ConfigurableApplicationContext context) {
		JdbcTemplate jdbc = context.getBean(JdbcTemplate.class);
		Trial.succeed(Trial.inThreads(context, 8, () -> jdbc.queryForObject("select 1", Integer.class)));
	}

	private static ConfigurableApplicationContext start(boolean starter, String model, PoolerProxy proxy,
			boolean autoCommit) {
		return Trial.start(starter, model, List.of(Application.class), "spring.datasource.url=" + proxy.url(),
				"spring.datasource.hikari.auto-commit=" + autoCommit, "cooperative.jdbc.pool.instances=40",
				"spring.jpa.properties.hibernate.connection.provider_disables_autocommit=true");
	}

	/**
	 * Return a proxy in front of a server that does not know a name.
	 */
	private static PoolerProxy lacking(String name) throws Exception {
		String unknown = "x".repeat(name.length());
		return new PoolerProxy(TestDatabase.instance(), false,
				(message) -> new String(message, StandardCharsets.ISO_8859_1).replace(name, unknown)
					.getBytes(StandardCharsets.ISO_8859_1));
	}

	@SpringBootConfiguration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	static class Application {

	}

}
