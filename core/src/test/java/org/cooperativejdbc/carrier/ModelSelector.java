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

import java.nio.channels.CancelledKeyException;
import java.nio.channels.ClosedSelectorException;
import java.nio.channels.SelectableChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.spi.AbstractSelectableChannel;
import java.nio.channels.spi.AbstractSelector;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.function.IntUnaryOperator;
import java.util.function.LongConsumer;

import org.jspecify.annotations.Nullable;

/**
 * A model of a selector, for {@link Schedules}. It is level-triggered, like the JDK's,
 * sees the interest as it was when the selection began, and remembers a wake-up. Time
 * passes when it has nothing else to do.
 */
class ModelSelector extends AbstractSelector {

	private final Set<SelectionKey> keys = ConcurrentHashMap.newKeySet();

	private final LongConsumer sleep;

	private volatile @Nullable Thread selecting;

	private volatile boolean wakeup;

	/**
	 * Create a selector.
	 * @param sleep has so many milliseconds pass
	 */
	ModelSelector(LongConsumer sleep) {
		super(null);
		this.sleep = sleep;
	}

	@Override
	public int select(Consumer<SelectionKey> action, long timeoutMillis) {
		Map<SelectionKey, Integer> interest = interest();
		this.selecting = Thread.currentThread();
		while (isOpen() && !this.wakeup && ready(interest) == 0) {
			if (timeoutMillis > 0) {
				this.sleep.accept(timeoutMillis);
				break;
			}
			LockSupport.park();
		}
		this.selecting = null;
		return report(interest, action);
	}

	@Override
	public int selectNow(Consumer<SelectionKey> action) {
		return report(interest(), action);
	}

	private Map<SelectionKey, Integer> interest() {
		Schedules.pause();
		if (!isOpen()) {
			throw new ClosedSelectorException();
		}
		Map<SelectionKey, Integer> interest = new ConcurrentHashMap<>();
		this.keys.forEach((key) -> interest.put(key, ((ModelKey) key).selected()));
		return interest;
	}

	private static int ready(Map<SelectionKey, Integer> interest) {
		return (int) interest.entrySet()
			.stream()
			.filter((entry) -> (((ModelKey) entry.getKey()).channel.ready() & entry.getValue()) != 0)
			.count();
	}

	private int report(Map<SelectionKey, Integer> interest, Consumer<SelectionKey> action) {
		this.wakeup = false;
		int reported = 0;
		for (Map.Entry<SelectionKey, Integer> entry : interest.entrySet()) {
			if ((((ModelKey) entry.getKey()).channel.ready() & entry.getValue()) != 0) {
				action.accept(entry.getKey());
				reported++;
			}
		}
		return reported;
	}

	@Override
	public Selector wakeup() {
		Schedules.pause();
		this.wakeup = true;
		look();
		return this;
	}

	/**
	 * Change an interest.
	 * @return the interest before
	 */
	int changed(AtomicInteger interest, IntUnaryOperator change) {
		return interest.getAndUpdate(change);
	}

	/**
	 * Have the thread that selects look whether it is to go on.
	 */
	void look() {
		LockSupport.unpark(this.selecting);
	}

	@Override
	protected SelectionKey register(AbstractSelectableChannel channel, int operations, Object attachment) {
		ModelKey key = new ModelKey((ModelChannel) channel);
		key.attach(attachment);
		this.keys.add(key);
		key.channel.registered(this);
		return key;
	}

	@Override
	public Set<SelectionKey> keys() {
		if (!isOpen()) {
			throw new ClosedSelectorException();
		}
		return this.keys;
	}

	@Override
	protected void implCloseSelector() {
		this.keys.forEach(SelectionKey::cancel);
		this.wakeup = true;
		look();
	}

	@Override
	public Set<SelectionKey> selectedKeys() {
		throw new UnsupportedOperationException();
	}

	@Override
	public int selectNow() {
		throw new UnsupportedOperationException();
	}

	@Override
	public int select(long timeout) {
		throw new UnsupportedOperationException();
	}

	@Override
	public int select() {
		throw new UnsupportedOperationException();
	}

	/**
	 * The key of a channel.
	 */
	private final class ModelKey extends SelectionKey {

		private final AtomicInteger interest = new AtomicInteger();

		private final ModelChannel channel;

		private volatile boolean cancelled;

		private ModelKey(ModelChannel channel) {
			this.channel = channel;
		}

		/**
		 * The interest as a selection finds it.
		 */
		int selected() {
			return this.cancelled ? 0 : this.interest.get();
		}

		private AtomicInteger interest() {
			Schedules.pause();
			if (this.cancelled) {
				throw new CancelledKeyException();
			}
			return this.interest;
		}

		@Override
		public int interestOps() {
			return interest().get();
		}

		@Override
		public SelectionKey interestOps(int operations) {
			interest().set(operations);
			return this;
		}

		@Override
		public int interestOpsOr(int operations) {
			return changed(interest(), (value) -> value | operations);
		}

		@Override
		public int interestOpsAnd(int operations) {
			return changed(interest(), (value) -> value & operations);
		}

		@Override
		public int readyOps() {
			return interest().get() & this.channel.ready();
		}

		@Override
		public boolean isValid() {
			return !this.cancelled;
		}

		@Override
		public void cancel() {
			this.cancelled = true;
		}

		@Override
		public SelectableChannel channel() {
			return this.channel;
		}

		@Override
		public Selector selector() {
			return ModelSelector.this;
		}

	}

}
