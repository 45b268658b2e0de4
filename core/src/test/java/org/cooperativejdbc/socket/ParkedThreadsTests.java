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

package org.cooperativejdbc.socket;

import java.io.IOException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import org.cooperativejdbc.InterruptPolicy;
import org.cooperativejdbc.carrier.EventLoops;
import org.cooperativejdbc.carrier.NettyEventLoops;
import org.cooperativejdbc.test.TestDatabase;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * A crowd of virtual threads parks and goes on, on a small pool, and none is lost: each
 * gets its turns as long as there are any, and ends when told to. The threads queue in
 * front of the pool, because HikariCP is not fair: a thread that returns a connection and
 * borrows again at once gets it before those that wait.
 */
class ParkedThreadsTests {

	private static final int THREADS = Integer.getInteger("parked.threads", 30_000);

	/**
	 * How long the threads take turns at least.
	 */
	private static final int SECONDS = Integer.getInteger("parked.seconds", 1);

	private static final int POOL_SIZE = 8;

	/**
	 * How many threads may be at the pool, of which half wait there.
	 */
	private static final int ADMITTED = 2 * POOL_SIZE;

	/**
	 * How long the slowest thread may take for a turn.
	 */
	private static final Duration LIMIT = Duration.ofMinutes(2);

	@ParameterizedTest
	@EnumSource
	void noneIsLost(Model model) throws Exception {
		try (Carriers carriers = model.start(); Crowd crowd = new Crowd(carriers)) {
			crowd.start();
			crowd.awaitTurns();
			crowd.stop();
			System.out.println("Parked threads, " + model + ": " + crowd);
			crowd.assertNoneLost();
		}
	}

	/**
	 * What carries the threads, and their sockets.
	 */
	enum Model {

		VIRTUAL {

			@Override
			Carriers start() {
				return new Carriers(Thread.ofVirtual().factory(),
						() -> new ParkingSocket((thread) -> false, InterruptPolicy.DEFER, Duration.ofSeconds(5)),
						() -> {
						});
			}

		},

		EVENT_LOOP {

			@Override
			Carriers start() throws IOException {
				EventLoops loops = EventLoops.start(2);
				return carriers(loops, loops);
			}

		},

		NETTY {

			@Override
			Carriers start() throws IOException {
				NettyEventLoops netty = new NettyEventLoops(2, EventLoops.DEFAULT_STALL_THRESHOLD);
				return carriers(netty, netty);
			}

		};

		abstract Carriers start() throws IOException;

		private static Carriers carriers(EventLoops loops, AutoCloseable closeable) {
			return new Carriers(loops.threadFactory("parked-"),
					() -> new CooperativeSocket(loops, (thread) -> false, InterruptPolicy.DEFER, Duration.ofSeconds(5)),
					closeable);
		}

	}

	private record Carriers(ThreadFactory threads, CooperativeSocketFactory.SocketSupplier sockets,
			AutoCloseable closeable) implements AutoCloseable {

		@Override
		public void close() throws Exception {
			this.closeable.close();
		}

	}

	/**
	 * The threads and their pool.
	 */
	private static final class Crowd implements AutoCloseable {

		private final ThreadFactory threads;

		private final String key;

		private final HikariDataSource pool;

		private final Semaphore admission = new Semaphore(ADMITTED, true);

		private final AtomicIntegerArray turns = new AtomicIntegerArray(THREADS);

		private final CountDownLatch first = new CountDownLatch(THREADS);

		private final CountDownLatch ended = new CountDownLatch(THREADS);

		private final LongAdder statements = new LongAdder();

		private final AtomicLong longest = new AtomicLong();

		private final Map<String, Integer> failures = new ConcurrentHashMap<>();

		private volatile boolean stopped;

		Crowd(Carriers carriers) {
			this.threads = carriers.threads();
			this.key = CooperativeSocketFactory.register(carriers.sockets());
			HikariConfig config = new HikariConfig();
			config.setJdbcUrl(TestDatabase.instance().url());
			config.setUsername(TestDatabase.instance().username());
			config.setPassword(TestDatabase.instance().password());
			config.setMaximumPoolSize(POOL_SIZE);
			config.setConnectionTimeout(LIMIT.toMillis());
			config.addDataSourceProperty("socketFactory", CooperativeSocketFactory.class.getName());
			config.addDataSourceProperty("socketFactoryArg", this.key);
			this.pool = new HikariDataSource(config);
		}

		void start() {
			for (int i = 0; i < THREADS; i++) {
				int number = i;
				this.threads.newThread(() -> run(number)).start();
			}
		}

		private void run(int number) {
			try {
				while (!this.stopped) {
					long start = System.nanoTime();
					takeTurn(number);
					this.longest.accumulateAndGet(System.nanoTime() - start, Math::max);
				}
			}
			catch (SQLException | RuntimeException | Error ex) {
				this.failures.merge(ex.getClass().getName(), 1, Integer::sum);
			}
			finally {
				this.ended.countDown();
			}
		}

		private void takeTurn(int number) throws SQLException {
			this.admission.acquireUninterruptibly();
			try {
				if (!this.stopped) {
					query(number);
					if (this.turns.incrementAndGet(number) == 1) {
						this.first.countDown();
					}
				}
			}
			finally {
				this.admission.release();
			}
		}

		private void query(int number) throws SQLException {
			String sql = (number % 32 == 0) ? "select ?::int from pg_sleep(0.002)" : "select ?::int";
			try (Connection connection = this.pool.getConnection();
					PreparedStatement statement = connection.prepareStatement(sql)) {
				statement.setInt(1, number);
				try (ResultSet result = statement.executeQuery()) {
					assertThat(result.next()).isTrue();
					assertThat(result.getInt(1)).isEqualTo(number);
				}
			}
			this.statements.increment();
		}

		/**
		 * Return when time is over and each thread has had a turn.
		 */
		void awaitTurns() throws InterruptedException {
			this.ended.await(SECONDS, TimeUnit.SECONDS);
			this.first.await(LIMIT.toSeconds(), TimeUnit.SECONDS);
		}

		void stop() throws InterruptedException {
			this.stopped = true;
			this.ended.await(LIMIT.toSeconds(), TimeUnit.SECONDS);
		}

		void assertNoneLost() {
			assertThat(this.failures).isEmpty();
			assertThat(this.first.getCount()).as("threads without a turn").isZero();
			assertThat(this.ended.getCount()).as("threads that have not ended").isZero();
			assertThat(this.pool.getHikariPoolMXBean().getActiveConnections()).isZero();
			assertThat(this.pool.getHikariPoolMXBean().getThreadsAwaitingConnection()).isZero();
		}

		@Override
		public void close() {
			this.pool.close();
			CooperativeSocketFactory.unregister(this.key);
		}

		@Override
		public String toString() {
			return THREADS + " threads, " + this.statements + " statements, longest turn "
					+ TimeUnit.NANOSECONDS.toMillis(this.longest.get()) + " ms, without a turn " + this.first.getCount()
					+ ", not ended " + this.ended.getCount() + " " + this.failures;
		}

	}

}
