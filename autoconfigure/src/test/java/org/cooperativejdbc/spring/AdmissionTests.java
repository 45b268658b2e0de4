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

package org.cooperativejdbc.spring;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;

import org.cooperativejdbc.Deadline;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

/**
 * Who is admitted, in which order, and who is not.
 */
class AdmissionTests {

	private static final Duration LONG = Duration.ofSeconds(30);

	private final AtomicInteger size = new AtomicInteger(1);

	private Admission admission = admission(Integer.MAX_VALUE, LONG, null);

	private Admission admission(int maxWaiting, Duration maxWait, @Nullable Integer reserve) {
		return new Admission("test", this.size::get, new AdmissionLimits(maxWaiting, maxWait, reserve));
	}

	@Test
	void admitsInTheOrderOfArrival() throws Exception {
		Object first = admit("first");
		List<Integer> order = new ArrayList<>();
		List<Thread> threads = new ArrayList<>();
		for (int i = 0; i < 20; i++) {
			int number = i;
			threads.add(thread(i, () -> {
				Object transaction = admit("waiting");
				order.add(number);
				this.admission.release(transaction);
			}));
			awaitWaiting(i + 1);
		}
		this.admission.release(first);
		for (Thread thread : threads) {
			thread.join();
		}
		assertThat(order).hasSize(20).isSorted();
		assertThat(this.admission.admitted()).isZero();
	}

	@Test
	void admitsAsManyAsThereAreConnections() throws Exception {
		this.size.set(3);
		AtomicInteger inside = new AtomicInteger();
		ConcurrentLinkedQueue<Integer> seen = new ConcurrentLinkedQueue<>();
		List<Thread> threads = new ArrayList<>();
		for (int i = 0; i < 30; i++) {
			threads.add(thread(i, () -> {
				for (int round = 0; round < 50; round++) {
					Object transaction = admit("busy");
					seen.add(inside.incrementAndGet());
					Thread.yield();
					inside.decrementAndGet();
					this.admission.release(transaction);
				}
			}));
		}
		for (Thread thread : threads) {
			thread.join();
		}
		assertThat(seen).hasSize(1500).allSatisfy((count) -> assertThat(count).isLessThanOrEqualTo(3));
		assertThat(this.admission.admitted()).isZero();
		assertThat(this.admission.waiting()).isZero();
	}

	/**
	 * One connection that serves a caller in 200 ms, and a hundred callers: they need
	 * twenty seconds.
	 */
	@Test
	void asksThoseBackLaterAndSpreadThatItRefusesByTheHundred() throws Exception {
		this.admission = admission(0, LONG, null);
		Object slow = admit("slow");
		long began = System.nanoTime();
		await().until(() -> System.nanoTime() - began > TimeUnit.MILLISECONDS.toNanos(200));
		this.admission.release(slow);
		Object first = admit("first");
		List<Duration> retryAfter = new ArrayList<>();
		for (int i = 0; i < 100; i++) {
			assertThatExceptionOfType(AdmissionRejectedException.class).isThrownBy(() -> inThread(() -> admit("again")))
				.satisfies((ex) -> retryAfter.add(ex.getRetryAfter()))
				.satisfies((ex) -> assertThat(ex.getStackTrace()).isEmpty());
		}
		assertThat(retryAfter)
			.allSatisfy((time) -> assertThat(time).isBetween(Duration.ofSeconds(1), RefusedCallers.MAX));
		assertThat(new TreeSet<>(retryAfter)).hasSizeGreaterThan(5);
		assertThat(retryAfter.subList(50, 100))
			.anySatisfy((time) -> assertThat(time).isGreaterThan(Duration.ofSeconds(5)));
		this.admission.release(first);
	}

	@Test
	void rejectsAtOnceWhenTooManyWait() throws Exception {
		this.admission = admission(1, LONG, null);
		Object first = admit("first");
		Thread waiting = thread(0, () -> this.admission.release(admit("second")));
		awaitWaiting(1);
		assertThatExceptionOfType(AdmissionRejectedException.class).isThrownBy(() -> inThread(() -> admit("third")))
			.withMessage("Transaction 'third' was not admitted to pool 'test': 1 transactions wait already");
		this.admission.release(first);
		waiting.join();
		assertThat(this.admission.admitted()).isZero();
	}

