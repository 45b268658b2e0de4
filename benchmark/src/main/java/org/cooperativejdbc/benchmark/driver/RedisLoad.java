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

package org.cooperativejdbc.benchmark.driver;

import java.io.IOException;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicInteger;

import org.cooperativejdbc.benchmark.Database;
import org.cooperativejdbc.benchmark.load.Load;
import org.cooperativejdbc.benchmark.load.Recording;
import org.cooperativejdbc.driver.JedisSockets;
import org.cooperativejdbc.socket.CooperativeSocketFactory;
import redis.clients.jedis.ConnectionPoolConfig;
import redis.clients.jedis.RedisClient;
import redis.clients.jedis.builders.StandaloneClientBuilder;
import redis.clients.jedis.exceptions.JedisException;

/**
 * Jedis with its pool, a thread for each connection. A command reads a key or, with a
 * latency, waits so long for an element of a list that never has one, which keeps the
 * server from nothing else.
 */
final class RedisLoad implements Load {

	private static final String NO_LIST = "no-list";

	private final ThreadModel.Threads threads;

	private final int port;

	private final double latencySeconds;

	private final AtomicInteger sockets = new AtomicInteger();

	RedisLoad(ThreadModel.Threads threads, int port, int latencyMillis) {
		this.threads = threads;
		this.port = port;
		this.latencySeconds = latencyMillis / 1000.0;
	}

	@Override
	public Running start(int connections, Recording recording) throws IOException {
		RedisClient client = client(connections);
		List<Worker> workers = new ArrayList<>();
		for (int i = 0; i < connections; i++) {
			workers.add(new Worker(client, recording));
		}
		ThreadFactory factory = this.threads.factory();
		List<Thread> running = workers.stream().map(factory::newThread).toList();
		running.forEach(Thread::start);
		workers.forEach((worker) -> worker.connected.join());
		if (!this.threads.plainSockets() && this.sockets.get() == 0) {
			throw new IOException("Jedis has not taken the sockets of the model");
		}
		return () -> stop(client, workers, running);
	}

	private RedisClient client(int connections) throws IOException {
		ConnectionPoolConfig pool = new ConnectionPoolConfig();
		pool.setMaxTotal(connections);
		pool.setMaxIdle(connections);
		StandaloneClientBuilder<RedisClient> builder = RedisClient.builder()
			.hostAndPort("127.0.0.1", this.port)
			.poolConfig(pool);
		if (!this.threads.plainSockets()) {
			new JedisSockets(CooperativeSocketFactory.of(this::socket)).install(builder);
		}
		return builder.build();
	}

	private Socket socket() throws IOException {
		this.sockets.incrementAndGet();
		return this.threads.sockets().get();
	}

	private static void stop(RedisClient client, List<Worker> workers, List<Thread> threads)
			throws InterruptedException {
		workers.forEach((worker) -> worker.stopped = true);
		for (Thread thread : threads) {
			thread.join();
		}
		client.close();
	}

	private final class Worker implements Runnable {

		private final RedisClient client;

		private final CompletableFuture<Boolean> connected = new CompletableFuture<>();

		private final Recording recording;

		private volatile boolean stopped;

		private Worker(RedisClient client, Recording recording) {
			this.client = client;
			this.recording = recording;
		}

		@Override
		public void run() {
			try {
				this.client.ping();
				this.connected.complete(true);
				Recording.Lane lane = this.recording.newLane();
				while (!this.stopped) {
					send();
					lane.completed();
				}
			}
			catch (JedisException ex) {
				this.recording.failed(ex.toString());
				this.connected.completeExceptionally(ex);
			}
		}

		private void send() {
			if (RedisLoad.this.latencySeconds > 0) {
				this.client.blpop(RedisLoad.this.latencySeconds, NO_LIST);
			}
			else {
				this.client.get(EmbeddedRedis.KEY.formatted(Query.randomId() % Database.ROWS));
			}
		}

	}

}
