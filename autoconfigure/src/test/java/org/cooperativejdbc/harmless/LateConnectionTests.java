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

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import java.util.function.ToIntFunction;

import com.zaxxer.hikari.HikariDataSource;
import jakarta.persistence.EntityManager;
import jakarta.persistence.EntityManagerFactory;
import org.cooperativejdbc.Deadline;
import org.cooperativejdbc.pool.CooperativeDataSource;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.orm.jpa.SharedEntityManagerCreator;
import org.springframework.transaction.annotation.Transactional;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Transactions that borrow their connection with their first statement, late or never.
 * More of them than connections are under way at once, which a barrier among them shows.
 */
@Timeout(60)
class LateConnectionTests {

	private static final String LAZY = "spring.datasource.connection-fetch=lazy";

	private static final String NO_AUTO_COMMIT = "spring.datasource.hikari.auto-commit=false";

	private static final String DELAYED = NO_AUTO_COMMIT
			+ " spring.jpa.properties.hibernate.connection.handling_mode=DELAYED_ACQUISITION_AND_RELEASE_AFTER_TRANSACTION";

	private static final int TRANSACTIONS = 100;

	@ParameterizedTest
	@CsvSource({ "false, virtual, " + LAZY, "true, virtual, " + LAZY, "true, event-loop, " + LAZY,
			"false, virtual, " + NO_AUTO_COMMIT, "true, virtual, " + NO_AUTO_COMMIT,
			"true, event-loop, " + NO_AUTO_COMMIT, "false, virtual, " + DELAYED, "true, virtual, " + DELAYED,
			"true, event-loop, " + DELAYED })
	void connectionIsHeldFromTheFirstStatementOnly(boolean starter, String model, String setting) throws Exception {
		try (ConfigurableApplicationContext context = start(starter, model, setting)) {
			Work work = context.getBean(Work.class);
			assertOne(context, "without a statement", work::wait);
			assertOne(context, "with a select at the end", work::waitAndSelect);
			assertOne(context, "with a timeout", work::waitAndSelectWithTimeout);
			assertOne(context, "with the timeout of a request", (all) -> {
				try (var scope = Deadline.after(Duration.ofSeconds(30)).enter()) {
					return work.waitAndSelectWithTimeout(all);
				}
			});
			assertNoneTaken(context);
		}
	}

	private static void assertOne(ConfigurableApplicationContext context, String transactions,
			ToIntFunction<CyclicBarrier> work) throws Exception {
		CyclicBarrier all = new CyclicBarrier(TRANSACTIONS);
		List<CompletableFuture<Integer>> running = Trial.inThreads(context, TRANSACTIONS, () -> work.applyAsInt(all));
		for (CompletableFuture<Integer> each : running) {
			assertThat(each.get(Trial.TIMEOUT_SECONDS, TimeUnit.SECONDS)).as(transactions).isOne();
		}
	}

	private static void assertNoneTaken(ConfigurableApplicationContext context) {
		assertThat(context.getBeansOfType(CooperativeDataSource.class).values())
			.allSatisfy((pool) -> assertThat(pool.getPlacesTaken()).isZero());
		assertThat(context.getBeansOfType(HikariDataSource.class).values())
			.allSatisfy((pool) -> assertThat(pool.getHikariPoolMXBean().getActiveConnections()).isZero());
	}

	private static ConfigurableApplicationContext start(boolean starter, String model, String setting) {
		String properties = "spring.datasource.hikari.maximum-pool-size=4 "
				+ "cooperative.jdbc.detect-shared-connections=true cooperative.jdbc.request-timeout=30s "
				+ "cooperative.jdbc.admission.max-wait=15s " + setting;
		return Trial.start(starter, model, List.of(Application.class), properties.split(" "));
	}

	@SpringBootConfiguration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	static class Application {

		@Bean
		Work work(EntityManagerFactory entityManagerFactory) {
			return new Work(SharedEntityManagerCreator.createSharedEntityManager(entityManagerFactory));
		}

	}

	static class Work {

		private final EntityManager entityManager;

		Work(EntityManager entityManager) {
			this.entityManager = entityManager;
		}

		@Transactional
		int wait(CyclicBarrier all) {
			Trial.await(all);
			return 1;
		}

		@Transactional
		int waitAndSelect(CyclicBarrier all) {
			Trial.await(all);
			return select();
		}

		@Transactional(timeout = 30)
		int waitAndSelectWithTimeout(CyclicBarrier all) {
			Trial.await(all);
			return select();
		}

		private int select() {
			return ((Number) this.entityManager.createNativeQuery("select 1").getSingleResult()).intValue();
		}

	}

}
