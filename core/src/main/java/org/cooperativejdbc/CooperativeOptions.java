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

package org.cooperativejdbc;

import java.time.Duration;

/**
 * The options of an application without Spring. Immutable, and so may be used by any
 * thread: each {@code with...} method returns new options that differ in one value.
 *
 * @param model the concurrency model
 * @param threads how many event loops carry the virtual threads of the model
 * {@link ConcurrencyModel#EVENT_LOOP event-loop}; without effect in the others
 * @param interruptPolicy what an interrupt does to a statement
 * @param cancelGrace how long to wait for the answer to a canceled statement
 * @param closeTimeout how long closing waits at most for calls in flight before it
 * interrupts them, and for connections that are out
 * @param offloadThreads the largest number of platform threads for
 * {@link Cooperative#offload offloaded} tasks
 * @param readOnlyCommit how long to wait for the COMMIT of a read-only transaction
 * @param readOnlyBegin when a read-only transaction begins
 * @since 0.1.0
 * @see Cooperative#start(CooperativeOptions)
 */
public record CooperativeOptions(ConcurrencyModel model, int threads, InterruptPolicy interruptPolicy,
		Duration cancelGrace, Duration closeTimeout, int offloadThreads, ReadOnlyCommit readOnlyCommit,
		ReadOnlyBegin readOnlyBegin) {

	/**
	 * Create options.
	 * @throws IllegalArgumentException if a number or a duration is not positive
	 */
	public CooperativeOptions {
		checkPositive("threads", threads);
		checkPositive("offloadThreads", offloadThreads);
		checkPositive("cancelGrace", cancelGrace);
		if (closeTimeout.isNegative()) {
			throw new IllegalArgumentException("'closeTimeout' must not be negative, but is " + closeTimeout);
		}
	}

	private static void checkPositive(String name, int value) {
		if (value < 1) {
			throw new IllegalArgumentException("'" + name + "' must be positive, but is " + value);
		}
	}

	private static void checkPositive(String name, Duration value) {
		if (!value.isPositive()) {
			throw new IllegalArgumentException("'" + name + "' must be positive, but is " + value);
		}
	}

	/**
	 * Return the default options: virtual threads on the JDK's scheduler, interrupts that
	 * cancel the statement with a grace period of 5 seconds, 30 seconds to close, and 20
	 * platform threads for offloaded tasks. With another model there are as many event
	 * loops as processors. Each transaction begins with its first statement, and each
	 * COMMIT is waited for.
	 * @return the options
	 */
	public static CooperativeOptions defaults() {
		return new CooperativeOptions(ConcurrencyModel.VIRTUAL, Runtime.getRuntime().availableProcessors(),
				InterruptPolicy.CANCEL, Duration.ofSeconds(5), Duration.ofSeconds(30), 20, ReadOnlyCommit.STANDARD,
				ReadOnlyBegin.STANDARD);
	}

	/**
	 * Return options with another concurrency model.
	 * @param model the concurrency model
	 * @return the options
	 */
	public CooperativeOptions withModel(ConcurrencyModel model) {
		return new CooperativeOptions(model, this.threads, this.interruptPolicy, this.cancelGrace, this.closeTimeout,
				this.offloadThreads, this.readOnlyCommit, this.readOnlyBegin);
	}

	/**
	 * Return options with another number of event loops.
	 * @param threads how many, at least 1
	 * @return the options
	 * @throws IllegalArgumentException if it is not positive
	 */
	public CooperativeOptions withThreads(int threads) {
		return new CooperativeOptions(this.model, threads, this.interruptPolicy, this.cancelGrace, this.closeTimeout,
				this.offloadThreads, this.readOnlyCommit, this.readOnlyBegin);
	}

	/**
	 * Return options with another interrupt policy.
	 * @param interruptPolicy what an interrupt does to a statement
	 * @return the options
	 */
	public CooperativeOptions withInterruptPolicy(InterruptPolicy interruptPolicy) {
		return new CooperativeOptions(this.model, this.threads, interruptPolicy, this.cancelGrace, this.closeTimeout,
				this.offloadThreads, this.readOnlyCommit, this.readOnlyBegin);
	}

	/**
	 * Return options with another grace period.
	 * @param cancelGrace how long to wait for the answer to a canceled statement
	 * @return the options
	 * @throws IllegalArgumentException if it is not positive
	 */
	public CooperativeOptions withCancelGrace(Duration cancelGrace) {
		return new CooperativeOptions(this.model, this.threads, this.interruptPolicy, cancelGrace, this.closeTimeout,
				this.offloadThreads, this.readOnlyCommit, this.readOnlyBegin);
	}

	/**
	 * Return options with another time to close.
	 * @param closeTimeout how long closing waits at most, zero to interrupt at once
	 * @return the options
	 * @throws IllegalArgumentException if it is negative
	 */
	public CooperativeOptions withCloseTimeout(Duration closeTimeout) {
		return new CooperativeOptions(this.model, this.threads, this.interruptPolicy, this.cancelGrace, closeTimeout,
				this.offloadThreads, this.readOnlyCommit, this.readOnlyBegin);
	}

	/**
	 * Return options with another number of threads for offloaded tasks.
	 * @param offloadThreads how many, at least 1
	 * @return the options
	 * @throws IllegalArgumentException if it is not positive
	 */
	public CooperativeOptions withOffloadThreads(int offloadThreads) {
		return new CooperativeOptions(this.model, this.threads, this.interruptPolicy, this.cancelGrace,
				this.closeTimeout, offloadThreads, this.readOnlyCommit, this.readOnlyBegin);
	}

	/**
	 * Return options with another wait for the COMMIT of read-only transactions.
	 * @param readOnlyCommit how long to wait
	 * @return the options
	 */
	public CooperativeOptions withReadOnlyCommit(ReadOnlyCommit readOnlyCommit) {
		return new CooperativeOptions(this.model, this.threads, this.interruptPolicy, this.cancelGrace,
				this.closeTimeout, this.offloadThreads, readOnlyCommit, this.readOnlyBegin);
	}

	/**
	 * Return options with another begin of read-only transactions.
	 * @param readOnlyBegin when they begin
	 * @return the options
	 */
	public CooperativeOptions withReadOnlyBegin(ReadOnlyBegin readOnlyBegin) {
		return new CooperativeOptions(this.model, this.threads, this.interruptPolicy, this.cancelGrace,
				this.closeTimeout, this.offloadThreads, this.readOnlyCommit, readOnlyBegin);
	}

}
