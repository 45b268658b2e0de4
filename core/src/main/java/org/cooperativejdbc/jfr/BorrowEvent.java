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

package org.cooperativejdbc.jfr;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.Threshold;
import jdk.jfr.Timespan;
import org.jspecify.annotations.Nullable;

/**
 * A thread has asked a pool for a connection.
 */
@Name("org.cooperativejdbc.Borrow")
@Label("Borrow")
@Description("A thread has asked a pool for a connection")
@Category("Cooperative JDBC")
@Threshold("20 ms")
final class BorrowEvent extends Event implements FlightRecorder.Borrow {

	@Label("Pool")
	@Nullable String pool;

	@Label("Queued")
	@Description("Time in the queue in front of the pool")
	@Timespan(Timespan.NANOSECONDS)
	long queued;

	@Label("Served")
	@Description("Whether the thread got a connection")
	boolean served;

	@Override
	public void ended(String pool, long queuedNanos, boolean served) {
		end();
		if (shouldCommit()) {
			this.pool = pool;
			this.queued = queuedNanos;
			this.served = served;
			commit();
		}
	}

}
