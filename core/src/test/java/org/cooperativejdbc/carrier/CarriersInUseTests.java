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

import java.util.concurrent.TimeUnit;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * How many selectors are in use after periods in which so many threads were busy.
 */
class CarriersInUseTests {

	private static final long PERIOD_NANOS = TimeUnit.MILLISECONDS.toNanos(51);

	private final CarriersInUse selectors = new CarriersInUse(3, 0);

	private long now;

	@Test
	void oneIsInUseAtFirst() {
		assertThat(this.selectors.count()).isOne();
	}

	@Test
	void oneMoreIsInUseForEachThreadThatIsKeptBusy() {
		assertThat(afterPeriod(0.95)).isEqualTo(2);
		assertThat(afterPeriod(1.9)).isEqualTo(3);
	}

	@Test
	void noMoreAreInUseThanThereAre() {
		afterPeriod(2);
		afterPeriod(3);
		assertThat(afterPeriod(3)).isEqualTo(3);
	}

	@Test
	void oneSufficesForAThreadThatHasTimeToWait() {
		assertThat(afterPeriod(0.8)).isOne();
	}

	@Test
	void smallChangesMoveNothing() {
		afterPeriod(0.95);
		assertThat(afterPeriod(0.7)).isEqualTo(2);
		assertThat(afterPeriod(1.6)).isEqualTo(2);
	}

	@Test
	void fewerAreInUseWhenTheThreadsHaveTimeToWait() {
		afterPeriod(0.95);
		afterPeriod(1.9);
		assertThat(afterPeriod(1.1)).isEqualTo(2);
		assertThat(afterPeriod(0.5)).isOne();
		assertThat(afterPeriod(0)).isOne();
	}

	@Test
	void timesOfOnePeriodAreAddedUp() {
		for (int i = 1; i <= 10; i++) {
			busy(i * PERIOD_NANOS / 10, 0.095);
		}
		assertThat(this.selectors.count()).isEqualTo(2);
	}

	private int afterPeriod(double busyThreads) {
		this.now += PERIOD_NANOS;
		busy(this.now, busyThreads);
		return this.selectors.count();
	}

	private void busy(long end, double periods) {
		this.selectors.busy(end - (long) (periods * PERIOD_NANOS), end);
	}

}
