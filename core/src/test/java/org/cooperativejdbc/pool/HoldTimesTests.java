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

package org.cooperativejdbc.pool;

import java.sql.Connection;
import java.sql.DriverManager;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

import org.cooperativejdbc.InterruptPolicy;
import org.cooperativejdbc.socket.ParkingSocket;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link HoldTimes}.
 */
@Timeout(60)
class HoldTimesTests {

	private static final String WARNING = "A connection is held while the database does nothing for it";

	private final HoldTimes holdTimes = new HoldTimes(Duration.ofMillis(200));

	private final CountDownLatch computing = new CountDownLatch(1);

	private final AtomicBoolean computed = new AtomicBoolean();

	private final CountDownLatch answered = new CountDownLatch(1);

	/**
	 * As one that computes before it calls a service.
	 */
	@Test
	@ExtendWith(OutputCaptureExtension.class)
	void threadThatRunsWhenItIsSeenFirstIsNamedOnceItWaits(CapturedOutput output) throws Exception {
		try (Connection connection = DriverManager.getConnection("jdbc:h2:mem:");
				ParkingSocket socket = new ParkingSocket((thread) -> false, InterruptPolicy.CANCEL,
						Duration.ofSeconds(5))) {
			CompletableFuture<Borrow> borrowed = new CompletableFuture<>();
			Thread thread = Thread.ofPlatform().daemon().start(() -> {
				Borrow borrow = new Borrow(0, System.nanoTime(), null);
				borrow.connected(connection, socket);
				borrowed.complete(borrow);
				compute();
				callService();
			});
			Borrow borrow = borrowed.get(20, TimeUnit.SECONDS);
			this.computing.await();
			look(borrow);
			assertThat(borrow.idlePlace()).isNotNull();
			assertThat(borrow.isSeenWaiting()).isFalse();
			assertThat(output).doesNotContain(WARNING);
			this.computed.set(true);
			while (thread.getState() != Thread.State.WAITING) {
				Thread.onSpinWait();
			}
			look(borrow);
			look(borrow);
			assertThat(borrow.isSeenWaiting()).isTrue();
			assertThat(output).containsOnlyOnce(WARNING);
			this.answered.countDown();
			thread.join();
		}
	}

	private void look(Borrow borrow) {
		this.holdTimes.look(borrow, System.nanoTime() + TimeUnit.SECONDS.toNanos(1));
	}

	private void compute() {
		this.computing.countDown();
		while (!this.computed.get()) {
			Thread.onSpinWait();
		}
	}

	private void callService() {
		try {
			this.answered.await();
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
	}

}
