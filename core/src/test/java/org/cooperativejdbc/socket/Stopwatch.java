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

package org.cooperativejdbc.socket;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/**
 * Time in which this JVM could do something. Where a corrupt size makes the driver
 * allocate gigabytes, all threads wait until they are cleared, which takes long on a
 * machine that does something else.
 */
final class Stopwatch implements AutoCloseable {

	private static final int TICKS_PER_SECOND = 20;

	private final AtomicLong ticks = new AtomicLong();

	private final Thread thread = Thread.ofPlatform().daemon().name("stopwatch").start(this::run);

	private void run() {
		while (!Thread.currentThread().isInterrupted()) {
			LockSupport.parkNanos(TimeUnit.SECONDS.toNanos(1) / TICKS_PER_SECOND);
			this.ticks.incrementAndGet();
		}
	}

	long seconds() {
		return this.ticks.get() / TICKS_PER_SECOND;
	}

	@Override
	public void close() {
		this.thread.interrupt();
	}

}
