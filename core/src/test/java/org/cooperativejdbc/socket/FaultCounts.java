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

import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What happened to those who used a pool under faults.
 */
final class FaultCounts {

	final AtomicLong injected = new AtomicLong();

	final AtomicLong queries = new AtomicLong();

	final AtomicLong own = new AtomicLong();

	final AtomicLong refused = new AtomicLong();

	final AtomicLong garbled = new AtomicLong();

	final AtomicLong confused = new AtomicLong();

	final AtomicLong foreign = new AtomicLong();

	final AtomicLong hangs = new AtomicLong();

	final AtomicLong lost = new AtomicLong();

	private final Map<String, Integer> unclear = new ConcurrentHashMap<>();

	void unclear(String what) {
		this.unclear.merge(what, 1, Integer::sum);
	}

	void add(FaultCounts other) {
		this.injected.addAndGet(other.injected.get());
		this.queries.addAndGet(other.queries.get());
		this.own.addAndGet(other.own.get());
		this.refused.addAndGet(other.refused.get());
		this.garbled.addAndGet(other.garbled.get());
		this.confused.addAndGet(other.confused.get());
		this.foreign.addAndGet(other.foreign.get());
		this.hangs.addAndGet(other.hangs.get());
		this.lost.addAndGet(other.lost.get());
		this.unclear.putAll(other.unclear);
	}

	void assertSound() {
		assertThat(this.foreign).as("foreign rows").hasValue(0);
		assertThat(this.hangs).as("hangs").hasValue(0);
		assertThat(this.lost).as("lost").hasValue(0);
		assertThat(this.unclear).isEmpty();
	}

	@Override
	public String toString() {
		return this.injected + " faults injected, " + this.queries + " queries, " + this.own + " own rows, "
				+ this.refused + " refused, " + this.garbled + " garbled, " + this.confused
				+ " unchecked exceptions of a driver that read corrupt bytes, " + this.foreign + " foreign rows, "
				+ this.hangs + " hangs, " + this.lost + " lost" + new TreeMap<>(this.unclear);
	}

}
