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

package org.cooperativejdbc;

import java.io.IOException;

/**
 * Thrown when a thread that runs an event loop is about to wait for the database. Nothing
 * has been sent to the server when it is thrown. Waiting would stop every connection of
 * that event loop; call the database on a virtual thread instead.
 *
 * @since 0.1.0
 */
public class BlockingOnEventLoopException extends IOException {

	/**
	 * Create a new exception.
	 * @param thread the thread of the event loop
	 */
	public BlockingOnEventLoopException(Thread thread) {
		super("Thread '" + thread.getName() + "' runs an event loop and must not wait for the database; call it on a "
				+ "virtual thread, for example one of the 'applicationTaskExecutor'");
	}

}
