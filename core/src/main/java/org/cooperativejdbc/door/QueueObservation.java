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

package org.cooperativejdbc.door;

import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationRegistry;
import org.cooperativejdbc.pool.QueueListener;
import org.jspecify.annotations.Nullable;

/**
 * Observes waits for a connection, as parts of what the waiting thread is observed to do.
 * A borrow without a wait is not observed.
 *
 * @since 0.1.0
 */
public final class QueueObservation implements QueueListener {

	/**
	 * The name of the observation.
	 */
	public static final String NAME = "cooperative.jdbc.connection.wait";

	private final ObservationRegistry registry;

	private final String pool;

	/**
	 * Create an observation of the queue of a pool.
	 * @param registry the registry
	 * @param pool the name of the bean of the pool
	 */
	public QueueObservation(ObservationRegistry registry, String pool) {
		this.registry = registry;
		this.pool = pool;
	}

	@Override
	public Wait begin(@Nullable String share) {
		Observation observation = Observation.createNotStarted(NAME, this.registry)
			.contextualName("wait for connection")
			.lowCardinalityKeyValue("name", this.pool)
			.start();
		return (nanos, admitted) -> observation.lowCardinalityKeyValue("outcome", admitted ? "admitted" : "ended")
			.stop();
	}

}
