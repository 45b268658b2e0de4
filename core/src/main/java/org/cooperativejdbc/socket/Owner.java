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

import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

/**
 * The thread that alone may use a socket now, if there is one.
 */
final class Owner {

	private static final Log logger = LogFactory.getLog(DriverSocket.class);

	private volatile @Nullable Thread thread;

	void set(@Nullable Thread thread) {
		this.thread = thread;
	}

	/**
	 * Report the current thread if it is another one. It is not refused: the driver lets
	 * one thread wait for the other.
	 */
	void check() {
		Thread owner = this.thread;
		Thread current = Thread.currentThread();
		if (owner != null && owner != current) {
			this.thread = null;
			logger.warn("A connection is used by two threads at once: by " + current + ", while it belongs to a "
					+ "transaction of " + owner + ". Give each thread a connection, or entity manager, of its own.",
					new Throwable("used here"));
		}
	}

}
