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

import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;

/**
 * The callers that were refused and will come back. By Little's law, as many as come in
 * one second need their number divided by the throughput to be served, so that each is
 * asked back at a random time within what all of them need: then they come at the rate at
 * which they can be served, rather than all at once.
 * <p>
 * Those that were refused long ago have come back, and are refused again or served. Must
 * be called with the lock of the queue.
 */
final class RefusedCallers {

	/**
	 * The longest time for which a caller is sent away, and after which it is forgotten.
	 */
	static final Duration MAX = Duration.ofSeconds(30);

	private long needed;

	private long since;

	RefusedCallers(long now) {
		this.since = now;
	}

	/**
	 * Add a caller.
	 * @param now the time
	 * @param interval the nanoseconds from one caller that is served to the next one
	 * @return the nanoseconds after which it should come back
	 */
	long add(long now, long interval) {
		this.needed = Math.min(MAX.toNanos(), Math.max(0, this.needed - (now - this.since)) + interval);
		this.since = now;
		return ThreadLocalRandom.current().nextLong(this.needed + 1);
	}

}
