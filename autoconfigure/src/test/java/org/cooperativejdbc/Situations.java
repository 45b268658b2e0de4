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
import java.sql.Statement;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import org.cooperativejdbc.carrier.EventLoops;
import org.cooperativejdbc.pool.CooperativeDataSource;

import org.springframework.context.ApplicationContext;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * What figures are about, brought about.
 */
final class Situations {

	private static final String CANCELED = "57014";

	private final CooperativeDataSource pool;

	private final ThreadFactory threads;

	Situations(ApplicationContext context) {
		this.pool = context.getBean(CooperativeDataSource.class);
		EventLoops loops = context.getBeanProvider(EventLoops.class).getIfAvailable();
		this.threads = (loops != null) ? loops.threadFactory("situation-") : Thread.ofVirtual().factory();
	}

	CooperativeDataSource pool() {
		return this.pool;
	}

	CompletableFuture<String> query(String sql) {
		return start(() -> execute(sql));
	}

	<T> CompletableFuture<T> start(Callable<T> task) {
		CompletableFuture<T> result = new CompletableFuture<>();
		this.threads.newThread(() -> {
			try {
				result.complete(task.call());
			}
			catch (Throwable ex) {
				result.completeExceptionally(ex);
			}
		}).start();
		return result;
	}

	private String execute(String sql) throws SQLException {
		try (Connection connection = this.pool.getConnection(); Statement statement = connection.createStatement()) {
			statement.execute(sql);
			return "done";
		}
		catch (SQLException ex) {
			return String.valueOf(ex.getSQLState());
		}
	}

	void statementIsCanceledAtADeadline() throws Exception {
		assertThat(get(query("select 1"))).isEqualTo("done");
		assertThat(get(start(() -> {
			try (Deadline.Scope scope = Deadline.after(Duration.ofMillis(300)).enter()) {
				return execute("select pg_sleep(60)");
			}
		}))).isEqualTo(CANCELED);
	}

	void statementIsCanceledByAnInterrupt() throws Exception {
		assertThat(get(start(() -> {
			try (Connection connection = this.pool.getConnection();
					Statement statement = connection.createStatement()) {
				Thread.currentThread().interrupt();
				assertThatExceptionOfType(SQLException.class).isThrownBy(() -> statement.execute("select pg_sleep(60)"))
					.satisfies((ex) -> assertThat(ex.getSQLState()).isEqualTo(CANCELED));
				return Thread.interrupted();
			}
		}))).isTrue();
	}

	/**
	 * To be called when the server has fallen silent.
	 */
	void connectionIsClosedForWantOfAnAnswer(Connection connection) throws Exception {
		get(start(() -> {
			try (Statement statement = connection.createStatement();
					Deadline.Scope scope = Deadline.after(Duration.ofMillis(50)).enter()) {
				assertThatExceptionOfType(SQLException.class).isThrownBy(() -> statement.execute("select 1"))
					.satisfies((ex) -> assertThat(ex.getSQLState()).isEqualTo("08006"));
			}
			return true;
		}));
	}

	/**
	 * A thread of an event loop that is not ours is refused a statement and a connection.
	 */
	void eventLoopIsRefused() throws Exception {
		EventLoopGroup group = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
		try (Connection connection = this.pool.getConnection(); Statement statement = connection.createStatement()) {
			group.submit(() -> {
				assertThatExceptionOfType(SQLException.class).isThrownBy(() -> statement.execute("select 1"))
					.withRootCauseInstanceOf(BlockingOnEventLoopException.class);
				return assertThatExceptionOfType(SQLException.class).isThrownBy(this.pool::getConnection)
					.withRootCauseInstanceOf(BlockingOnEventLoopException.class);
			}).get(20, TimeUnit.SECONDS);
		}
		finally {
			group.shutdownGracefully(0, 1, TimeUnit.SECONDS);
		}
	}

	static void awaitThat(BooleanSupplier condition) {
		long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
		while (!condition.getAsBoolean()) {
			assertThat(System.nanoTime()).as("time").isLessThan(end);
			Thread.onSpinWait();
		}
	}

	static <T> T get(CompletableFuture<T> future) throws Exception {
		return future.get(20, TimeUnit.SECONDS);
	}

}
