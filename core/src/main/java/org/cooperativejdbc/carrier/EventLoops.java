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
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;

import org.cooperativejdbc.WaitStrategy;

/**
 * A group of event loops that carry virtual threads, and the wait strategy of these
 * threads: a thread waits in the event loop that carries it. Any other thread (of the
 * connection pool, of a timer, of the JDK's scheduler) waits for its channel in one more
 * loop, the poller, that carries nothing.
 *
 * @since 0.1.0
 */
public final class EventLoops implements WaitStrategy, AutoCloseable {

	/**
	 * The first part of the name of each thread that is an event loop.
	 */
	public static final String THREAD_NAME_PREFIX = "cooperative-jdbc-loop-";

	/**
	 * The time after which an event loop that does not come round lends its virtual
	 * threads to others, unless another one is given.
	 */
	public static final Duration DEFAULT_STALL_THRESHOLD = Duration.ofMillis(10);

	/**
	 * How many threads share a loop, and thereby a selector and a queue. Those of other
	 * loops do not help them.
	 */
	private static final int MAX_THREADS_PER_LOOP = 4;

	private final List<? extends EventLoop> loops;

	private final SelectorEventLoop poller;

	private final StallWatch stallWatch;

	private final Thread jdkPollerStart = startJdkPoller();

	private final AtomicInteger next = new AtomicInteger();

	EventLoops(List<? extends EventLoop> loops, Duration stallThreshold) throws IOException {
		this.loops = loops;
		this.poller = new SelectorEventLoop(List.of("cooperative-jdbc-poller"));
		this.stallWatch = new StallWatch(loops, stallThreshold);
	}

	/**
	 * Start event loops, with up to four threads each.
	 * @param threads how many threads they have together
	 * @return the running event loops
	 * @throws IOException if the operating system provides no selector
	 */
	public static EventLoops start(int threads) throws IOException {
		return start(threads, DEFAULT_STALL_THRESHOLD);
	}

	/**
	 * Start event loops, with up to four threads each.
	 * @param threads how many threads they have together
	 * @param stallThreshold the time after which an event loop that does not come round
	 * lends its virtual threads to others
	 * @return the running event loops
	 * @throws IOException if the operating system provides no selector
	 */
	public static EventLoops start(int threads, Duration stallThreshold) throws IOException {
		int count = Math.ceilDiv(threads, MAX_THREADS_PER_LOOP);
		List<SelectorEventLoop> loops = new ArrayList<>();
		for (int i = 0; i < count; i++) {
			int first = i;
			loops.add(new SelectorEventLoop(IntStream.range(0, threads)
				.filter((thread) -> thread % count == first)
				.mapToObj((thread) -> THREAD_NAME_PREFIX + (thread + 1))
				.toList()));
		}
		return new EventLoops(loops, stallThreshold);
	}

	/**
	 * Return how often an event loop has stalled since the start.
	 * @return the number of times
	 */
	public long stalls() {
		return this.stallWatch.stalls();
	}

	/**
	 * Return how many threads the event loops have.
	 * @return the number of threads, without the poller
	 */
	public int size() {
		return this.loops.stream().mapToInt(EventLoop::getParallelism).sum();
	}

	/**
	 * Return a factory of virtual threads that these event loops carry. A thread that the
	 * thread of an event loop makes, as in a request that Netty has received, is carried
	 * by this very loop, any other by the next one in turn.
	 * @param namePrefix the first part of the names of the threads, followed by a number
	 * @return a factory that may be used by any thread
	 */
	public ThreadFactory threadFactory(String namePrefix) {
		AtomicInteger number = new AtomicInteger();
		return (task) -> select().newThread(namePrefix + number.incrementAndGet(), task);
	}

	private EventLoop select() {
		awaitJdkPoller();
		Thread thread = Thread.currentThread();
		if (thread.isVirtual()) {
			EventLoop current = EventLoop.current();
			if (current != null && current.keepsChildren()) {
				return current;
			}
		}
		else {
			for (EventLoop loop : this.loops) {
				if (loop.isThread(thread)) {
					return loop;
				}
			}
		}
		return this.loops.get(Math.floorMod(this.next.getAndIncrement(), this.loops.size()));
	}

	@Override
	public void await(SelectableChannel channel, int operation, long timeoutNanos) throws IOException {
		EventLoop loop = EventLoop.current();
		((loop != null) ? loop : this.poller).await(channel, operation, timeoutNanos);
	}

	@Override
	public void closed(SelectableChannel channel) {
		this.loops.forEach((loop) -> loop.forget(channel));
		this.poller.forget(channel);
	}

	/**
	 * End the event loops. Virtual threads that have not ended go on on the JDK's
	 * scheduler; their waits fail.
	 */
	@Override
	public void close() {
		this.stallWatch.close();
		this.loops.forEach(EventLoop::close);
		this.poller.close();
	}

	/**
	 * The JDK's own poller threads are virtual threads that run on the scheduler of the
	 * thread which initializes their class, as does the first that waits for a socket of
	 * the JDK. Initialized on the JDK's scheduler, before any of our threads exists, they
	 * are kept off the event loops.
	 * @return the thread that does so, for the application to start meanwhile
	 */
	private static Thread startJdkPoller() {
		return CarriedThreads.builder(CarriedThreads.defaultScheduler()).start(CarriedThreads::initializeJdkPoller);
	}

	private void awaitJdkPoller() {
		boolean interrupted = false;
		while (this.jdkPollerStart.isAlive()) {
			try {
				this.jdkPollerStart.join();
			}
			catch (InterruptedException ex) {
				interrupted = true;
			}
		}
		if (interrupted) {
			Thread.currentThread().interrupt();
		}
	}

}
