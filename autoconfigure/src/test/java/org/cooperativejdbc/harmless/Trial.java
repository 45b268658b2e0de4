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

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;

import com.zaxxer.hikari.HikariDataSource;
import org.cooperativejdbc.test.TestDatabase;

import org.springframework.boot.WebApplicationType;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * An application of one of the tests, with the starter or, as a control, without it.
 */
public final class Trial {

	static final int TIMEOUT_SECONDS = 20;

	private Trial() {
	}

	/**
	 * Start an application.
	 * @param starter whether the starter does anything
	 * @param model the concurrency model
	 * @param sources the classes that it consists of
	 * @param properties its other properties
	 */
	public static ConfigurableApplicationContext start(boolean starter, String model, List<Class<?>> sources,
			String... properties) {
		return new SpringApplicationBuilder(sources.toArray(Class<?>[]::new)).web(WebApplicationType.NONE)
			.properties(TestDatabase.instance().properties())
			.properties("cooperative.jdbc.enabled=" + starter, "cooperative.jdbc.model=" + model,
					"spring.threads.virtual.enabled=true")
			.properties(properties)
			.run();
	}

	/**
	 * Return a pool on the database of the tests that has not started.
	 */
	static HikariDataSource pool(int size) {
		HikariDataSource pool = new HikariDataSource();
		configure(pool, size);
		return pool;
	}

	static void configure(HikariDataSource pool, int size) {
		pool.setJdbcUrl(TestDatabase.instance().url());
		pool.setUsername(TestDatabase.instance().username());
		pool.setPassword(TestDatabase.instance().password());
		pool.setMaximumPoolSize(size);
		pool.setMinimumIdle(0);
		pool.setConnectionTimeout(5000);
	}

	/**
	 * Run a task as often as given, each time on a thread of its own.
	 */
	public static <T> List<CompletableFuture<T>> inThreads(ConfigurableApplicationContext context, int count,
			Supplier<T> task) {
		Executor executor = context.getBean("applicationTaskExecutor", Executor.class);
		List<CompletableFuture<T>> running = new ArrayList<>();
		for (int i = 0; i < count; i++) {
			running.add(CompletableFuture.supplyAsync(task, executor));
		}
		return running;
	}

	/**
	 * Await the ends of tasks, none of which fails.
	 */
	public static void succeed(List<? extends CompletableFuture<?>> running) {
		assertThat(running).allSatisfy((each) -> each.get(TIMEOUT_SECONDS, TimeUnit.SECONDS));
	}

	public static void await(CyclicBarrier barrier) {
		try {
			barrier.await(TIMEOUT_SECONDS, TimeUnit.SECONDS);
		}
		catch (InterruptedException | BrokenBarrierException | TimeoutException ex) {
			throw new IllegalStateException(ex);
		}
	}

}
