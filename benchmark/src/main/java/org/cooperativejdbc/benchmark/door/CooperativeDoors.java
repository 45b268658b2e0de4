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
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;

import org.cooperativejdbc.Cooperative;

/**
 * The doors.
 */
final class CooperativeDoors implements Doors {

	private final Cooperative cooperative;

	private final ExecutorService executor;

	CooperativeDoors(Cooperative cooperative) {
		this.cooperative = cooperative;
		this.executor = cooperative.executor(LIMIT, Integer.MAX_VALUE);
	}

	@Override
	public Future<?> start(Callable<?> caller) {
		return this.cooperative.call(caller);
	}

	@Override
	public Object call(Callable<Object> task) throws Exception {
		return this.cooperative.call(task).get();
	}

	@Override
	public Object execute(Callable<Object> task) throws Exception {
		return this.executor.submit(task).get();
	}

	@Override
	public Object offload(Callable<Object> task) throws Exception {
		return this.cooperative.offload(task);
	}

	@Override
	public Object await(CompletableFuture<Object> future) throws Exception {
		return Cooperative.await(future, TIMEOUT);
	}

	@Override
	public boolean blocking() {
		return false;
	}

	@Override
	public int read(SocketChannel channel, ByteBuffer buffer) throws IOException, InterruptedException {
		int read = channel.read(buffer);
		while (read == 0) {
			Cooperative.awaitReady(channel, SelectionKey.OP_READ, TIMEOUT);
			read = channel.read(buffer);
		}
		return read;
	}

	@Override
	public void close() {
		this.cooperative.close();
	}

}
