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

import java.io.IOException;
import java.net.Socket;
import java.time.Duration;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

import com.zaxxer.hikari.HikariDataSource;
import org.cooperativejdbc.carrier.EventLoops;
import org.cooperativejdbc.driver.PostgresqlDriver;
import org.cooperativejdbc.pool.HikariTuning;
import org.cooperativejdbc.socket.CooperativeSocket;
import org.cooperativejdbc.socket.CooperativeSocketFactory;
import org.cooperativejdbc.test.TestDatabase;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Where the driver connects. A factory is asked for a socket by the thread that resolves
 * the name, connects and negotiates TLS.
 */
class ConnectPathTests {

	private final Queue<Thread> connecting = new ConcurrentLinkedQueue<>();

	@Test
	void tunedPoolNeverConnectsOnACarriedThread() throws Exception {
		borrowOnACarriedThread(true);
		assertThat(this.connecting).isNotEmpty().noneMatch(Thread::isVirtual);
	}

	/**
	 * The control: with no limit to the time to connect, the thread that borrows first
	 * connects.
	 */
	@Test
	void untunedPoolWithoutConnectionTimeoutConnectsOnTheThreadThatBorrowsFirst() throws Exception {
		borrowOnACarriedThread(false);
		assertThat(this.connecting).anyMatch(Thread::isVirtual);
	}

	private void borrowOnACarriedThread(boolean tuned) throws Exception {
		TestDatabase database = TestDatabase.instance();
		try (EventLoops loops = EventLoops.start(1); HikariDataSource pool = new HikariDataSource()) {
			String key = CooperativeSocketFactory.register(() -> newSocket(loops));
			pool.setJdbcUrl(database.url());
			pool.setUsername(database.username());
			pool.setPassword(database.password());
			pool.setMaximumPoolSize(2);
			pool.setConnectionTimeout(0);
			PostgresqlDriver.install(pool.getDataSourceProperties(), key);
			if (tuned) {
				HikariTuning.apply(pool, ConcurrencyModel.EVENT_LOOP, Duration.ofSeconds(5));
			}
			Thread borrower = loops.threadFactory("borrower-").newThread(() -> borrow(pool));
			borrower.start();
			assertThat(borrower.join(Duration.ofSeconds(30))).isTrue();
			CooperativeSocketFactory.unregister(key);
		}
	}

	private Socket newSocket(EventLoops loops) throws IOException {
		this.connecting.add(Thread.currentThread());
		return new CooperativeSocket(loops, (thread) -> false, InterruptPolicy.DEFER, Duration.ofSeconds(5));
	}

	private static void borrow(HikariDataSource pool) {
		try {
			pool.getConnection().close();
		}
		catch (Exception ex) {
			throw new IllegalStateException(ex);
		}
	}

}
