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

import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * When callers that were refused are asked back.
 */
class RefusedCallersTests {

	private static final long INTERVAL = TimeUnit.SECONDS.toNanos(1) / 800;

	private static final long MAX = RefusedCallers.MAX.toNanos();

	private final RefusedCallers refused = new RefusedCallers(0);

	@Test
	void oneIsAskedBackAfterTheNextOneIsServed() {
		assertThat(this.refused.add(0, INTERVAL)).isBetween(0L, INTERVAL);
	}

	/**
	 * A closed crowd that comes back when it is told to: 5,000 clients for a pool that
	 * serves 800 a second. After a while about as many are refused as are served.
	 */
	@Test
	void clientsThatComeBackAreNotRefusedMuchMoreOftenThanServed() {
		TreeMap<Long, Integer> coming = new TreeMap<>(Map.of(0L, 5000));
		int arrived = 0;
		for (long second = 0; second < 90; second++) {
			int now = coming.getOrDefault(second, 0);
			arrived += (second >= 30) ? now : 0;
			coming.merge(second + 1, Math.min(now, 800), Integer::sum);
			for (int i = 800; i < now; i++) {
				long wait = this.refused.add(TimeUnit.SECONDS.toNanos(second) + i, INTERVAL);
				coming.merge(second + Math.max(1, Math.ceilDiv(wait, TimeUnit.SECONDS.toNanos(1))), 1, Integer::sum);
			}
		}
		assertThat(arrived / 60).isBetween(1000, 2400);
	}

	@Test
	void nobodyIsSentAwayForLongerThanTheMaximum() {
		for (int i = 0; i < 1_000_000; i++) {
			assertThat(this.refused.add(0, INTERVAL) <= MAX).isTrue();
		}
		assertThat(this.refused.add(MAX, INTERVAL)).isBetween(0L, INTERVAL);
	}

	@Test
	void nothingIsKnownBeforeTheFirstOneIsServed() {
		assertThat(this.refused.add(0, 0)).isZero();
	}

}