	@Test
	void rejectsAtOnceWhenTheExpectedWaitIsTooLong() throws Exception {
		this.admission = admission(Integer.MAX_VALUE, Duration.ofHours(1), null);
		Object slow = admit("slow");
		long began = System.nanoTime();
		await().until(() -> System.nanoTime() - began > TimeUnit.MILLISECONDS.toNanos(200));
		this.admission.release(slow);
		Object first = admit("first");
		assertThatExceptionOfType(AdmissionRejectedException.class)
			.isThrownBy(
					() -> inThread(() -> this.admission.admit("late", "late", Deadline.after(Duration.ofMillis(150)))))
			.withMessageContaining("0 transactions wait already, too many for 1")
			.satisfies((ex) -> assertThat(ex.getRetryAfter()).isGreaterThanOrEqualTo(Duration.ofSeconds(1)));
		Thread patient = thread(0, () -> this.admission.release(admit("patient")));
		awaitWaiting(1);
		this.admission.release(first);
		patient.join();
	}

	/**
	 * The transaction that holds the place will take as long as the one before it.
	 */
	@Test
	void rejectsAtOnceWhenTheExpectedWaitTakesNearlyAllOfTheLimit() throws Exception {
		this.admission = admission(Integer.MAX_VALUE, Duration.ofHours(1), null);
		Object before = admit("before");
		long began = System.nanoTime();
		await().until(() -> System.nanoTime() - began > TimeUnit.MILLISECONDS.toNanos(300));
		Duration limit = Duration.ofNanos((System.nanoTime() - began) / 100 * 105);
		this.admission.release(before);
		Object first = admit("first");
		assertThatExceptionOfType(AdmissionRejectedException.class)
			.isThrownBy(() -> inThread(() -> this.admission.admit("late", "late", Deadline.after(limit))))
			.withMessageContaining("0 transactions wait already, too many for ");
		this.admission.release(first);
	}

	@Test
	void rejectsAfterMaxWait() {
		this.admission = admission(Integer.MAX_VALUE, Duration.ofMillis(20), null);
		Object first = admit("first");
		assertThatExceptionOfType(AdmissionRejectedException.class).isThrownBy(() -> inThread(() -> admit("second")))
			.withMessageEndingWith("no connection became free for 20 ms")
			.satisfies((ex) -> assertThat(ex.getRetryAfter()).isEqualTo(Duration.ofSeconds(1)));
		assertThat(this.admission.waiting()).isZero();
		this.admission.release(first);
		assertThat(this.admission.admitted()).isZero();
	}

	@Test
	void rejectsWhenTheDeadlineHasPassed() {
		assertThatExceptionOfType(AdmissionRejectedException.class)
			.isThrownBy(() -> this.admission.admit("late", "late", Deadline.after(Duration.ZERO)))
			.withMessageEndingWith("its deadline has passed");
		assertThat(this.admission.admitted()).isZero();
	}

	@Test
	void interruptEndsTheWaitAndStaysSet() throws Exception {
		Object first = admit("first");
		CompletableFuture<Boolean> interrupted = new CompletableFuture<>();
		Thread waiting = thread(1, () -> {
			try {
				admit("second");
			}
			catch (AdmissionRejectedException ex) {
				interrupted
					.complete(ex.getCause() instanceof InterruptedException && Thread.currentThread().isInterrupted());
			}
		});
		awaitWaiting(1);
		waiting.interrupt();
		assertThat(interrupted.get(30, TimeUnit.SECONDS)).isTrue();
		this.admission.release(first);
		this.admission.release(admit("third"));
		assertThat(this.admission.admitted()).isZero();
	}

	@Test
	void transactionInsideAnotherOneComesFirst() throws Exception {
		this.size.set(2);
		Object other = admit("other");
		CountDownLatch outerAdmitted = new CountDownLatch(1);
		CountDownLatch goOn = new CountDownLatch(1);
		List<String> order = new ArrayList<>();
		Thread nesting = thread(0, () -> {
			Object outer = admit("outer");
			outerAdmitted.countDown();
			join(goOn);
			Object inner = admit("inner");
			order.add("inner");
			this.admission.release(inner);
			this.admission.release(outer);
		});
		join(outerAdmitted);
		Thread waiting = thread(1, () -> {
			Object transaction = admit("waiting");
			order.add("waiting");
			this.admission.release(transaction);
		});
		awaitWaiting(1);
		goOn.countDown();
		awaitWaiting(2);
		this.admission.release(other);
		nesting.join();
		waiting.join();
		assertThat(order).containsExactly("inner", "waiting");
		assertThat(this.admission.admitted()).isZero();
	}

