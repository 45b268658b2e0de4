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

package org.cooperativejdbc.benchmark.soak;

import java.util.concurrent.atomic.LongAdder;

/**
 * What has happened. Failures are counted by operation, under the first cause that
 * explains them.
 */
final class Counts {

	final LongAdder statements = new LongAdder();

	/**
	 * Failed because its thread was interrupted.
	 */
	final LongAdder interrupted = new LongAdder();

	/**
	 * Failed because the deadline of its thread had passed.
	 */
	final LongAdder late = new LongAdder();

	/**
	 * Failed because its backend was terminated, or its connection aborted or closed by
	 * another thread.
	 */
	final LongAdder terminated = new LongAdder();

	/**
	 * Interrupted or late, and the connection did not survive, although there was a
	 * statement to cancel.
	 */
	final LongAdder lost = new LongAdder();

	final LongAdder wrong = new LongAdder();

	final LongAdder unexplained = new LongAdder();

	void add(Counts other) {
		this.statements.add(other.statements.sum());
		this.interrupted.add(other.interrupted.sum());
		this.late.add(other.late.sum());
		this.terminated.add(other.terminated.sum());
		this.lost.add(other.lost.sum());
		this.wrong.add(other.wrong.sum());
		this.unexplained.add(other.unexplained.sum());
	}

	@Override
	public String toString() {
		return this.statements + " statements, " + this.interrupted + " interrupted, " + this.late + " late, "
				+ this.terminated + " terminated, " + this.lost + " connections lost, " + this.wrong + " wrong, "
				+ this.unexplained + " unexplained";
	}

}
