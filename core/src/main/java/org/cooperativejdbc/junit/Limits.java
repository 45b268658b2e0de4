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

package org.cooperativejdbc.junit;

import java.time.Duration;

/**
 * From when on a test fails.
 *
 * @param idleHold how long a connection may be held while its thread waits for something
 * else than the database
 * @param pinned how long a virtual thread may wait without leaving its carrier
 * @param blocked how long an event loop may be kept by a thread that does not wait
 */
record Limits(Duration idleHold, Duration pinned, Duration blocked) {

	/**
	 * The times for which a carrier may be kept are long, because the first test of a JVM
	 * does much that others do not, which takes seconds on a busy machine.
	 */
	static final Limits DEFAULT = new Limits(Duration.ofMillis(500), Duration.ofSeconds(1), Duration.ofSeconds(5));

}
