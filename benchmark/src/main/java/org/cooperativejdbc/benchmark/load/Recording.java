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

package org.cooperativejdbc.benchmark.load;

import java.util.Map;
import java.util.Queue;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

import org.HdrHistogram.Histogram;

/**
 * Records how long each operation took, while it is switched on. Each connection has a
 * lane of its own, so that recording costs no contention; lanes are read when the load
 * has stopped.
 */
public final class Recording {

	private static final long LONGEST_MICROS = TimeUnit.MINUTES.toMicros(5);

	private static final int DIGITS = 2;

	private final Queue<Lane> lanes = new ConcurrentLinkedQueue<>();

	private final Map<String, Long> failures = new ConcurrentHashMap<>();

	private volatile boolean on;

	void on(boolean on) {
		this.on = on;
	}

	/**
	 * Return a new lane.
	 * @return the lane of one connection
	 */
	public Lane newLane() {
		Lane lane = new Lane();
		this.lanes.add(lane);
		return lane;
	}

	/**
	 * An operation has failed.
	 * @param kind how
	 */
	public void failed(String kind) {
		this.failures.merge(kind, 1L, Long::sum);
	}

	Map<String, Long> failures() {
		return new TreeMap<>(this.failures);
	}

	Histogram histogram() {
		return sum((lane) -> lane.histogram);
	}

	/**
	 * Return how long the operations took that were refused for the time being.
	 */
	Histogram refusals() {
		return sum((lane) -> lane.refusals);
	}

	private Histogram sum(Function<Lane, Histogram> histogram) {
		Histogram sum = new Histogram(LONGEST_MICROS, DIGITS);
		this.lanes.forEach((lane) -> sum.add(histogram.apply(lane)));
		return sum;
	}

	/**
	 * The operations of one connection.
	 */
	public final class Lane {

		private final Histogram histogram = new Histogram(LONGEST_MICROS, DIGITS);

		private final Histogram refusals = new Histogram(LONGEST_MICROS, DIGITS);

		private long start = System.nanoTime();

		/**
		 * An operation has succeeded and the next one begins.
		 */
		public void completed() {
			record(this.histogram);
		}

		/**
		 * An operation was refused for the time being.
		 */
		public void refused() {
			record(this.refusals);
		}

		/**
		 * An operation begins, after a pause.
		 */
		public void begin() {
			this.start = System.nanoTime();
		}

		private void record(Histogram histogram) {
			long now = System.nanoTime();
			if (Recording.this.on) {
				histogram.recordValue(Math.min(TimeUnit.NANOSECONDS.toMicros(now - this.start), LONGEST_MICROS));
			}
			this.start = now;
		}

		/**
		 * An operation has failed and the next one begins.
		 * @param kind how
		 */
		public void failed(String kind) {
			if (Recording.this.on) {
				Recording.this.failed(kind);
			}
			begin();
		}

	}

}
