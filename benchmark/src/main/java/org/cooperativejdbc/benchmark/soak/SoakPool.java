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

package org.cooperativejdbc.benchmark.soak;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.WeakHashMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import com.zaxxer.hikari.HikariPoolMXBean;
import org.cooperativejdbc.ConcurrencyModel;
import org.cooperativejdbc.benchmark.Database.Target;
import org.cooperativejdbc.benchmark.driver.ThreadModel.Threads;
import org.cooperativejdbc.carrier.CarrierThread;
import org.cooperativejdbc.driver.CancellingDriver;
import org.cooperativejdbc.driver.PostgresqlDriver;
import org.cooperativejdbc.pool.CooperativeDataSource;
import org.cooperativejdbc.pool.HikariTuning;
import org.cooperativejdbc.pool.HoldTimes;
import org.cooperativejdbc.pool.PoolSettings;
import org.cooperativejdbc.pool.QueueLimits;
import org.cooperativejdbc.socket.CooperativeSocketFactory;
import org.postgresql.PGConnection;

/**
 * A pool, the threads that use it, and those that disturb them.
 */
final class SoakPool implements AutoCloseable {

	private static final Duration GRACE = Duration.ofSeconds(5);

	/**
	 * The numbers of this process, and of each pool, are others than those of the rest.
	 */
	private static final int NUMBERS_OF_PROCESS = 40;

	/**
	 * After this time, a thread that has been told to stop hangs. The longest wait is for
	 * a notification.
	 */
	private static final long HANG_SECONDS = 90;

	private static final long SETTLE_SECONDS = 30;

	private final String name;

	private final Target target;

	private final ThreadFactory threadFactory;

	private final CooperativeDataSource dataSource;

	private final Counts counts = new Counts();

	private final List<Worker> workers = new ArrayList<>();

	private final Set<Thread> running = ConcurrentHashMap.newKeySet();

	private final Set<Thread> helping = ConcurrentHashMap.newKeySet();

	private final AtomicLong numbers;

	private final Postman postman;

	private final Disturbance disturbance;

	/**
	 * Connections whose backend is terminated, or that are aborted, sooner or later.
	 */
	private final Set<PGConnection> doomed = Collections
		.synchronizedSet(Collections.newSetFromMap(new WeakHashMap<>()));

	private volatile boolean stopped;

	private volatile boolean ended;

	SoakPool(SoakMain.Setup setup, Target target, Threads threads) {
		this.name = setup.model() + (target.tls() ? ", TLS" : ", plain");
		this.target = target;
		this.threadFactory = threads.factory();
		this.numbers = new AtomicLong(
				(ProcessHandle.current().pid() * 2 + (target.tls() ? 1 : 0)) << NUMBERS_OF_PROCESS);
		this.dataSource = dataSource(setup, threads);
		Random seeds = new Random(setup.seed());
		this.postman = new Postman(this);
		this.disturbance = new Disturbance(this, this.workers, new Random(seeds.nextLong()));
		for (int i = 0; i < setup.threads(); i++) {
			this.workers.add(new Worker(this, new Random(seeds.nextLong())));
		}
	}

	private CooperativeDataSource dataSource(SoakMain.Setup setup, Threads threads) {
		HikariConfig config = new HikariConfig();
		config.setPoolName(this.name);
		config.setDriverClassName(CancellingDriver.class.getName());
		config.setJdbcUrl(this.target.url());
		config.setUsername(this.target.username());
		config.setPassword(this.target.password());
		config.addDataSourceProperty("ApplicationName", this.name);
		config.setMaximumPoolSize(setup.connections());
		config.setMaxLifetime(TimeUnit.MINUTES.toMillis(2));
		config.setKeepaliveTime(TimeUnit.SECONDS.toMillis(30));
		HikariDataSource pool = new HikariDataSource();
		config.copyStateTo(pool);
		PostgresqlDriver.install(pool.getDataSourceProperties(),
				CooperativeSocketFactory.register(PostgresqlDriver.sockets(threads.sockets())));
		HikariTuning.apply(pool, ConcurrencyModel.VIRTUAL, GRACE);
		return new CooperativeDataSource(pool, new PoolSettings(QueueLimits.NONE, CarrierThread.class::isInstance,
				PostgresqlDriver::socket, new HoldTimes(Duration.ofSeconds(1)), false, Duration.ofSeconds(30), GRACE));
	}

