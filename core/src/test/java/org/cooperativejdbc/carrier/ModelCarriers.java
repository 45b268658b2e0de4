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
import java.nio.channels.Selector;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;

import org.jspecify.annotations.Nullable;

/**
 * Carriers whose selectors, threads and clock are models, for {@link Schedules}. The rest
 * is the real thing.
 */
class ModelCarriers extends Carriers {

	private final Map<Thread, Carrier> drivers = new ConcurrentHashMap<>();

	private volatile long now;

	ModelCarriers(int count) throws IOException {
		super(count, "", () -> {
		});
	}

	final Carrier first() {
		return all().getFirst();
	}

	/**
	 * Drive a carrier until it is closed or taken over.
	 */
	final void drive(Carrier carrier) {
		drive(carrier, null);
	}

	/**
	 * Take over from the thread that drives a carrier, unless that waits.
	 */
	final void takeOver(Carrier carrier) {
		Schedules.pause();
		Shift shift = carrier.shift();
		if (shift != null) {
			drive(carrier, shift);
		}
	}

	private void drive(Carrier carrier, @Nullable Shift relieved) {
		this.drivers.put(Thread.currentThread(), carrier);
		Shift shift = carrier.beginShift(relieved);
		if (shift != null) {
			carrier.drive(shift);
		}
	}

	final void sleep(long millis) {
		this.now += TimeUnit.MILLISECONDS.toNanos(millis);
	}

	@Override
	long now() {
		return this.now;
	}

	@Override
	@Nullable Carrier current() {
		Carrier carrier = this.drivers.get(Thread.currentThread());
		Shift shift = (carrier != null) ? carrier.shift() : null;
		return (shift != null && shift.thread() == Thread.currentThread()) ? carrier : null;
	}

	@Override
	Selector openSelector() {
		return new ModelSelector(this::sleep);
	}

	@Override
	Queue<Runnable> newQueue() {
		return new ConcurrentLinkedQueue<>() {

			@Override
			public boolean add(Runnable continuation) {
				Schedules.pause();
				boolean added = super.add(continuation);
				Schedules.pause();
				return added;
			}

			@Override
			public boolean isEmpty() {
				Schedules.pause();
				return super.isEmpty();
			}

		};
	}

	@Override
	Shift newShift() {
		return new ModelShift();
	}

	/**
	 * A shift with points in it where other threads may run.
	 */
	static class ModelShift extends Shift {

		ModelShift() {
			super(Thread.currentThread());
		}

		@Override
		boolean beginWait() {
			Schedules.pause();
			boolean begun = super.beginWait();
			Schedules.pause();
			return begun;
		}

		@Override
		boolean endWait() {
			Schedules.pause();
			return super.endWait();
		}

		@Override
		boolean end() {
			Schedules.pause();
			return super.end();
		}

		@Override
		boolean isOver() {
			Schedules.pause();
			return super.isOver();
		}

	}

}
