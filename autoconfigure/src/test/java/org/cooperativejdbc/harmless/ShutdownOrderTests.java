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
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;

import org.cooperativejdbc.test.TestDatabase;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import org.springframework.beans.factory.DisposableBean;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.SmartLifecycle;
import org.springframework.context.annotation.Bean;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Work that an application does while it is closed.
 */
class ShutdownOrderTests {

	private static final int TASKS = 20;

	@ParameterizedTest
	@CsvSource({ "false, virtual", "true, platform", "true, virtual", "true, event-loop" })
	void whatIsDoneWhileTheApplicationIsClosedIsDone(boolean starter, String model) throws Exception {
		ConfigurableApplicationContext context = new SpringApplicationBuilder(Application.class)
			.web(WebApplicationType.NONE)
			.properties(TestDatabase.instance().properties())
			.properties("cooperative.jdbc.enabled=" + starter, "cooperative.jdbc.model=" + model,
					"cooperative.jdbc.admission.enabled=true", "spring.datasource.hikari.maximum-pool-size=4")
			.run();
		Work work = context.getBean(Work.class);
		WaitingLifecycle lifecycle = context.getBean(WaitingLifecycle.class);
		ExecutorService executor = context.getBean(ExecutorService.class);
		CountDownLatch begun = new CountDownLatch(TASKS);
		CountDownLatch between = new CountDownLatch(1);
		AtomicInteger done = new AtomicInteger();
		for (int i = 0; i < TASKS; i++) {
			executor.execute(() -> {
				work.transaction();
				begun.countDown();
				join(between);
				work.transaction();
				done.incrementAndGet();
			});
		}
		begun.await();
		long began = System.nanoTime();
		Thread closing = Thread.ofPlatform().start(context::close);
		lifecycle.stopped.await();
		between.countDown();
		closing.join();
		assertThat(done).hasValue(TASKS);
		assertThat(lifecycle.done).as("work of a lifecycle").hasValue(1);
		assertThat(work.flushed).as("work of a bean that is destroyed").hasValue(2);
		assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(15));
	}

	private static void join(CountDownLatch latch) {
		try {
			latch.await();
		}
		catch (InterruptedException ex) {
			throw new IllegalStateException(ex);
		}
	}

	@SpringBootConfiguration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	static class Application {

		@Bean
		Work work(JdbcTemplate jdbc, PlatformTransactionManager transactionManager) {
			return new Work(jdbc, new TransactionTemplate(transactionManager));
		}

		@Bean
		ExecutorService tasks(Work work) {
			return Executors.newVirtualThreadPerTaskExecutor();
		}

		@Bean
		WaitingLifecycle waitingLifecycle(Work work) {
			return new WaitingLifecycle(work);
		}

	}

	/**
	 * Flushes its queue when it is destroyed, on this thread and on another one.
	 */
	static class Work implements DisposableBean {

		private final JdbcTemplate jdbc;

		private final TransactionTemplate template;

		private final AtomicInteger flushed = new AtomicInteger();

		Work(JdbcTemplate jdbc, TransactionTemplate template) {
			this.jdbc = jdbc;
			this.template = template;
		}

		void transaction() {
			this.template.executeWithoutResult((status) -> this.jdbc.execute("select 1"));
		}

		@Override
		public void destroy() throws InterruptedException {
			transaction();
			this.flushed.incrementAndGet();
			Thread.ofVirtual().start(() -> {
				transaction();
				this.flushed.incrementAndGet();
			}).join();
		}

	}

	/**
	 * Waits for a worker that begins its transaction when the application stops.
	 */
	static class WaitingLifecycle implements SmartLifecycle {

		private final Work work;

		private final CountDownLatch stopped = new CountDownLatch(1);

		private final AtomicInteger done = new AtomicInteger();

		private volatile boolean running;

		WaitingLifecycle(Work work) {
			this.work = work;
		}

		@Override
		public void start() {
			this.running = true;
		}

		@Override
		public void stop() {
			this.running = false;
			Thread worker = Thread.ofVirtual().start(() -> {
				this.work.transaction();
				this.done.incrementAndGet();
			});
			try {
				worker.join();
			}
			catch (InterruptedException ex) {
				throw new IllegalStateException(ex);
			}
			this.stopped.countDown();
		}

		@Override
		public boolean isRunning() {
			return this.running;
		}

		@Override
		public int getPhase() {
			return 0;
		}

	}

}
