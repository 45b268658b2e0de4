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

package org.cooperativejdbc.benchmark.driver;

import java.io.IOException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ThreadFactory;

import com.zaxxer.hikari.HikariConfig;
import org.cooperativejdbc.benchmark.load.Load;
import org.cooperativejdbc.benchmark.load.Recording;
import org.cooperativejdbc.driver.ConnectionSource;
import org.cooperativejdbc.driver.DriverSupport;
import org.cooperativejdbc.driver.DriverSupports;
import org.cooperativejdbc.driver.Installation;
import org.cooperativejdbc.socket.CooperativeSocketFactory;

/**
 * JDBC, a thread for each connection.
 */
final class JdbcLoad implements Load {

	private final String url;

	private final Properties properties;

	private final ThreadFactory threadFactory;

	JdbcLoad(String url, Properties properties, ThreadModel.Threads threads) throws IOException {
		this.url = url;
		this.properties = properties;
		this.threadFactory = threads.factory();
		if (!threads.plainSockets()) {
			install(threads);
		}
	}

	private void install(ThreadModel.Threads threads) {
		ConnectionSource source = new ConnectionSource("benchmark", this.url, null, null, new Properties(),
				Duration.ofSeconds(30), HikariConfig.class);
		DriverSupport support = DriverSupports.load(List.of(), getClass().getClassLoader()).find(source);
		if (support == null || !(support.install(source, CooperativeSocketFactory.register(threads.sockets()),
				Duration.ofSeconds(5)) instanceof Installation.Installed installed)) {
			throw new IllegalStateException("No sockets for " + this.url);
		}
		this.properties.putAll(installed.properties());
	}

	@Override
	public Running start(int connections, Recording recording) {
		List<Worker> workers = new ArrayList<>();
		for (int i = 0; i < connections; i++) {
			workers.add(new Worker(recording));
		}
		List<Thread> threads = workers.stream().map(this.threadFactory::newThread).toList();
		threads.forEach(Thread::start);
		workers.forEach((worker) -> worker.connected.join());
		return () -> stop(workers, threads);
	}

	private static void stop(List<Worker> workers, List<Thread> threads) throws InterruptedException {
		workers.forEach((worker) -> worker.stopped = true);
		for (Thread thread : threads) {
			thread.join();
		}
	}

	private final class Worker implements Runnable {

		private final CompletableFuture<Boolean> connected = new CompletableFuture<>();

		private final Recording recording;

		private volatile boolean stopped;

		private Worker(Recording recording) {
			this.recording = recording;
		}

		@Override
		public void run() {
			try (Connection connection = DriverManager.getConnection(JdbcLoad.this.url, JdbcLoad.this.properties);
					PreparedStatement statement = connection.prepareStatement(Query.withParameter("?"))) {
				this.connected.complete(true);
				send(statement);
			}
			catch (SQLException ex) {
				this.recording.failed(ex.toString());
				this.connected.completeExceptionally(ex);
			}
		}

		private void send(PreparedStatement statement) throws SQLException {
			Recording.Lane lane = this.recording.newLane();
			while (!this.stopped) {
				statement.setInt(1, Query.randomId());
				try (ResultSet result = statement.executeQuery()) {
					result.next();
					result.getInt(1);
					result.getString(2);
				}
				lane.completed();
			}
		}

	}

}
