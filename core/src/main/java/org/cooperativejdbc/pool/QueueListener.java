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

import org.jspecify.annotations.Nullable;

/**
 * Notified of each thread that has to wait for a connection. Exceptions that it throws
 * are ignored.
 *
 * @since 0.1.0
 */
@FunctionalInterface
public interface QueueListener {

	/**
	 * Called by a thread that begins to wait.
	 * @param share the key of the thread, {@link QueueShares#OTHER} if that has no weight
	 * of its own, or {@code null} if the places of the pool are not divided or the thread
	 * holds a connection already
	 * @return to be called by the same thread when the wait has ended
	 */
	Wait begin(@Nullable String share);

	/**
	 * A wait that has begun.
	 */
	@FunctionalInterface
	interface Wait {

		/**
		 * End the wait.
		 * @param nanos how long it was
		 * @param admitted whether the thread may have a connection, rather than having
		 * been interrupted or late
		 */
		void ended(long nanos, boolean admitted);

	}

}
