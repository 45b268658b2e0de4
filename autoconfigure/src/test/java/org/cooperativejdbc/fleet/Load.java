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

package org.cooperativejdbc.fleet;

import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.IntConsumer;

import org.cooperativejdbc.pool.PoolOverloadedException;

import org.springframework.context.ApplicationContext;
import org.springframework.core.task.AsyncTaskExecutor;
import org.springframework.transaction.TransactionTimedOutException;

import static org.awaitility.Awaitility.await;

/**
 * Clients that call an application one after the other until they are told to stop, and
 * what has become of their calls.
 */
final class Load {

	/**
	 * The time in which every call must have ended, well or badly.
	 */
	private static final int HANG_SECONDS = 12;

	private final AtomicInteger numbers = new AtomicInteger();

	private final Set<Integer> acknowledged = ConcurrentHashMap.newKeySet();

	private final Map<String, Integer> failures = new ConcurrentSkipListMap<>();

	private final AtomicLong longest = new AtomicLong();

	private final AtomicLong servedAt = new AtomicLong();

	private final List<Future<?>> clients = new ArrayList<>();

	private volatile long mark = Long.MAX_VALUE;

	private volatile boolean stopped;

	/**
	 * Start clients.
	 * @param call is given a number of its own each time
	 */
	Load(ApplicationContext application, int clients, IntConsumer call) {
		AsyncTaskExecutor executor = application.getBean("applicationTaskExecutor", AsyncTaskExecutor.class);
		for (int i = 0; i < clients; i++) {
			this.clients.add(executor.submit(() -> {
				while (!this.stopped) {
					call(call, this.numbers.incrementAndGet());
				}
			}));
		}
	}

	private void call(IntConsumer call, int number) {
		long began = System.nanoTime();
		boolean served = false;
		try {
			call.accept(number);
			served = true;
		}
		catch (RuntimeException ex) {
			this.failures.merge(state(ex), 1, Integer::sum);
		}
		long now = System.nanoTime();
		this.longest.accumulateAndGet(now - began, Math::max);
		if (served) {
			this.acknowledged.add(number);
			if (now >= this.mark) {
				this.servedAt.compareAndSet(0, now);
			}
		}
		else {
			LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
		}
	}

	/**
	 * Return the SQLState of a failure, or what else says why.
	 */
	private static String state(Throwable failure) {
		for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
			if (cause instanceof PoolOverloadedException) {
				return "refused";
			}
			if (cause instanceof SQLTransientConnectionException) {
				return "no connection in time";
			}
			if (cause instanceof SQLException ex && ex.getSQLState() != null) {
				return ex.getSQLState();
			}
			if (cause instanceof TransactionTimedOutException) {
				return "timed out";
			}
		}
		return failure.toString();
	}

	Set<Integer> acknowledged() {
		return this.acknowledged;
	}

	/**
	 * Return how often calls have failed, by reason.
	 */
	Map<String, Integer> failures() {
		return this.failures;
	}

	int failed() {
		return this.failures.values().stream().mapToInt(Integer::intValue).sum();
	}

	Duration longest() {
		return Duration.ofNanos(this.longest.get());
	}

	void awaitServed(int more) {
		int served = this.acknowledged.size();
		await().atMost(Duration.ofSeconds(60)).until(() -> this.acknowledged.size() >= served + more);
	}

	/**
	 * Remember now as the moment from which on calls should be served again.
	 */
	void mark() {
		this.mark = System.nanoTime();
	}

	/**
	 * Return how long it took from the {@link #mark()} to the first call that was served.
	 */
	Duration recovered() {
		return Duration.ofNanos(this.servedAt.get() - this.mark);
	}

	/**
	 * Let the clients end.
	 * @return how many of them still hang in a call after a time
	 */
	int stop() throws InterruptedException {
		this.stopped = true;
		long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(HANG_SECONDS);
		while (this.clients.stream().anyMatch((client) -> !client.isDone()) && System.nanoTime() < end) {
			TimeUnit.MILLISECONDS.sleep(10);
		}
		return (int) this.clients.stream().filter((client) -> !client.isDone()).count();
	}

	@Override
	public String toString() {
		return "%d served, failures %s, longest call %.1f s, served again after %.1f s".formatted(
				this.acknowledged.size(), this.failures, longest().toMillis() / 1000.0,
				recovered().toMillis() / 1000.0);
	}

}
