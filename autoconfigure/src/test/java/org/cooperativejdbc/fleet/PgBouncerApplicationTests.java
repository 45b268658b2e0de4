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

package org.cooperativejdbc.fleet;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

import jakarta.persistence.Entity;
import jakarta.persistence.EntityManager;
import jakarta.persistence.Id;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.cooperativejdbc.CooperativeJdbc;
import org.cooperativejdbc.Finding;
import org.cooperativejdbc.door.CooperativeSockets;
import org.cooperativejdbc.driver.ReadOnlyTransactions;
import org.cooperativejdbc.harmless.Trial;
import org.cooperativejdbc.test.Database;
import org.cooperativejdbc.test.PgBouncer;
import org.cooperativejdbc.test.PgBouncer.Mode;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.transaction.annotation.Transactional;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * A JPA application behind PgBouncer, with more connections than that has to the server.
 */
@Timeout(120)
class PgBouncerApplicationTests {

	private static final int CALLS = 60;

	@ParameterizedTest
	@CsvSource({ "SESSION, false, virtual", "SESSION, true, virtual", "SESSION, true, event-loop",
			"TRANSACTION, false, virtual", "TRANSACTION, true, virtual", "TRANSACTION, true, event-loop" })
	void transactionsAreServed(Mode mode, boolean starter, String model) throws Exception {
		int size = 4;
		try (PgBouncer pgBouncer = new PgBouncer(mode, Database.POSTGRESQL.address(),
				"default_pool_size=" + ((mode == Mode.SESSION) ? 2 * size : size));
				ConfigurableApplicationContext application = start(pgBouncer, starter, model,
						(mode == Mode.SESSION) ? "prepareThreshold=5" : "prepareThreshold=0", 2 * size)) {
			Notes notes = application.getBean(Notes.class);
			notes.clear();
			List<CompletableFuture<Long>> calls = Trial.inThreads(application, CALLS, () -> {
				long id = Thread.currentThread().threadId();
				for (int i = 0; i < 10; i++) {
					notes.write(id, i);
					assertThat(notes.read(id)).isEqualTo(i);
				}
				return id;
			});
			for (CompletableFuture<Long> call : calls) {
				call.get(60, TimeUnit.SECONDS);
			}
			assertThat(notes.count()).isEqualTo(CALLS);
			if (starter) {
				assertThat(findings(application)).contains("pooler-cancel").doesNotContain("prepared-statements");
				assertThat(application.getBean(CooperativeSockets.class).readOnlyTransactions()).isNotNull()
					.extracting(ReadOnlyTransactions::overlapped, InstanceOfAssertFactories.LONG)
					.isPositive();
			}
		}
	}

	/**
	 * It is the application that fails, and the doctor who knows why.
	 */
	@ParameterizedTest
	@CsvSource({ "false, virtual", "true, virtual" })
	void statementsOfTheDriverFailInTransactionMode(boolean starter, String model) throws Exception {
		try (PgBouncer pgBouncer = new PgBouncer(Mode.TRANSACTION, Database.POSTGRESQL.address(), "default_pool_size=2",
				"server_round_robin=1");
				ConfigurableApplicationContext application = start(pgBouncer, starter, model, "prepareThreshold=1",
						4)) {
			JdbcTemplate jdbc = application.getBean(JdbcTemplate.class);
			List<CompletableFuture<Boolean>> calls = Trial.inThreads(application, 8, () -> {
				try {
					for (int i = 0; i < 100; i++) {
						jdbc.queryForObject("select ?::int from pg_sleep(0.001)", Integer.class, i);
					}
					return true;
				}
				catch (RuntimeException ex) {
					return false;
				}
			});
			List<Boolean> served = calls.stream().map(CompletableFuture::join).toList();
			assertThat(served).contains(false);
			if (starter) {
				assertThat(findings(application)).contains("prepared-statements");
			}
		}
	}

	private static List<String> findings(ConfigurableApplicationContext application) {
		return application.getBean(CooperativeJdbc.class).findings().stream().map(Finding::id).toList();
	}

	private static ConfigurableApplicationContext start(PgBouncer pgBouncer, boolean starter, String model,
			String property, int size) {
		return Trial.start(starter, model, List.of(Application.class),
				"spring.datasource.url=" + pgBouncer.url() + "?" + property,
				"spring.datasource.hikari.maximum-pool-size=" + size, "spring.jpa.open-in-view=false",
				"cooperative.jdbc.read-only.commit=overlapped", "spring.jpa.hibernate.ddl-auto=update",
				"logging.level.com.zaxxer.hikari=off");
	}

	@SpringBootConfiguration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	static class Application {

		@Bean
		Notes notes(EntityManager entityManager) {
			return new Notes(entityManager);
		}

	}

	static class Notes {

		private final EntityManager entityManager;

		Notes(EntityManager entityManager) {
			this.entityManager = entityManager;
		}

		@Transactional
		void clear() {
			this.entityManager.createQuery("delete from Note").executeUpdate();
		}

		@Transactional
		void write(long id, int number) {
			Note note = this.entityManager.find(Note.class, id);
			if (note == null) {
				note = new Note();
				note.id = id;
				this.entityManager.persist(note);
			}
			note.number = number;
		}

		@Transactional(readOnly = true)
		int read(long id) {
			return this.entityManager.find(Note.class, id).number;
		}

		@Transactional(readOnly = true)
		long count() {
			return this.entityManager.createQuery("select count(n) from Note n", Long.class).getSingleResult();
		}

	}

	@Entity(name = "Note")
	static class Note {

		@Id
		private long id;

		private int number;

	}

}
