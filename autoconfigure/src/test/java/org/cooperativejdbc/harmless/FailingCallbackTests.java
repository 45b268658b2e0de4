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

import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;

import org.cooperativejdbc.CooperativeJdbc;
import org.cooperativejdbc.pool.CooperativeDataSource;
import org.cooperativejdbc.spring.Check;
import org.cooperativejdbc.test.TestDatabase;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.boot.transaction.autoconfigure.TransactionManagerCustomizer;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Import;
import org.springframework.core.task.AsyncTaskExecutor;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.transaction.TransactionTimedOutException;
import org.springframework.transaction.annotation.Transactional;
import org.springframework.transaction.support.AbstractPlatformTransactionManager;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/**
 * What can throw where the starter looks: timeouts that have passed, an executor that was
 * shut down, listeners that cannot be changed, checks that meet another version of a
 * library. The application goes on as without the starter, and nothing is left behind.
 */
@ExtendWith(OutputCaptureExtension.class)
class FailingCallbackTests {

	@ParameterizedTest
	@CsvSource({ "false, virtual", "true, platform", "true, virtual", "true, event-loop" })
	void applicationGoesOn(boolean starter, String model, CapturedOutput output) throws Exception {
		try (ConfigurableApplicationContext context = new SpringApplicationBuilder(Application.class)
			.web(WebApplicationType.NONE)
			.properties(TestDatabase.instance().properties())
			.properties("cooperative.jdbc.enabled=" + starter, "cooperative.jdbc.model=" + model,
					"cooperative.jdbc.admission.enabled=true", "cooperative.jdbc.deadlines.enabled=true",
					"spring.datasource.hikari.maximum-pool-size=1", "spring.datasource.hikari.connection-timeout=3000",
					"logging.level.org.cooperativejdbc=debug")
			.run()) {
			Service service = context.getBean(Service.class);
			AsyncTaskExecutor executor = context.getBean("applicationTaskExecutor", AsyncTaskExecutor.class);
			assertFails(executor, service::withoutAnyTime);
			assertFails(executor, service::afterItsTime);
			try (ExecutorService own = Executors.newVirtualThreadPerTaskExecutor()) {
				own.submit((Callable<Integer>) service::unlimited).get(20, TimeUnit.SECONDS);
				own.shutdown();
				assertThatThrownBy(() -> own.submit((Callable<Integer>) service::unlimited))
					.isInstanceOf(RejectedExecutionException.class);
			}
			for (int i = 0; i < 3; i++) {
				assertThat(executor.submitCompletable((Callable<Integer>) service::unlimited).get(20, TimeUnit.SECONDS))
					.isOne();
			}
			if (starter) {
				assertThat(context.getBean(CooperativeDataSource.class).getPlacesTaken()).isZero();
				assertThat(context.getBean(CooperativeJdbc.class).findings()).extracting("id").doesNotContain("odd");
				assertThat(output.toString().lines().filter((line) -> line.contains("Unable to look for what")))
					.hasSize(2)
					.allMatch((line) -> line.contains("DEBUG"));
			}
		}
	}

	private static void assertFails(AsyncTaskExecutor executor, Callable<Integer> task) {
		assertThatThrownBy(() -> executor.submitCompletable(task).get(20, TimeUnit.SECONDS))
			.isInstanceOf(ExecutionException.class)
			.hasCauseInstanceOf(TransactionTimedOutException.class);
	}

	@SpringBootConfiguration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	@Import(Service.class)
	static class Application {

		@Bean
		TransactionManagerCustomizer<AbstractPlatformTransactionManager> noListeners() {
			return (transactionManager) -> transactionManager.setTransactionExecutionListeners(List.of());
		}

		@Bean
		Check checkThatThrows() {
			return () -> {
				throw new IllegalStateException("check");
			};
		}

		@Bean
		Check checkOfAnotherVersion() {
			return () -> {
				throw new NoSuchMethodError("check");
			};
		}

	}

	static class Service {

		private final JdbcTemplate jdbc;

		Service(JdbcTemplate jdbc) {
			this.jdbc = jdbc;
		}

		@Transactional(timeout = 0)
		int withoutAnyTime() {
			return select();
		}

		@Transactional(timeout = 1)
		int afterItsTime() throws InterruptedException {
			new CountDownLatch(1).await(1100, TimeUnit.MILLISECONDS);
			return select();
		}

		@Transactional
		int unlimited() {
			return select();
		}

		private int select() {
			Integer one = this.jdbc.queryForObject("select 1", Integer.class);
			return (one != null) ? one : 0;
		}

	}

}
