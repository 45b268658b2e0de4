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

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.function.Supplier;

import org.jspecify.annotations.Nullable;

/**
 * Runs a scenario under each schedule of its threads, up to a number of preemptions. The
 * threads are virtual, and their scheduler is this class: it runs one of them at a time,
 * to the next {@link #pause()}, park or end, and learns of each unpark. So it sees when a
 * thread waits that nobody will wake.
 */
final class Schedules {

	private static final int MAX_STEPS = 2000;

	private final int maxPreemptions;

	private final List<Choice> path = new ArrayList<>();

	private long count;

	Schedules(int maxPreemptions) {
		this.maxPreemptions = maxPreemptions;
	}

	/**
	 * Let other threads run here. Between two such points a thread is not interrupted.
	 */
	static void pause() {
		if (Thread.currentThread().isVirtual()) {
			Thread.yield();
		}
	}

	/**
	 * Explore all schedules.
	 * @param scenario makes the tasks of the threads anew
	 * @return how many schedules there are
	 */
	long explore(Supplier<List<Runnable>> scenario) {
		do {
			this.count++;
			new Run().play(scenario.get());
		}
		while (next());
		return this.count;
	}

	private int choose(int step, int options) {
		if (step == this.path.size()) {
			this.path.add(new Choice(0, options));
		}
		Choice choice = this.path.get(step);
		if (choice.options() != options) {
			throw new IllegalStateException("The scenario is not deterministic");
		}
		return choice.taken();
	}

	private boolean next() {
		while (!this.path.isEmpty()) {
			Choice last = this.path.removeLast();
			if (last.taken() + 1 < last.options()) {
				this.path.add(new Choice(last.taken() + 1, last.options()));
				return true;
			}
		}
		return false;
	}

	private record Choice(int taken, int options) {

	}

	private final class Run {

		private final List<Runnable> runnable = new ArrayList<>();

		private @Nullable Throwable failure;

		private int preemptions;

		void play(List<Runnable> tasks) {
			Executor scheduler = this.runnable::add;
			List<Thread> threads = tasks.stream()
				.map((task) -> CarriedThreads.builder(scheduler)
					.uncaughtExceptionHandler((thread, ex) -> this.failure = ex)
					.start(task))
				.toList();
			Runnable last = null;
			for (int step = 0; !this.runnable.isEmpty(); step++) {
				if (step == MAX_STEPS) {
					throw failed("The threads do not come to rest");
				}
				last = take(step, last);
				last.run();
			}
			if (this.failure != null) {
				throw failed("A thread failed");
			}
			for (int i = 0; i < threads.size(); i++) {
				if (threads.get(i).isAlive()) {
					throw failed(
							"Thread " + i + " waits for ever at " + Arrays.toString(threads.get(i).getStackTrace()));
				}
			}
		}

		private Runnable take(int step, @Nullable Runnable last) {
			boolean preempts = last != null && this.runnable.remove(last);
			if (preempts && last != null) {
				this.runnable.addFirst(last);
			}
			boolean forced = preempts && this.preemptions == Schedules.this.maxPreemptions;
			int choice = choose(step, forced ? 1 : this.runnable.size());
			if (preempts && choice > 0) {
				this.preemptions++;
			}
			return this.runnable.remove(choice);
		}

		private AssertionError failed(String message) {
			return new AssertionError(message + ", in schedule " + Schedules.this.count + ": "
					+ Schedules.this.path.stream().map(Choice::taken).toList(), this.failure);
		}

	}

}
