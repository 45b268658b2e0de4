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

import java.io.IOException;
import java.nio.channels.SelectableChannel;
import java.util.concurrent.atomic.AtomicInteger;

import org.cooperativejdbc.WaitStrategy;

/**
 * Counts how often virtual threads wait by another strategy.
 */
public final class CountingWaitStrategy implements WaitStrategy {

	private final WaitStrategy strategy;

	private final AtomicInteger waits = new AtomicInteger();

	public CountingWaitStrategy(WaitStrategy strategy) {
		this.strategy = strategy;
	}

	@Override
	public void await(SelectableChannel channel, int operation, long timeoutNanos) throws IOException {
		if (Thread.currentThread().isVirtual()) {
			this.waits.incrementAndGet();
		}
		this.strategy.await(channel, operation, timeoutNanos);
	}

	@Override
	public void closed(SelectableChannel channel) {
		this.strategy.closed(channel);
	}

	public int waits() {
		return this.waits.get();
	}

}
