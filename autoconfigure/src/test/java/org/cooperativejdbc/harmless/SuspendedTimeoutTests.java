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

import java.util.function.Consumer;

import org.cooperativejdbc.test.TestDatabase;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Import;
import org.springframework.core.task.AsyncTaskExecutor;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.annotation.Propagation;
import org.springframework.transaction.annotation.Transactional;
import org.springframework.transaction.event.TransactionalEventListener;
import org.springframework.transaction.support.TransactionTemplate;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * A transaction that runs while another one is suspended is not bound by the timeout of
 * that one, nor is one that runs after it.
 */
class SuspendedTimeoutTests {

	@ParameterizedTest
	@CsvSource({ "virtual, true", "event-loop, true", "virtual, false" })
	void auditIsWrittenAfterTheTimeoutOfTheTransactionThatItIsAbout(String model, boolean enabled) {
		run(model, enabled, (context) -> {
			Orders orders = context.getBean(Orders.class);
			orders.createAndAudit();
			assertThat(orders.audits()).isEqualTo(1);
		});
	}

	@ParameterizedTest
	@CsvSource({ "virtual, true", "event-loop, true", "virtual, false" })
	void innerTransactionsTakeTheirTime(String model, boolean enabled) {
		run(model, enabled, (context) -> {
			Orders orders = context.getBean(Orders.class);
			TransactionTemplate template = new TransactionTemplate(context.getBean(PlatformTransactionManager.class));
			template.setPropagationBehavior(TransactionTemplate.PROPAGATION_REQUIRES_NEW);
			orders.within1Second(
					() -> template.executeWithoutResult((status) -> context.getBean(Audits.class).insertSlowly()));
			assertThat(orders.audits()).isEqualTo(1);
		});
	}

	private static void run(String model, boolean enabled, Consumer<ConfigurableApplicationContext> test) {
		try (ConfigurableApplicationContext context = new SpringApplicationBuilder(Application.class)
			.web(WebApplicationType.NONE)
			.properties(TestDatabase.instance().properties())
			.properties("cooperative.jdbc.enabled=" + enabled, "cooperative.jdbc.model=" + model,
					"cooperative.jdbc.event-loop.threads=1", "spring.datasource.hikari.maximum-pool-size=2")
			.run()) {
			JdbcTemplate jdbc = context.getBean(JdbcTemplate.class);
			jdbc.execute("drop table if exists suspended_audit");
			jdbc.execute("create table suspended_audit (name text)");
			context.getBean("applicationTaskExecutor", AsyncTaskExecutor.class)
				.submitCompletable(() -> test.accept(context))
				.join();
		}
	}

	@SpringBootConfiguration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	@Import({ Orders.class, Audits.class })
	static class Application {

	}

	static class Orders {

		private final JdbcTemplate jdbc;

		private final ApplicationEventPublisher events;

		Orders(JdbcTemplate jdbc, ApplicationEventPublisher events) {
			this.jdbc = jdbc;
			this.events = events;
		}

		@Transactional(timeout = 1)
		void createAndAudit() {
			this.jdbc.execute("select 1");
			this.events.publishEvent("created");
		}

		@Transactional(timeout = 1)
		void within1Second(Runnable task) {
			task.run();
		}

		@Transactional
		long audits() {
			Long count = this.jdbc.queryForObject("select count(*) from suspended_audit", Long.class);
			return (count != null) ? count : -1;
		}

	}

	static class Audits {

		private final JdbcTemplate jdbc;

		Audits(JdbcTemplate jdbc) {
			this.jdbc = jdbc;
		}

		@TransactionalEventListener
		@Transactional(propagation = Propagation.REQUIRES_NEW)
		void created(String event) {
			insertSlowly();
		}

		void insertSlowly() {
			this.jdbc.execute("select pg_sleep(1.5)");
			this.jdbc.execute("insert into suspended_audit values ('created')");
		}

	}

}
