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
import java.util.concurrent.ConcurrentHashMap;

import org.jspecify.annotations.Nullable;

/**
 * What was seen of transactions of one name. Written by the sampler alone.
 */
final class HoldSamples {

	/**
	 * The most places kept for a transaction.
	 */
	private static final int MAX_PLACES = 50;

	/**
	 * How often transactions have to be seen waiting at a place before it is reported.
	 */
	private static final int WAITS_BEFORE_REPORT = 25;

	private static final Place NOWHERE = new Place();

	private final String transaction;

	private final Map<String, Place> places = new ConcurrentHashMap<>();

	private volatile long samples;

	private volatile long idle;

	HoldSamples(String transaction) {
		this.transaction = transaction;
	}

	@SuppressWarnings("NonAtomicOperationOnVolatileField")
	void busy() {
		this.samples++;
	}

	/**
	 * Note that a transaction was idle at a place.
	 * @param name the place
	 * @param waiting whether its thread waited there, rather than compute
	 * @return whether transactions spend their time waiting there, said once for each
	 * place
	 */
	@SuppressWarnings("NonAtomicOperationOnVolatileField")
	boolean idle(String name, boolean waiting) {
		this.samples++;
		this.idle++;
		if (this.places.size() >= MAX_PLACES && !this.places.containsKey(name)) {
			return false;
		}
		Place place = this.places.computeIfAbsent(name, (key) -> new Place());
		place.samples++;
		place.waits += waiting ? 1 : 0;
		if (place.reported || place.waits < WAITS_BEFORE_REPORT || 2 * place.waits < this.samples) {
			return false;
		}
		place.reported = true;
		return true;
	}

	long samples() {
		return this.samples;
	}

	long idle() {
		return this.idle;
	}

	HoldTime result() {
		String worst = null;
		Place place = NOWHERE;
		for (Map.Entry<String, Place> entry : this.places.entrySet()) {
			if (entry.getValue().samples > place.samples) {
				worst = entry.getKey();
				place = entry.getValue();
			}
		}
		return result(worst, place.samples);
	}

	private HoldTime result(@Nullable String place, long placeSamples) {
		double samples = Math.max(1, this.samples);
		return new HoldTime(this.transaction, this.samples, this.idle / samples, place, placeSamples / samples);
	}

	private static final class Place {

		private volatile long samples;

		private long waits;

		private boolean reported;

	}

}
