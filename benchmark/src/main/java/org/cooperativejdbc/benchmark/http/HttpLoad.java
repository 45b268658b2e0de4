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

package org.cooperativejdbc.benchmark.http;

import java.util.List;
import java.util.concurrent.TimeUnit;

import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.PoolOptions;
import org.HdrHistogram.Histogram;
import org.cooperativejdbc.benchmark.load.Load;
import org.cooperativejdbc.benchmark.load.LoadSource;
import org.cooperativejdbc.benchmark.load.Recording;

/**
 * Requests from the HTTP client of Vert.x, which can tell requests that were served from
 * those that were refused or gave no answer in time. A client that is refused waits as
 * long as it was told before it asks again.
 *
 * @param port the port of the application
 * @param operation the path to request
 */
record HttpLoad(int port, String operation) implements LoadSource {

	/**
	 * How long the first wave lasts, when all clients connect and ask at the same moment.
	 */
	private static final long FIRST_WAVE_SECONDS = 5;

	@Override
	public Load open() {
		Vertx vertx = Vertx.vertx(new VertxOptions().setPreferNativeTransport(true).setEventLoopPoolSize(1));
		return (connections, recording) -> {
			Clients clients = new Clients(vertx, connections);
			for (int i = 0; i < connections; i++) {
				clients.send(recording.newLane());
			}
			return clients;
		};
	}

	private final class Clients implements Load.Running {

		private final Vertx vertx;

		private final HttpClient client;

		private final Waits served = new Waits();

		private final Waits refused = new Waits();

		private final long firstWaveEnd = System.nanoTime() + TimeUnit.SECONDS.toNanos(FIRST_WAVE_SECONDS);

		private volatile boolean stopped;

		private Clients(Vertx vertx, int connections) {
			this.vertx = vertx;
			this.client = vertx.createHttpClient(new PoolOptions().setHttp1MaxSize(connections));
		}

		private void send(Recording.Lane lane) {
			long sent = System.nanoTime();
			if (!this.stopped) {
				HttpAnswer.request(this.client, HttpLoad.this.port, HttpLoad.this.operation)
					.onComplete((answer) -> answered(lane, answer, sent), (ex) -> failed(lane, ex));
			}
		}

		private void answered(Recording.Lane lane, HttpAnswer answer, long sent) {
			if (answer.refused()) {
				add(this.refused, sent);
				lane.refused();
				this.vertx.setTimer(answer.retryAfterMillis(), (timer) -> {
					lane.begin();
					send(lane);
				});
				return;
			}
			if (answer.status() == 200) {
				add(this.served, sent);
				lane.completed();
			}
			else {
				lane.failed("status " + answer.status());
			}
			send(lane);
		}

		private void add(Waits waits, long sent) {
			if (sent - this.firstWaveEnd > 0 && !this.stopped) {
				waits.add(System.nanoTime() - sent);
			}
		}

		private void failed(Recording.Lane lane, Throwable ex) {
			lane.failed(HttpAnswer.failure(ex));
			send(lane);
		}

		@Override
		public void stop() throws Exception {
			this.stopped = true;
			this.client.close().await(1, TimeUnit.MINUTES);
		}

		@Override
		public List<String> remarks() {
			return (System.nanoTime() - this.firstWaveEnd > 0)
					? List.of("sent after the first %d s: served %s; refused %s".formatted(FIRST_WAVE_SECONDS,
							this.served, this.refused))
					: List.of();
		}

	}

	/**
	 * How long answers took. Used by one thread.
	 */
	private static final class Waits {

		private final Histogram micros = new Histogram(2);

		void add(long nanos) {
			this.micros.recordValue(TimeUnit.NANOSECONDS.toMicros(nanos));
		}

		@Override
		public String toString() {
			return "%d, p50 %.1f ms, p99 %.1f ms".formatted(this.micros.getTotalCount(),
					this.micros.getValueAtPercentile(50) / 1000.0, this.micros.getValueAtPercentile(99) / 1000.0);
		}

	}

}
