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

package org.cooperativejdbc.libraries;

/**
 * A call into a library that waits until it is let go on.
 */
interface Wait extends AutoCloseable {

	/**
	 * Make the call, on the thread that is looked at.
	 * @return nothing of interest
	 */
	Object call() throws Exception;

	/**
	 * Return when what the call waits for knows of it, or at once if it knows nothing.
	 */
	default void awaitBegun() throws Exception {
	}

	/**
	 * Let the call return.
	 */
	void end() throws Exception;

	@Override
	default void close() throws Exception {
	}

}