	@Test
	void lastOneThatCouldGiveAConnectionBackDoesNotWaitForOne() {
		Object outer = admit("Orders.place");
		assertThatExceptionOfType(AdmissionRejectedException.class).isThrownBy(() -> admit("Audit.write"))
			.withMessage("Transaction 'Audit.write' was not admitted to pool 'test': it was opened inside "
					+ "'Orders.place', and all 1 connections are held by transactions that wait for another one")
			.satisfies((ex) -> assertThat(ex.getStackTrace()).isNotEmpty());
		this.admission.release(outer);
		assertThat(this.admission.admitted()).isZero();
	}

	@Test
	void reserveIsForTransactionsInsideAnotherOne() throws Exception {
		this.size.set(2);
		this.admission = admission(Integer.MAX_VALUE, LONG, 1);
		Object outer = admit("outer");
		Thread waiting = thread(0, () -> this.admission.release(admit("waiting")));
		awaitWaiting(1);
		Object inner = admit("inner");
		this.admission.release(inner);
		assertThat(this.admission.waiting()).isOne();
		this.admission.release(outer);
		waiting.join();
	}

	@Test
	void reserveIsMadeWithTheFirstTransactionInsideAnotherOne() throws Exception {
		this.size.set(2);
		Object outer = admit("outer");
		inThread(() -> this.admission.release(admit("side by side")));
		this.admission.release(admit("inner"));
		Thread waiting = thread(0, () -> this.admission.release(admit("waiting")));
		awaitWaiting(1);
		this.admission.release(outer);
		waiting.join();
		assertThat(this.admission.admitted()).isZero();
	}

	@Test
	void releaseOfAnUnknownOrReleasedTransactionDoesNothing() {
		Object first = admit("first");
		this.admission.release(new Object());
		assertThat(this.admission.admitted()).isOne();
		this.admission.release(first);
		this.admission.release(first);
		assertThat(this.admission.admitted()).isZero();
	}

	@Test
	void followsTheSizeOfThePool() throws Exception {
		Object first = admit("first");
		this.size.set(2);
		inThread(() -> this.admission.release(admit("second")));
		this.admission.release(first);
		assertThat(this.admission.admitted()).isZero();
	}

	@Test
	void stopLetsThoseEndThatAreThere() throws Exception {
		AtomicBoolean idle = new AtomicBoolean();
		CountDownLatch goOn = new CountDownLatch(1);
		AtomicInteger served = new AtomicInteger();
		Thread running = thread(0, () -> {
			Object transaction = admit("running");
			join(goOn);
			served.incrementAndGet();
			this.admission.release(transaction);
		});
		await().until(this.admission::admitted, (count) -> count == 1);
		Thread waiting = thread(1, () -> {
			Object transaction = admit("waiting");
			served.incrementAndGet();
			this.admission.release(transaction);
		});
		awaitWaiting(1);
		this.admission.stop(() -> idle.set(true));
		assertThatExceptionOfType(AdmissionRejectedException.class).isThrownBy(() -> inThread(() -> admit("new")))
			.withMessageEndingWith("the application is shutting down");
		assertThat(idle).isFalse();
		goOn.countDown();
		running.join();
		waiting.join();
		assertThat(idle).isTrue();
		assertThat(served).hasValue(2);
		this.admission.release(admit("closing"));
	}

	private Object admit(String name) {
		Object transaction = new Object();
		this.admission.admit(transaction, name, null);
		return transaction;
	}

	private void awaitWaiting(int count) {
		await().until(this.admission::waiting, (waiting) -> waiting == count);
	}

	private static Thread thread(int number, Runnable task) {
		return ((number % 2 == 0) ? Thread.ofVirtual() : Thread.ofPlatform()).start(task);
	}

	private static void inThread(Runnable task) throws InterruptedException {
		AtomicReference<@Nullable RuntimeException> failure = new AtomicReference<>();
		Thread.ofVirtual().start(() -> {
			try {
				task.run();
			}
			catch (RuntimeException ex) {
				failure.set(ex);
			}
		}).join();
		RuntimeException thrown = failure.get();
		if (thrown != null) {
			throw thrown;
		}
	}

	private static void join(CountDownLatch latch) {
		try {
			assertThat(latch.await(30, TimeUnit.SECONDS)).isTrue();
		}
		catch (InterruptedException ex) {
			throw new IllegalStateException(ex);
		}
	}

}
