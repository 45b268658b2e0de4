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
import java.nio.channels.SelectionKey;
import java.nio.channels.spi.AbstractSelectableChannel;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A channel that has so much to read and so much room to write, for {@link Schedules}.
 */
final class ModelChannel extends AbstractSelectableChannel {

	private final AtomicInteger readable = new AtomicInteger();

	private final AtomicInteger writable = new AtomicInteger();

	private final List<ModelSelector> selectors = new CopyOnWriteArrayList<>();

	ModelChannel() {
		super(null);
		try {
			configureBlocking(false);
		}
		catch (IOException ex) {
			throw new AssertionError(ex);
		}
	}

	/**
	 * Have selectors that wait for this channel return.
	 */
	void becomesReady(int operation, int by) {
		amount(operation).addAndGet(by);
		this.selectors.forEach(ModelSelector::look);
		Schedules.pause();
	}

	boolean take(int operation) {
		Schedules.pause();
		return amount(operation).get() > 0 && amount(operation).getAndDecrement() > 0;
	}

	private AtomicInteger amount(int operation) {
		return (operation == SelectionKey.OP_READ) ? this.readable : this.writable;
	}

	int ready() {
		return ((this.readable.get() > 0) ? SelectionKey.OP_READ : 0)
				| ((this.writable.get() > 0) ? SelectionKey.OP_WRITE : 0);
	}

	void registered(ModelSelector selector) {
		this.selectors.add(selector);
	}

	@Override
	public int validOps() {
		return SelectionKey.OP_READ | SelectionKey.OP_WRITE;
	}

	@Override
	protected void implCloseSelectableChannel() {
		// Nothing to do
	}

	@Override
	protected void implConfigureBlocking(boolean block) {
		// Nothing to do
	}

}
