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
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/**
 * What the JDK has in place of doors.
 */
final class JdkDoors implements Doors {

	private final ExecutorService executor;

	private final ExecutorService platform = Executors.newFixedThreadPool(LIMIT);

	JdkDoors(ExecutorService executor) {
		this.executor = executor;
	}

	@Override
	public Future<?> start(Callable<?> caller) {
		return this.executor.submit(caller);
	}

	@Override
	public Object call(Callable<Object> task) throws Exception {
		return this.executor.submit(task).get();
	}

	@Override
	public Object execute(Callable<Object> task) throws Exception {
		return call(task);
	}

	@Override
	public Object offload(Callable<Object> task) throws Exception {
		return this.platform.submit(task).get();
	}

	@Override
	public Object await(CompletableFuture<Object> future) throws Exception {
		return future.get(TIMEOUT.toNanos(), TimeUnit.NANOSECONDS);
	}

	@Override
	public boolean blocking() {
		return true;
	}

	@Override
	public int read(SocketChannel channel, ByteBuffer buffer) throws IOException {
		return channel.read(buffer);
	}

	@Override
	public void close() {
		this.executor.close();
		this.platform.close();
	}

}
