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

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;

import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.PoolOptions;
import org.cooperativejdbc.benchmark.load.Load;
import org.cooperativejdbc.benchmark.load.LoadSource;
import org.cooperativejdbc.benchmark.load.Recording;

/**
 * A few clients that go on all the time, and a burst of requests that nobody repeats. How
 * fast the few are served after the burst tells how an application recovers from it.
 *
 * @param port the port of the application
 * @param operation the path to request
 * @param requestsPerSecond how many requests a second the burst has
 */
record Burst(int port, String operation, int requestsPerSecond) implements LoadSource {

	private static final int CLIENTS = 8;

	private static final long TICK_MILLIS = 10;

	private static final long BEGIN_MILLIS = 5_000;

	private static final long END_MILLIS = 15_000;

	@Override
	public Load open() {
		Vertx vertx = Vertx.vertx(new VertxOptions().setPreferNativeTransport(true).setEventLoopPoolSize(1));
		return (connections, recording) -> new Clients(vertx, connections, recording);
	}

	private final class Clients implements Load.Running {

		private final long start = System.nanoTime();

		private final Vertx vertx;

		private final HttpClient client;

		private final HttpClient burstClient;

		private final int connections;

		private final Recording.Lane burst;

		private final long timer;

		private final Queue<Probe> probes = new ConcurrentLinkedQueue<>();

		private final AtomicInteger underWay = new AtomicInteger();

		private final AtomicLong accepted = new AtomicLong();

		private final AtomicLong refused = new AtomicLong();

		private final AtomicLong unsent = new AtomicLong();

		private volatile boolean stopped;

		private Clients(Vertx vertx, int connections, Recording recording) {
			this.vertx = vertx;
			this.connections = connections;
			this.client = vertx.createHttpClient(new PoolOptions().setHttp1MaxSize(CLIENTS));
			this.burstClient = vertx.createHttpClient(new PoolOptions().setHttp1MaxSize(connections));
			this.burst = recording.newLane();
			for (int i = 0; i < CLIENTS; i++) {
				probe(recording.newLane());
			}
			this.timer = vertx.setPeriodic(TICK_MILLIS, (timer) -> tick());
		}

		private long elapsedMillis() {
			return TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - this.start);
		}

		private void probe(Recording.Lane lane) {
			long sent = elapsedMillis();
			if (!this.stopped) {
				HttpAnswer.request(this.client, Burst.this.port, Burst.this.operation).onComplete((answer) -> {
					this.probes.add(new Probe(sent, elapsedMillis() - sent, answer.status() == 200));
					if (answer.status() == 200) {
						lane.completed();
					}
					else if (answer.refused()) {
						lane.refused();
					}
					else {
						lane.failed("status " + answer.status());
					}
					probe(lane);
				}, (ex) -> {
					this.probes.add(new Probe(sent, elapsedMillis() - sent, false));
					lane.failed(HttpAnswer.failure(ex));
					probe(lane);
				});
			}
		}

		private void tick() {
			long elapsed = elapsedMillis();
			for (int i = 0; i < Burst.this.requestsPerSecond * TICK_MILLIS / 1000 && elapsed >= BEGIN_MILLIS
					&& elapsed < END_MILLIS; i++) {
				if (this.underWay.get() < this.connections) {
					this.underWay.incrementAndGet();
					HttpAnswer.request(this.burstClient, Burst.this.port, Burst.this.operation)
						.onComplete(this::answered, this::failed);
				}
				else {
					this.unsent.incrementAndGet();
				}
			}
		}

		private void answered(HttpAnswer answer) {
			this.underWay.decrementAndGet();
			if (answer.status() == 200) {
				this.accepted.incrementAndGet();
			}
			else if (answer.refused()) {
				this.refused.incrementAndGet();
			}
			else {
				this.burst.failed("status " + answer.status());
			}
		}

		private void failed(Throwable ex) {
			this.underWay.decrementAndGet();
			this.burst.failed(HttpAnswer.failure(ex));
		}

		@Override
		public void stop() throws Exception {
			this.stopped = true;
			this.vertx.cancelTimer(this.timer);
			this.burstClient.close().await(1, TimeUnit.MINUTES);
			this.client.close().await(1, TimeUnit.MINUTES);
		}

		@Override
		public List<String> remarks() {
			List<Probe> all = new ArrayList<>(this.probes);
			long[] before = all.stream()
				.filter((probe) -> probe.sent > BEGIN_MILLIS / 2 && probe.end() < BEGIN_MILLIS)
				.mapToLong(Probe::millis)
				.sorted()
				.toArray();
			if (before.length == 0 || elapsedMillis() < END_MILLIS) {
				return List.of();
			}
			long normal = before[before.length * 99 / 100];
			return List.of(
					"burst: %d served, %d refused, %d not sent for want of %d connections"
						.formatted(this.accepted.get(), this.refused.get(), this.unsent.get(), this.connections),
					"p99 before the burst %d ms; recovered %.1f s after its end".formatted(normal,
							(recovered(all, 2 * normal) - END_MILLIS) / 1000.0));
		}

		/**
		 * Recovered is the application when the few clients are served as before: from
		 * then on there is no second in which more than one answer in ten is a refusal,
		 * or takes more than twice what ninety-nine in a hundred took before the burst.
		 * (A pause of some milliseconds makes all clients wait, which are one answer in
		 * forty.) Returned is the time of the last such answer.
		 */
		private static long recovered(List<Probe> probes, long slowMillis) {
			Map<Long, List<Probe>> seconds = probes.stream()
				.filter((probe) -> probe.end() >= END_MILLIS)
				.collect(Collectors.groupingBy((probe) -> probe.end() / 1000));
			return seconds.values()
				.stream()
				.filter((second) -> isSlow(second, slowMillis))
				.flatMap(List::stream)
				.filter((probe) -> probe.isSlow(slowMillis))
				.mapToLong(Probe::end)
				.max()
				.orElse(END_MILLIS);
		}

		private static boolean isSlow(List<Probe> second, long slowMillis) {
			return second.stream().filter((probe) -> probe.isSlow(slowMillis)).count() * 10 > second.size();
		}

	}

	private record Probe(long sent, long millis, boolean served) {

		long end() {
			return this.sent + this.millis;
		}

		boolean isSlow(long slowMillis) {
			return !this.served || this.millis > slowMillis;
		}

	}

}