	CooperativeDataSource dataSource() {
		return this.dataSource;
	}

	Counts counts() {
		return this.counts;
	}

	Postman postman() {
		return this.postman;
	}

	/**
	 * Return a number that no other operation has, for the server to send back.
	 */
	long nextNumber() {
		return this.numbers.incrementAndGet();
	}

	void start() {
		this.stopped = false;
		this.ended = false;
		start(Thread.ofPlatform().name("soak-postman").factory(), this.postman, this.helping);
		start(Thread.ofPlatform().name("soak-disturbance").factory(), this.disturbance, this.helping);
		this.workers.forEach(this::start);
	}

	/**
	 * Start a thread that uses the pool.
	 */
	void start(Runnable task) {
		start(this.threadFactory, task, this.running);
	}

	private static void start(ThreadFactory factory, Runnable task, Set<Thread> threads) {
		Thread thread = factory.newThread(() -> {
			try {
				task.run();
			}
			finally {
				threads.remove(Thread.currentThread());
			}
		});
		threads.add(thread);
		thread.start();
	}

	void stop() {
		this.stopped = true;
	}

	/**
	 * Return whether no more work is begun.
	 */
	boolean isStopped() {
		return this.stopped;
	}

	/**
	 * Return whether all work has ended.
	 */
	boolean isEnded() {
		return this.ended;
	}

	/**
	 * Wait for the end of all threads.
	 * @return {@code false} if they have not ended
	 */
	boolean awaitEnd() throws InterruptedException {
		long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(HANG_SECONDS);
		this.ended = awaitEnd(this.running, end);
		return awaitEnd(this.helping, end) && this.ended;
	}

	private static boolean awaitEnd(Set<Thread> threads, long end) throws InterruptedException {
		while (!threads.isEmpty() && System.nanoTime() < end) {
			TimeUnit.MILLISECONDS.sleep(10);
		}
		return threads.isEmpty();
	}

	/**
	 * Wait until HikariCP has opened what was closed.
	 */
	void awaitFull() throws InterruptedException {
		HikariPoolMXBean pool = this.dataSource.getHikariPoolMXBean();
		long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(SETTLE_SECONDS);
		while (pool.getIdleConnections() < this.dataSource.getMaximumPoolSize() && System.nanoTime() < end) {
			TimeUnit.MILLISECONDS.sleep(10);
		}
	}

	void doom(PGConnection connection) {
		this.doomed.add(connection);
	}

	boolean isDoomed(PGConnection connection) {
		return this.doomed.contains(connection);
	}

	int out() {
		return this.dataSource.getHikariPoolMXBean().getActiveConnections();
	}

	int places() {
		return this.dataSource.getPlacesTaken();
	}

	/**
	 * Return how many backends run a statement and go on doing so.
	 */
	int activeBackends() throws SQLException, InterruptedException {
		return backends("active");
	}

	private int backends(String state) throws SQLException, InterruptedException {
		try (Connection connection = connect();
				PreparedStatement select = connection.prepareStatement(
						"select count(*) from pg_stat_activity where application_name = ? and state like ?")) {
			select.setString(1, this.name);
			select.setString(2, state);
			long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(SETTLE_SECONDS);
			while (true) {
				try (ResultSet result = select.executeQuery()) {
					result.next();
					int count = result.getInt(1);
					if (count == 0 || System.nanoTime() > end) {
						return count;
					}
				}
				TimeUnit.MILLISECONDS.sleep(100);
			}
		}
	}

	/**
	 * Connect outside the pool, with pgjdbc as it is.
	 */
	Connection connect() throws SQLException {
		return DriverManager.getConnection(this.target.url(), this.target.properties());
	}

	/**
	 * Return how many backends are left after the pool was closed.
	 */
	int backendsLeft() throws SQLException, InterruptedException {
		return backends("%");
	}

	@Override
	public void close() {
		this.dataSource.close();
	}

	@Override
	public String toString() {
		return this.name + ": " + this.counts;
	}

}
