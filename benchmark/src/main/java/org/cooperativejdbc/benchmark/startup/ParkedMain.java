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

package org.cooperativejdbc.benchmark.startup;

import java.io.IOException;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;

import com.zaxxer.hikari.HikariDataSource;
import org.cooperativejdbc.benchmark.Database.Target;
import org.cooperativejdbc.benchmark.ProcessStatistics;
import org.cooperativejdbc.benchmark.driver.ThreadModel;
import org.cooperativejdbc.benchmark.driver.ThreadModel.Threads;
import org.cooperativejdbc.driver.PostgresqlDriver;
import org.cooperativejdbc.socket.CooperativeSocketFactory;
import tools.jackson.databind.json.JsonMapper;

/**
 * The process whose threads wait. It reads its setup, answers with the memory that each
 * thread takes, and ends.
 */
public final class ParkedMain {

	private static final int POOL_SIZE = 64;

	private static final long SETTLE_MILLIS = 1_000;

	/**
	 * Threads that wait while their code is still interpreted take twice as much memory.
	 */
	private static final int WARM_UPS = 20_000;

	private static final int WARM_UPS_AT_ONCE = 200;

	private static final int EXCHANGES = 3;

	private final Setup setup;

	private final Threads threads;

	private final AtomicInteger begun = new AtomicInteger();

	private ParkedMain(Setup setup) throws IOException {
		this.setup = setup;
		this.threads = setup.model().open();
	}

	/**
	 * Let threads wait.
	 * @param args none
	 * @throws Exception if they do not
	 */
	public static void main(String[] args) throws Exception {
		PrintStream answers = System.out;
		System.setOut(System.err);
		JsonMapper json = new JsonMapper();
		ParkedMain main = new ParkedMain(json.readValue(System.in, Setup.class));
		answers.println(json.writeValueAsString(main.measure()));
		System.exit(0);
	}

	private Memory measure() throws Exception {
		return switch (this.setup.waitsFor()) {
			case SERVER -> {
				warmUp(this::exchange);
				yield measure(this::read, () -> this.begun.get() == this.setup.threads());
			}
			case POOL -> {
				HikariDataSource pool = pool();
				warmUp(() -> query(pool, "select 1"));
				yield measure(() -> query(pool, "select pg_sleep(3600)"),
						() -> pool.getHikariPoolMXBean() != null && pool.getHikariPoolMXBean()
							.getThreadsAwaitingConnection() >= this.setup.threads() - POOL_SIZE);
			}
		};
	}

	private void warmUp(Runnable task) throws InterruptedException {
		for (int i = 0; i < WARM_UPS; i += WARM_UPS_AT_ONCE) {
			List<Thread> threads = Stream.generate(() -> this.threads.factory().newThread(task))
				.limit(WARM_UPS_AT_ONCE)
				.toList();
			threads.forEach(Thread::start);
			for (Thread thread : threads) {
				thread.join();
			}
		}
	}

	private Memory measure(Runnable task, BooleanSupplier waiting) throws InterruptedException {
		double heap = heap();
		double rss = ProcessStatistics.of(ProcessHandle.current()).rssMegabytes();
		for (int i = 0; i < this.setup.threads(); i++) {
			this.threads.factory().newThread(task).start();
		}
		while (!waiting.getAsBoolean()) {
			TimeUnit.MILLISECONDS.sleep(100);
		}
		TimeUnit.MILLISECONDS.sleep(SETTLE_MILLIS);
		double heapOfThreads = heap() - heap;
		double rssOfThreads = ProcessStatistics.of(ProcessHandle.current()).rssMegabytes() - rss;
		return new Memory(heapOfThreads / this.setup.threads(), rssOfThreads * 1024 * 1024 / this.setup.threads());
	}

	private static double heap() {
		System.gc();
		System.gc();
		return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
	}

	private void exchange() {
		try (Socket socket = connect()) {
			for (int i = 0; i < EXCHANGES; i++) {
				socket.getOutputStream().write(i);
				socket.getInputStream().read(new byte[1]);
			}
		}
		catch (IOException ex) {
			throw new IllegalStateException(ex);
		}
	}

	private void read() {
		try (Socket socket = connect()) {
			this.begun.incrementAndGet();
			socket.getInputStream().read(new byte[1]);
		}
		catch (IOException ex) {
			throw new IllegalStateException(ex);
		}
	}

	private Socket connect() throws IOException {
		Socket socket = this.threads.sockets().get();
		socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), this.setup.port()));
		return socket;
	}

	private HikariDataSource pool() throws SQLException {
		HikariDataSource pool = new HikariDataSource();
		pool.setJdbcUrl(this.setup.target().url());
		this.setup.target().properties().forEach((name, value) -> pool.addDataSourceProperty((String) name, value));
		PostgresqlDriver.install(pool.getDataSourceProperties(),
				CooperativeSocketFactory.register(this.threads.sockets()));
		pool.addDataSourceProperty("options", "-c client_connection_check_interval=1000");
		pool.setMaximumPoolSize(POOL_SIZE);
		pool.setConnectionTimeout(TimeUnit.HOURS.toMillis(1));
		pool.getConnection().close();
		return pool;
	}

	private static void query(HikariDataSource pool, String sql) {
		try (Connection connection = pool.getConnection(); Statement statement = connection.createStatement()) {
			statement.execute(sql);
		}
		catch (SQLException ex) {
			throw new IllegalStateException(ex);
		}
	}

	record Setup(ThreadModel model, WaitsFor waitsFor, int threads, int port, Target target) {

	}

	record Memory(double heap, double rss) {

	}

	enum WaitsFor {

		SERVER, POOL;

		@Override
		public String toString() {
			return name().toLowerCase(Locale.ROOT);
		}

	}

}
