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
import java.nio.channels.Selector;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

import org.jspecify.annotations.Nullable;

/**
 * The carriers that share the virtual threads of a scheduler. A virtual thread stays with
 * the carrier where it waits, unless that is late and another one has nothing to run:
 * then the other one takes it. New threads begin where somebody is awake, so that under a
 * light load few carriers do all the work.
 */
class Carriers extends CarrierScheduler {

	/**
	 * How many threads there may be while some of them make no progress, as many as the
	 * JDK has at most when it compensates for pinned threads.
	 */
	private static final int MAX_THREADS = 256;

	private static final long CLOSE_NANOS = TimeUnit.SECONDS.toNanos(5);

	private final List<Carrier> carriers = new ArrayList<>();

	private final Set<Thread> threads = ConcurrentHashMap.newKeySet();

	private final AtomicInteger threadNumber = new AtomicInteger();

	private final String threadNamePrefix;

	private final Runnable awake;

	/**
	 * Create carriers.
	 * @param count how many
	 * @param threadNamePrefix the first part of the names of their threads
	 * @param awake called when a carrier has waited
	 */
	Carriers(int count, String threadNamePrefix, Runnable awake) throws IOException {
		super(count);
		this.threadNamePrefix = threadNamePrefix;
		this.awake = awake;
		for (int i = 0; i < count; i++) {
			this.carriers.add(new Carrier(this));
		}
	}

	Selector openSelector() throws IOException {
		return Selector.open();
	}

	Queue<Runnable> newQueue() {
		return new ConcurrentLinkedQueue<>();
	}

	Shift newShift() {
		return new Shift(Thread.currentThread());
	}

	/**
	 * Return the time by {@link System#nanoTime()}.
	 */
	long now() {
		return System.nanoTime();
	}

	List<Carrier> all() {
		return this.carriers;
	}

	/**
	 * Start the threads of the carriers.
	 */
	void start() {
		this.carriers.forEach((carrier) -> startThread(carrier, null));
	}

	/**
	 * Start a thread for a carrier.
	 * @param relieved the shift that it ends, or {@code null} if it is the first one
	 */
	private void startThread(Carrier carrier, @Nullable Shift relieved) {
		CarrierThread thread = new CarrierThread(carrier, relieved,
				this.threadNamePrefix + this.threadNumber.incrementAndGet());
		thread.start();
		this.threads.add(thread);
	}

	/**
	 * Have another thread take over from one that makes no progress.
	 * @return {@code false} if there are no more threads to be had
	 */
	boolean relieve(Carrier carrier, Shift shift) {
		try {
			if (threads() < MAX_THREADS) {
				startThread(carrier, shift);
				return true;
			}
		}
		catch (OutOfMemoryError ex) {
			// As the JDK says if the system has no more threads
		}
		return false;
	}

	/**
	 * Return how many threads there are, together with those that were relieved and have
	 * not come back.
	 */
	int threads() {
		this.threads.removeIf((thread) -> thread.getState() == Thread.State.TERMINATED);
		return this.threads.size();
	}

	/**
	 * Return the carrier of the current thread, if it is one of these.
	 */
	@Nullable Carrier current() {
		Carrier current = CarrierThread.currentCarrier();
		return (current != null && current.isOneOf(this)) ? current : null;
	}

	@Override
	public void execute(Runnable continuation) {
		Carrier current = current();
		Carrier carrier = (current != null) ? current : firstAwake();
		carrier.add(continuation);
		if (carrier.isWaiting()) {
			Wakeups.run(carrier::wake);
		}
		else {
			helpIfLate(carrier);
		}
	}

	private Carrier firstAwake() {
		for (Carrier carrier : this.carriers) {
			if (!carrier.isWaiting()) {
				return carrier;
			}
		}
		return this.carriers.getFirst();
	}

	/**
	 * Wake another carrier that waits if this one is late.
	 */
	void helpIfLate(Carrier carrier) {
		if (this.carriers.size() > 1 && carrier.needsHelp()) {
			Wakeups.run(this::wakeAny);
		}
	}

	private void wakeAny() {
		for (Carrier carrier : this.carriers) {
			if (carrier.wake()) {
				return;
			}
		}
	}

	/**
	 * Return a continuation of another carrier that is late, for one that has none. If
	 * that one is still late, somebody else is woken, so that all help in the end.
	 */
	@Nullable Runnable takeFromLate(Carrier idle) {
		for (Carrier carrier : this.carriers) {
			Runnable continuation = (carrier != idle) ? carrier.takeLate() : null;
			if (continuation != null) {
				if (carrier.isLate()) {
					wakeAny();
				}
				return continuation;
			}
		}
		return null;
	}

	/**
	 * Called when a carrier has waited.
	 */
	void awake() {
		this.awake.run();
	}

	/**
	 * Wait for a channel where the current thread is carried. Threads that are carried
	 * elsewhere all wait for a channel in the same carrier.
	 */
	void await(SelectableChannel channel, int operation, long timeoutNanos) throws IOException {
		Carrier current = current();
		Carrier carrier = (current != null) ? current
				: this.carriers.get(Math.floorMod(System.identityHashCode(channel), this.carriers.size()));
		carrier.await(channel, operation, timeoutNanos);
	}

	void forget(SelectableChannel channel) {
		this.carriers.forEach((carrier) -> carrier.forget(channel));
	}

	@Override
	public ScheduledFuture<?> schedule(Runnable task, long delay, TimeUnit unit) {
		Carrier current = current();
		Carrier carrier = (current != null) ? current : firstAwake();
		return carrier.schedule(task, unit.toNanos(delay));
	}

	/**
	 * End the carriers. Virtual threads that have not ended go on on the scheduler of the
	 * JDK; their waits fail. Waits for threads that are about to end.
	 */
	@Override
	public void close() {
		this.carriers.forEach(Carrier::close);
		long end = System.nanoTime() + CLOSE_NANOS;
		try {
			for (Thread thread : this.threads) {
				if (CarriedThreads.platformThread() != thread) {
					thread.join(Duration.ofNanos(end - System.nanoTime()));
				}
			}
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
	}

}
