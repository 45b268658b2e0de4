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

package org.cooperativejdbc.carrier;

import java.io.IOException;
import java.nio.channels.SelectableChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;

import org.cooperativejdbc.WaitStrategy;
import org.cooperativejdbc.carrier.StallWatch.Watched;

/**
 * A group of event loops that carry virtual threads, and the wait strategy of these
 * threads: a thread waits in the event loop that carries it. Any other thread (of the
 * connection pool, of a timer, of the JDK's scheduler) waits in one of them, too.
 *
 * @since 0.1.0
 */
public class EventLoops implements WaitStrategy, AutoCloseable {

	/**
	 * The first part of the name of each thread that is an event loop.
	 */
	public static final String THREAD_NAME_PREFIX = "cooperative-jdbc-loop-";

	/**
	 * The time after which another thread takes over an event loop that does not come
	 * round, unless another one is given.
	 */
	public static final Duration DEFAULT_STALL_THRESHOLD = Duration.ofMillis(10);

	/**
	 * The start of the JDK's own poller threads. They are virtual threads that run on the
	 * scheduler of the thread which initializes their class, as does the first that waits
	 * for a socket of the JDK. Initialized on the JDK's scheduler, before any of our
	 * threads exists, they are kept off the event loops. The application starts
	 * meanwhile.
	 */
	private final CompletableFuture<?> jdkPoller = CompletableFuture
		.runAsync(CarriedThreads::initializeJdkPoller, CarriedThreads.builder(CarriedThreads.defaultScheduler())::start)
		.exceptionally((ex) -> null);

	private final Carriers carriers;

	private final StallWatch stallWatch;

	private final LongAdder carried = new LongAdder();

	EventLoops(int threads, String threadNamePrefix, Duration stallThreshold) throws IOException {
		this(threads, threadNamePrefix, stallThreshold, List.of());
	}

	EventLoops(int threads, String threadNamePrefix, Duration stallThreshold, List<? extends Watched> others)
			throws IOException {
		this.carriers = new Carriers(threads, threadNamePrefix, this::awake);
		List<Watched> watched = new ArrayList<>(this.carriers.all());
		watched.addAll(others);
		this.stallWatch = new StallWatch(watched, stallThreshold);
		this.carriers.start();
	}

	/**
	 * Start event loops.
	 * @param threads how many threads they have together
	 * @return the running event loops
	 * @throws IOException if the operating system provides no selector
	 */
	public static EventLoops start(int threads) throws IOException {
		return start(threads, DEFAULT_STALL_THRESHOLD);
	}

	/**
	 * Start event loops.
	 * @param threads how many threads they have together
	 * @param stallThreshold the time after which an event loop that makes no progress is
	 * taken over by another thread
	 * @return the running event loops
	 * @throws IOException if the operating system provides no selector
	 */
	public static EventLoops start(int threads, Duration stallThreshold) throws IOException {
		return new EventLoops(threads, THREAD_NAME_PREFIX, stallThreshold);
	}

	void awake() {
		this.stallWatch.awake();
	}

	/**
	 * Return how often an event loop has stalled since the start.
	 * @return the number of times
	 */
	public long stalls() {
		return this.stallWatch.stalls();
	}

	/**
	 * Return the threads that keep an event loop from making progress now, for longer
	 * than the stall threshold.
	 * @return a copy
	 */
	public List<StalledThread> stalled() {
		return this.stallWatch.stalled();
	}

	/**
	 * Return how many threads the event loops have.
	 * @return the number of threads, without those that relieve others
	 */
	public int size() {
		return this.carriers.all().size();
	}

	/**
	 * Return a factory of virtual threads that these event loops carry.
	 * @param namePrefix the first part of the names of the threads, followed by a number
	 * @return a factory that may be used by any thread
	 */
	public ThreadFactory threadFactory(String namePrefix) {
		AtomicInteger number = new AtomicInteger();
		return (task) -> {
			this.jdkPoller.join();
			return CarriedThreads.builder(scheduler())
				.name(namePrefix + number.incrementAndGet())
				.unstarted(() -> carry(task));
		};
	}

	private void carry(Runnable task) {
		this.carried.increment();
		try {
			note();
			task.run();
		}
		finally {
			this.carried.decrement();
		}
	}

	/**
	 * Return how many virtual threads the event loops carry, of those that come from a
	 * {@linkplain #threadFactory factory}. Those that wait count, too.
	 * @return the number of threads that have started and not ended
	 */
	public long carried() {
		return this.carried.sum();
	}

	/**
	 * Return how many platform threads carry virtual threads now, together with those
	 * that were replaced and have not come back.
	 * @return the number of threads
	 */
	public int threads() {
		return this.carriers.threads();
	}

	/**
	 * Return what can be seen of each event loop. Where they are those of Netty, the
	 * carriers that replace them are there, too.
	 * @return a copy
	 */
	public List<CarrierState> states() {
		return this.carriers.all().stream().map(Carrier::state).toList();
	}

	/**
	 * Measure rounds from now on also where that costs something.
	 */
	public void measureRounds() {
	}

	/**
	 * Return what carries a thread that the current thread makes.
	 */
	CarrierScheduler scheduler() {
		return this.carriers;
	}

	final Carriers carriers() {
		return this.carriers;
	}

	@Override
	public void await(SelectableChannel channel, int operation, long timeoutNanos) throws IOException {
		this.carriers.await(channel, operation, timeoutNanos);
		note();
	}

	/**
	 * Note that the current thread is the one that is being run, for a stall to name it.
	 */
	void note() {
		CarrierThread.note();
	}

	@Override
	public void closed(SelectableChannel channel) {
		this.carriers.forget(channel);
	}

	/**
	 * End the event loops, and wait for their end up to five seconds. Virtual threads
	 * that have not ended go on on the JDK's scheduler; their waits fail.
	 */
	@Override
	public void close() {
		this.stallWatch.close();
		this.carriers.close();
	}

}
