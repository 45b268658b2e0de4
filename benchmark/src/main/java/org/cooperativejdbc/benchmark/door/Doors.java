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
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;

/**
 * The doors, or what there is in their place.
 */
interface Doors extends AutoCloseable {

	/**
	 * How long anything is waited for at most.
	 */
	Duration TIMEOUT = Duration.ofSeconds(30);

	/**
	 * How many tasks run at once on platform threads, and in an executor.
	 */
	int LIMIT = 20;

	/**
	 * Start a thread that goes through doors.
	 */
	Future<?> start(Callable<?> caller);

	Object call(Callable<Object> task) throws Exception;

	Object execute(Callable<Object> task) throws Exception;

	Object offload(Callable<Object> task) throws Exception;

	Object await(CompletableFuture<Object> future) throws Exception;

	/**
	 * Return whether channels are to be in blocking mode.
	 */
	boolean blocking();

	/**
	 * Read at least a byte, after a wait.
	 */
	int read(SocketChannel channel, ByteBuffer buffer) throws IOException, InterruptedException;

	@Override
	void close();

}
