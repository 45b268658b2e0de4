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

package org.cooperativejdbc.carrier;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link Timers}.
 */
class TimersTests {

	private final AtomicLong now = new AtomicLong(Long.MAX_VALUE - 1000);

	private final Timers timers = new Timers(this.now::get);

	private final AtomicInteger runs = new AtomicInteger();

	@Test
	void noTimerEndsBeforeItsTime() {
		this.timers.add(this.runs::incrementAndGet, Duration.ofMillis(2).plusNanos(1).toNanos());
		assertThat(this.timers.millisUntilFirst()).isEqualTo(3);
		this.now.addAndGet(Duration.ofMillis(2).toNanos());
		this.timers.expire();
		assertThat(this.runs).hasValue(0);
		assertThat(this.timers.millisUntilFirst()).isEqualTo(1);
		this.now.incrementAndGet();
		this.timers.expire();
		assertThat(this.runs).hasValue(1);
		assertThat(this.timers.millisUntilFirst()).isZero();
	}

	@Test
	void timersEndInTheirOrder() {
		Timers.Timer second = this.timers.add(this.runs::incrementAndGet, Duration.ofMillis(5).toNanos());
		Timers.Timer first = this.timers.add(this.runs::incrementAndGet, Duration.ofMillis(5).toNanos() - 1);
		assertThat(this.timers.isFirst(first)).isTrue();
		first.cancel(false);
		assertThat(this.timers.isFirst(second)).isTrue();
		this.now.addAndGet(Duration.ofMillis(5).toNanos());
		this.timers.expire();
		assertThat(this.runs).hasValue(1);
	}

	@Test
	void lessThanAMillisecondIsLeftToTheJdk() throws Exception {
		CountDownLatch end = new CountDownLatch(1);
		this.timers.add(end::countDown, Duration.ofNanos(999_999).toNanos());
		assertThat(this.timers.millisUntilFirst()).isZero();
		assertThat(end.await(20, TimeUnit.SECONDS)).isTrue();
	}

	@Test
	void timersThatAreHandedOverEndAsWell() throws Exception {
		CountDownLatch end = new CountDownLatch(1);
		this.timers.add(end::countDown, Duration.ofMillis(2).toNanos());
		this.timers.handOver();
		assertThat(this.timers.millisUntilFirst()).isZero();
		assertThat(end.await(20, TimeUnit.SECONDS)).isTrue();
	}

}
