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

package org.cooperativejdbc.test;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Interrupts threads at random moments while they call a server over and over, and counts
 * the answers to the questions of others.
 */
public final class RandomInterrupts {

	private final AtomicInteger answers = new AtomicInteger();

	private final AtomicInteger foreign = new AtomicInteger();

	private final AtomicInteger failures = new AtomicInteger();

	private volatile boolean ended;

	/**
	 * Interrupt the callers.
	 * @param threads makes the threads of the callers
	 * @param interrupts how often
	 * @param call returns what it is given, or fails
	 */
	public void run(ThreadFactory threads, int interrupts, Call call) throws InterruptedException {
		AtomicInteger number = new AtomicInteger();
		List<Thread> callers = new ArrayList<>();
		for (int i = 0; i < 8; i++) {
			callers.add(threads.newThread(() -> {
				while (!this.ended) {
					call(call, number.incrementAndGet());
				}
			}));
		}
		callers.forEach(Thread::start);
		for (int i = 0; i < interrupts; i++) {
			LockSupport.parkNanos(ThreadLocalRandom.current().nextInt(2_000_000));
			callers.get(ThreadLocalRandom.current().nextInt(callers.size())).interrupt();
		}
		this.ended = true;
		for (Thread caller : callers) {
			assertThat(caller.join(Duration.ofSeconds(20))).isTrue();
		}
	}

	private void call(Call call, int number) {
		try {
			if (call.echo(number) == number) {
				this.answers.incrementAndGet();
			}
			else {
				this.foreign.incrementAndGet();
			}
		}
		catch (Exception ex) {
			this.failures.incrementAndGet();
		}
		finally {
			Thread.interrupted();
		}
	}

	public int answers() {
		return this.answers.get();
	}

	/**
	 * Return how many answers were to another question.
	 */
	public int foreign() {
		return this.foreign.get();
	}

	public int failures() {
		return this.failures.get();
	}

	/**
	 * Calls the server.
	 */
	@FunctionalInterface
	public interface Call {

		int echo(int number) throws Exception;

	}

}
