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
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executor;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;

import org.cooperativejdbc.test.TestDatabase;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import org.springframework.beans.factory.DisposableBean;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.SmartLifecycle;
import org.springframework.context.annotation.Bean;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.scheduling.concurrent.ThreadPoolTaskExecutor;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tasks that the beans of an application hand to its executors while it is closed, and
 * wait for: those that are accepted without the starter are accepted and done with it.
 */
class TasksAtShutdownTests {

	@ParameterizedTest
	@CsvSource({ "false, platform", "true, platform", "false, virtual", "true, virtual", "true, event-loop" })
	void tasksForTheExecutorOfSpringBoot(boolean starter, String model) {
		assertThat(done(starter, model)).containsExactlyInAnyOrder("applicationTaskExecutor in stop of phase 1",
				"late in stop of phase 1", "applicationTaskExecutor in stop of phase 0", "late in stop of phase 0",
				"applicationTaskExecutor in destroy", "late in destroy");
	}

	private static List<String> done(boolean starter, String model) {
		ConfigurableApplicationContext context = new SpringApplicationBuilder(Application.class)
			.web(WebApplicationType.NONE)
			.properties(TestDatabase.instance().properties())
			.properties("cooperative.jdbc.enabled=" + starter, "cooperative.jdbc.model=" + model,
					"spring.threads.virtual.enabled=" + !model.equals("platform"),
					"spring.datasource.hikari.maximum-pool-size=2")
			.run();
		List<String> done = context.getBean(Done.class).tasks;
		context.close();
		return done;
	}

	@SpringBootConfiguration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	static class Application {

		@Bean(defaultCandidate = false)
		ThreadPoolTaskExecutor late() {
			ThreadPoolTaskExecutor executor = new ThreadPoolTaskExecutor();
			executor.setAcceptTasksAfterContextClose(true);
			return executor;
		}

		@Bean
		Done done(JdbcTemplate jdbc, PlatformTransactionManager transactionManager) {
			return new Done(jdbc, new TransactionTemplate(transactionManager));
		}

		@Bean
		Stopping phase0(@Qualifier("applicationTaskExecutor") Executor application, @Qualifier("late") Executor late,
				Done done) {
			return new Stopping(0, application, late, done);
		}

		@Bean
		Stopping phase1(@Qualifier("applicationTaskExecutor") Executor application, @Qualifier("late") Executor late,
				Done done) {
			return new Stopping(1, application, late, done);
		}

		@Bean
		DisposableBean destroyed(@Qualifier("applicationTaskExecutor") Executor application,
				@Qualifier("late") Executor late, Done done) {
			return () -> {
				done.run(application, "applicationTaskExecutor in destroy");
				done.run(late, "late in destroy");
			};
		}

	}

	/**
	 * What was done, and why the rest was not.
	 */
	static class Done {

		private final List<String> tasks = new CopyOnWriteArrayList<>();

		private final JdbcTemplate jdbc;

		private final TransactionTemplate template;

		Done(JdbcTemplate jdbc, TransactionTemplate template) {
			this.jdbc = jdbc;
			this.template = template;
		}

		void run(Executor executor, String name) {
			FutureTask<?> task = new FutureTask<>(
					() -> this.template.executeWithoutResult((status) -> this.jdbc.execute("select 1")), null);
			try {
				executor.execute(task);
				task.get(20, TimeUnit.SECONDS);
				this.tasks.add(name);
			}
			catch (Exception ex) {
				this.tasks.add(name + ": " + ex);
			}
		}

	}

	static class Stopping implements SmartLifecycle {

		private final int phase;

		private final Executor application;

		private final Executor late;

		private final Done done;

		private volatile boolean running;

		Stopping(int phase, Executor application, Executor late, Done done) {
			this.phase = phase;
			this.application = application;
			this.late = late;
			this.done = done;
		}

		@Override
		public void start() {
			this.running = true;
		}

		@Override
		public void stop() {
			this.running = false;
			this.done.run(this.application, "applicationTaskExecutor in stop of phase " + this.phase);
			this.done.run(this.late, "late in stop of phase " + this.phase);
		}

		@Override
		public boolean isRunning() {
			return this.running;
		}

		@Override
		public int getPhase() {
			return this.phase;
		}

	}

}
