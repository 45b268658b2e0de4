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

import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.PoolOptions;
import io.vertx.core.http.RequestOptions;
import org.cooperativejdbc.benchmark.Database;
import org.cooperativejdbc.benchmark.load.Load;
import org.cooperativejdbc.benchmark.load.LoadSource;
import org.cooperativejdbc.benchmark.load.Recording;

/**
 * Requests from the HTTP client of Vert.x, which can tell requests that were served from
 * those that were refused or gave no answer in time.
 *
 * @param port the port of the application
 * @param operation the path to request
 */
record HttpLoad(int port, String operation) implements LoadSource {

	private static final long TIMEOUT_SECONDS = 10;

	@Override
	public Load open() {
		Vertx vertx = Vertx.vertx(new VertxOptions().setPreferNativeTransport(true).setEventLoopPoolSize(1));
		return (connections, recording) -> {
			Clients clients = new Clients(vertx.createHttpClient(new PoolOptions().setHttp1MaxSize(connections)));
			for (int i = 0; i < connections; i++) {
				clients.send(recording.newLane());
			}
			return clients;
		};
	}

	private RequestOptions request() {
		int id = ThreadLocalRandom.current().nextInt(Database.ROWS) + 1;
		return new RequestOptions().setHost("127.0.0.1")
			.setPort(this.port)
			.setURI(this.operation.replace("{id}", Integer.toString(id)))
			.setIdleTimeout(TimeUnit.SECONDS.toMillis(TIMEOUT_SECONDS));
	}

	private final class Clients implements Load.Running {

		private final HttpClient client;

		private volatile boolean stopped;

		private Clients(HttpClient client) {
			this.client = client;
		}

		private void send(Recording.Lane lane) {
			if (!this.stopped) {
				this.client.request(request())
					.compose((request) -> request.send().compose(this::status))
					.onComplete((status) -> answered(lane, status), (ex) -> failed(lane, ex));
			}
		}

		private Future<Integer> status(HttpClientResponse response) {
			return response.body().map((body) -> response.statusCode());
		}

		private void answered(Recording.Lane lane, int status) {
			if (status == 200) {
				lane.completed();
			}
			else {
				lane.failed("status " + status);
			}
			send(lane);
		}

		private void failed(Recording.Lane lane, Throwable ex) {
			lane.failed((ex instanceof TimeoutException) ? "timeout" : ex.getClass().getSimpleName());
			send(lane);
		}

		@Override
		public void stop() throws Exception {
			this.stopped = true;
			this.client.close().await(1, TimeUnit.MINUTES);
		}

	}

}
