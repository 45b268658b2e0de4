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
import java.util.List;
import java.util.concurrent.ForkJoinTask;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link CarrierScheduler}: which of its methods the JDK calls differs from one
 * release to the next.
 */
class CarrierSchedulerTests {

	private final List<Runnable> added = new ArrayList<>();

	private final CarrierScheduler scheduler = new CarrierScheduler(1) {

		@Override
		public void execute(Runnable continuation) {
			CarrierSchedulerTests.this.added.add(continuation);
		}

		@Override
		public ScheduledFuture<?> schedule(Runnable task, long delay, TimeUnit unit) {
			throw new UnsupportedOperationException();
		}

	};

	@Test
	void taskOfAPoolIsAContinuationHoweverItComes() {
		List<ForkJoinTask<?>> tasks = new ArrayList<>();
		List<Thread> ranOn = new ArrayList<>();
		for (int i = 0; i < 4; i++) {
			tasks.add(ForkJoinTask.adapt((Runnable) () -> ranOn.add(Thread.currentThread())));
		}
		this.scheduler.execute(tasks.get(0));
		assertThat(this.scheduler.submit(tasks.get(1))).isSameAs(tasks.get(1));
		assertThat(this.scheduler.externalSubmit(tasks.get(2))).isSameAs(tasks.get(2));
		assertThat(this.scheduler.lazySubmit(tasks.get(3))).isSameAs(tasks.get(3));
		assertThat(this.added).isEqualTo(tasks);
		this.added.forEach(Runnable::run);
		assertThat(ranOn).hasSize(4).containsOnly(Thread.currentThread());
	}

	@Test
	void taskThatIsNoRunnableRunsToo() {
		List<String> ran = new ArrayList<>();
		this.scheduler.submit(new ForkJoinTask<Void>() {

			@Override
			public Void getRawResult() {
				return null;
			}

			@Override
			protected void setRawResult(Void value) {
			}

			@Override
			protected boolean exec() {
				return ran.add("ran");
			}

		});
		this.added.forEach(Runnable::run);
		assertThat(ran).containsExactly("ran");
	}

}
