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

package org.cooperativejdbc.pool;

import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Queue;
import java.util.Random;

/**
 * Instances of an application that share a database server, event by event: requests come
 * to each instance, wait for a connection of its pool, and hold it for as long as the
 * server works for them. A server works for so many connections at full speed; more of
 * them divide it among themselves. A pooler in between has fewer connections than the
 * instances together, for which their transactions wait. The same numbers come out each
 * time.
 */
final class FleetSimulation {

	private static final int WARM_UP = 100_000;

	private static final int REQUESTS = 400_000;

	private final Random random = new Random(7);

	private final Setup setup;

	private final int[] free;

	private final Map<Integer, Queue<Request>> waiting = new HashMap<>();

	private final Queue<Request> waitingForPooler = new ArrayDeque<>();

	private final PriorityQueue<Request> working = new PriorityQueue<>();

	private final double[] waits = new double[REQUESTS];

	private final double[] responses = new double[REQUESTS];

	/**
	 * How much the server has done for each of its connections so far. A request is done
	 * when that is its own work more than when it began.
	 */
	private double progress;

	private double now;

	private int done;

	private int peak;

	private double began;

	private FleetSimulation(Setup setup) {
		this.setup = setup;
		this.free = new int[setup.instances()];
		Arrays.fill(this.free, setup.poolSize());
	}

	static Result run(Setup setup) {
		return new FleetSimulation(setup).run();
	}

	private Result run() {
		double next = 0;
		for (int i = 0; i < this.setup.clients(); i++) {
			arrive();
		}
		if (this.setup.clients() == 0) {
			next = exponential(1 / this.setup.rate());
		}
		while (this.done < WARM_UP + REQUESTS) {
			double speed = speed();
			Request first = this.working.peek();
			double finished = (first != null) ? this.now + (first.end() - this.progress) / speed
					: Double.POSITIVE_INFINITY;
			boolean arrives = this.setup.clients() == 0 && next < finished;
			double then = arrives ? next : finished;
			this.progress += (then - this.now) * speed;
			this.now = then;
			if (arrives) {
				arrive();
				next = this.now + exponential(1 / this.setup.rate());
			}
			else {
				finish(this.working.remove());
			}
		}
		Arrays.sort(this.waits);
		Arrays.sort(this.responses);
		long waited = Arrays.stream(this.waits).filter((wait) -> wait > 0).count();
		return new Result((double) waited / REQUESTS, this.waits[REQUESTS * 99 / 100], this.responses[REQUESTS / 2],
				this.responses[REQUESTS * 99 / 100], REQUESTS / (this.now - this.began), this.peak);
	}

	private double speed() {
		return Math.min(1, (double) this.setup.slots() / Math.max(1, this.working.size()));
	}

	private void arrive() {
		int instance = this.random.nextInt(this.setup.instances());
		Request request = new Request(instance, this.now, 0, 0);
		if (this.free[instance] > 0) {
			this.free[instance]--;
			connected(request);
		}
		else {
			this.waiting.computeIfAbsent(instance, (key) -> new ArrayDeque<>()).add(request);
		}
	}

	private void connected(Request request) {
		if (this.working.size() < this.setup.connections()) {
			work(request);
		}
		else {
			this.waitingForPooler.add(request);
		}
	}

	private void work(Request request) {
		double work = this.setup.constant() ? this.setup.seconds() : exponential(this.setup.seconds());
		this.working.add(new Request(request.instance(), request.since(), this.now, this.progress + work));
		this.peak = Math.max(this.peak, this.working.size());
	}

	private void finish(Request request) {
		if (this.done < WARM_UP) {
			this.began = this.now;
		}
		else {
			this.waits[this.done - WARM_UP] = request.began() - request.since();
			this.responses[this.done - WARM_UP] = this.now - request.since();
		}
		this.done++;
		Request pooled = this.waitingForPooler.poll();
		if (pooled != null) {
			work(pooled);
		}
		Queue<Request> queue = this.waiting.get(request.instance());
		Request next = (queue != null) ? queue.poll() : null;
		if (next != null) {
			connected(next);
		}
		else {
			this.free[request.instance()]++;
		}
		if (this.setup.clients() > 0) {
			arrive();
		}
	}

	private double exponential(double mean) {
		return -Math.log(1 - this.random.nextDouble()) * mean;
	}

	/**
	 * What is simulated.
	 *
	 * @param instances how many instances
	 * @param poolSize the size of the pool of each
	 * @param connections how many connections the server has
	 * @param slots for how many of them it works at full speed
	 * @param seconds how long that takes for one
	 * @param constant whether it takes that long for each, rather than on average
	 * @param rate how many requests come a second
	 * @param clients or how many clients send their next request as soon as they have an
	 * answer
	 */
	record Setup(int instances, int poolSize, int connections, int slots, double seconds, boolean constant, double rate,
			int clients) {

		/**
		 * Clients that send one request after another to one instance, whose connections
		 * the server serves at full speed.
		 */
		static Setup closed(int clients, int poolSize, double seconds) {
			return new Setup(1, poolSize, poolSize, poolSize, seconds, true, 0, clients);
		}

	}

	/**
	 * What came of it.
	 *
	 * @param waited which part of the requests had to wait for a connection
	 * @param p99Wait how long they waited, in seconds
	 * @param p50 how long they took, in seconds
	 * @param p99 how long they took, in seconds
	 * @param rate how many were served a second
	 * @param peak how many connections the server worked for at most
	 */
	record Result(double waited, double p99Wait, double p50, double p99, double rate, int peak) {

	}

	/**
	 * A request.
	 *
	 * @param instance where it has come to
	 * @param since when it has come
	 * @param began when the server began to work for it
	 * @param end the progress of the server at which it is done
	 */
	private record Request(int instance, double since, double began, double end) implements Comparable<Request> {

		@Override
		public int compareTo(Request other) {
			return Double.compare(this.end, other.end);
		}

	}

}
