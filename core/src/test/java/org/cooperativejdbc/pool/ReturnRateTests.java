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

import java.util.concurrent.TimeUnit;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link ReturnRate}.
 */
class ReturnRateTests {

	private static final long MILLI = TimeUnit.MILLISECONDS.toNanos(1);

	private final ReturnRate rate = new ReturnRate(500 * MILLI);

	private long now = 1_000_000 * MILLI;

	@Test
	void isUnknownAtFirst() {
		this.rate.queued(this.now);
		handOver(4, 10);
		assertThat(interval()).isZero();
	}

	@Test
	void isTheMeanOfTheLatestIntervals() {
		this.rate.queued(this.now);
		handOver(33, 100);
		assertThat(interval()).isEqualTo(100);
		handOver(32, 20);
		assertThat(interval()).isEqualTo(20);
	}

	@Test
	void timeInWhichNobodyWaitedDoesNotCount() {
		this.rate.queued(this.now);
		handOver(20, 10);
		this.now += 400 * MILLI;
		this.rate.queued(this.now);
		handOver(20, 10);
		assertThat(interval()).isEqualTo(10);
	}

	@Test
	void pauseInWhichNobodyWaitedSaysNothingAboutWhatComesAfterIt() {
		this.rate.queued(this.now);
		handOver(20, 100);
		this.now += 500 * MILLI;
		this.rate.queued(this.now);
		assertThat(interval()).isZero();
	}

	/**
	 * Reports hold all connections for 15 seconds, then short lookups go on.
	 */
	@Test
	void pauseSaysNothingAboutWhatComesAfterIt() {
		this.rate.queued(this.now);
		handOver(20, 10);
		this.now += 15_000 * MILLI;
		this.rate.handedOver(this.now);
		assertThat(interval()).isZero();
		handOver(20, 25);
		assertThat(interval()).isEqualTo(25);
	}

	/**
	 * The server hangs.
	 */
	@Test
	void pauseThatLastsIsTheInterval() {
		this.rate.queued(this.now);
		handOver(20, 10);
		this.now += 700 * MILLI;
		assertThat(interval()).isEqualTo(700);
	}

	private void handOver(int count, long intervalMillis) {
		for (int i = 0; i < count; i++) {
			this.now += intervalMillis * MILLI;
			this.rate.handedOver(this.now);
		}
	}

	private long interval() {
		return this.rate.interval(this.now) / MILLI;
	}

}
