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

import java.io.IOException;
import java.nio.channels.SelectableChannel;
import java.util.concurrent.atomic.AtomicInteger;

import org.cooperativejdbc.WaitStrategy;
import org.cooperativejdbc.carrier.EventLoops;

/**
 * Fails at a wait, and else waits in event loops.
 */
final class FailingWaitStrategy implements WaitStrategy {

	private final EventLoops loops;

	private final Throwable failure;

	private final AtomicInteger remaining = new AtomicInteger(-1);

	FailingWaitStrategy(EventLoops loops, Throwable failure) {
		this.loops = loops;
		this.failure = failure;
	}

	void arm(int wait) {
		this.remaining.set(wait);
	}

	/**
	 * Return whether the wait failed.
	 */
	boolean disarm() {
		return this.remaining.getAndSet(-1) < 0;
	}

	@Override
	public void await(SelectableChannel channel, int operation, long timeout) throws IOException {
		if (this.remaining.get() >= 0 && this.remaining.getAndDecrement() == 0) {
			FailingWaitStrategy.<RuntimeException>sneakyThrow(this.failure);
		}
		this.loops.await(channel, operation, timeout);
	}

	@SuppressWarnings("unchecked")
	private static <T extends Throwable> void sneakyThrow(Throwable failure) throws T {
		throw (T) failure;
	}

	@Override
	public void closed(SelectableChannel channel) {
		this.loops.closed(channel);
	}

}
