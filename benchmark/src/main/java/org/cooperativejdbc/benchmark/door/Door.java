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

package org.cooperativejdbc.benchmark.door;

import java.io.IOException;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;

/**
 * What a thread does through a door.
 */
enum Door {

	/**
	 * A task gets a thread of its own.
	 */
	CALL {
		@Override
		Way open(Doors doors) {
			return () -> doors.call(() -> TASK);
		}
	},

	/**
	 * The same, where the number of tasks has a limit that is not reached.
	 */
	EXECUTOR {
		@Override
		Way open(Doors doors) {
			return () -> doors.execute(() -> TASK);
		}
	},

	/**
	 * A future that another pool completes is waited for.
	 */
	AWAIT {
		@Override
		Way open(Doors doors) {
			return () -> doors.await(CompletableFuture.supplyAsync(() -> TASK));
		}
	},

	/**
	 * A task runs on one of a number of platform threads.
	 */
	OFFLOAD {
		@Override
		Way open(Doors doors) {
			return () -> doors.offload(() -> TASK);
		}
	},

	/**
	 * A byte is sent to a platform thread of the same process, and comes back.
	 */
	READY {
		@Override
		Way open(Doors doors) throws IOException {
			return new Echo(doors);
		}
	};

	private static final Object TASK = new Object();

	/**
	 * Make a way for one thread.
	 */
	abstract Way open(Doors doors) throws IOException;

	static Door of(String name) {
		return valueOf(name.toUpperCase(Locale.ROOT));
	}

	@Override
	public String toString() {
		return name().toLowerCase(Locale.ROOT);
	}

	/**
	 * The way of one thread, there and back.
	 */
	@FunctionalInterface
	interface Way extends AutoCloseable {

		void go() throws Exception;

		@Override
		default void close() throws IOException {
		}

	}

}
