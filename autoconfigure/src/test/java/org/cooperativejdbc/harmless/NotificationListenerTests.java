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
import java.sql.Statement;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

import javax.sql.DataSource;

import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.postgresql.PGConnection;

import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.SmartLifecycle;
import org.springframework.context.annotation.Import;
import org.springframework.core.env.Environment;
import org.springframework.jdbc.core.JdbcTemplate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * A bean that waits for notifications for as long as the application runs, on a virtual
 * thread. No statement is under way, so that there is nothing to cancel.
 */
@Timeout(60)
class NotificationListenerTests {

	@ParameterizedTest
	@CsvSource({ "false, virtual", "true, platform", "true, virtual", "true, event-loop" })
	void interruptEndsTheWait(boolean starter, String model) throws Exception {
		try (ConfigurableApplicationContext context = start(starter, model, false)) {
			Listener listener = context.getBean(Listener.class);
			listener.task.cancel(true);
			assertThat(listener.ended.get(10, TimeUnit.SECONDS)).startsWith("08");
		}
	}

	@ParameterizedTest
	@CsvSource({ "false, virtual", "true, platform", "true, virtual", "true, event-loop" })
	void stoppingTheBeanEndsTheWait(boolean starter, String model) throws Exception {
		try (ConfigurableApplicationContext context = start(starter, model, true)) {
			Listener listener = context.getBean(Listener.class);
			listener.stop();
			assertThat(listener.ended.get(10, TimeUnit.SECONDS)).startsWith("08");
		}
	}

	@ParameterizedTest
	@CsvSource({ "false, virtual", "true, platform", "true, virtual", "true, event-loop" })
	void closingTheApplicationEndsTheWait(boolean starter, String model) throws Exception {
		ConfigurableApplicationContext context = start(starter, model, false);
		Listener listener = context.getBean(Listener.class);
		long began = System.nanoTime();
		context.close();
		assertThat(listener.ended.get(10, TimeUnit.SECONDS)).startsWith("08");
		assertThat(System.nanoTime() - began).isLessThan(TimeUnit.SECONDS.toNanos(15));
	}

	private static ConfigurableApplicationContext start(boolean starter, String model, boolean stopping) {
		ConfigurableApplicationContext context = Trial.start(starter, model, List.of(Application.class),
				"spring.datasource.hikari.maximum-pool-size=2", "cooperative.jdbc.cancel-grace=700ms",
				"stopping=" + stopping);
		Listener listener = context.getBean(Listener.class);
		JdbcTemplate jdbc = context.getBean(JdbcTemplate.class);
		await().until(() -> {
			jdbc.execute("notify harmless");
			return listener.notified;
		});
		await().until(() -> listener.thread.getState() == Thread.State.WAITING
				|| listener.thread.getState() == Thread.State.TIMED_WAITING);
		return context;
	}

	@SpringBootConfiguration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	@Import(Listener.class)
	static class Application {

	}

	static class Listener implements SmartLifecycle {

		private final ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor();

		private final CompletableFuture<String> ended = new CompletableFuture<>();

		private final DataSource dataSource;

		private final boolean stopping;

		private volatile Thread thread;

		private volatile Future<?> task;

		private volatile boolean notified;

		Listener(DataSource dataSource, Environment environment) {
			this.dataSource = dataSource;
			this.stopping = environment.getRequiredProperty("stopping", Boolean.class);
		}

		@Override
		public void start() {
			this.task = this.executor.submit(this::listen);
		}

		private void listen() {
			this.thread = Thread.currentThread();
			try (Connection connection = this.dataSource.getConnection();
					Statement statement = connection.createStatement()) {
				statement.execute("listen harmless");
				PGConnection driver = connection.unwrap(PGConnection.class);
				while (true) {
					this.notified |= driver.getNotifications(0).length > 0;
				}
			}
			catch (SQLException ex) {
				this.ended.complete(ex.getSQLState());
			}
		}

		@Override
		public void stop() {
			if (this.stopping) {
				this.executor.shutdownNow();
			}
			this.task = null;
		}

		@Override
		public boolean isRunning() {
			return this.task != null;
		}

	}

}
