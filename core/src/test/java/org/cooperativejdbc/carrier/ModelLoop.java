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
import java.nio.channels.SelectableChannel;
import java.nio.channels.SelectionKey;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

import org.jspecify.annotations.Nullable;

/**
 * An event loop on models of selectors, for {@link Schedules}. The waiters and
 * {@link EventLoop} are the real ones; what {@link SelectorEventLoop} does around its
 * selectors is repeated here. There is one channel, which is waited for in the last of
 * the selectors in use.
 */
class ModelLoop extends EventLoop {

	final ModelSelector.ModelChannel channel = new ModelSelector.ModelChannel();

	private final ChannelWaiters waiters;

	private final List<ModelSelector> selectors;

	private final List<Thread> threads = new CopyOnWriteArrayList<>();

	private volatile int selectorsInUse = 1;

	private volatile boolean closed;

	ModelLoop(int selectors) {
		super(1);
		this.selectors = Stream.generate(() -> new ModelSelector(this.channel)).limit(selectors).toList();
		this.waiters = new ChannelWaiters(selectors - 1);
		this.waiters.registered(first().key());
	}

	final ModelSelector first() {
		return this.selectors.getFirst();
	}

	/**
	 * A thread of the loop, of which there may be as many as selectors.
	 */
	final void run() {
		this.threads.add(Thread.currentThread());
		int first = 0;
		while (!this.closed) {
			runContinuations();
			first = select(first);
		}
		Schedules.pause();
		wakeAll();
	}

	private int select(int first) {
		for (int i = 0; i < this.selectors.size(); i++) {
			int index = (first + i) % this.selectors.size();
			if (this.selectors.get(index)
				.trySelect(() -> !this.closed && !hasContinuations(), asksEarly(), this::ready)) {
				return (this.selectorsInUse > 1) ? index + 1 : 0;
			}
		}
		return 0;
	}

	boolean asksEarly() {
		return false;
	}

	void ready(SelectionKey key) {
		this.waiters.ready(key);
	}

	final void use(int count) {
		Schedules.pause();
		this.selectorsInUse = count;
	}

	/**
	 * Readiness of the channel wakes the threads in selectors.
	 */
	final void becomesReady(int operation, int by) {
		this.channel.add(operation, by);
		this.selectors.forEach(ModelSelector::channelIsReady);
		Schedules.pause();
	}

	@Override
	void running(@Nullable Runnable continuation) {
		// Nobody asks
	}

	@Override
	@Nullable Runnable running() {
		return null;
	}

	@Override
	void continuationAdded() {
		Schedules.pause();
		if (!this.threads.contains(Thread.currentThread()) && allWait()) {
			Schedules.pause();
			first().wakeup();
		}
	}

	boolean allWait() {
		return this.selectors.stream().allMatch(ModelSelector::isWaiting);
	}

	/**
	 * Have the loop run a task.
	 */
	void add(Runnable task) {
		Schedules.pause();
		execute(task);
	}

	@Override
	ChannelWaiters register(SelectableChannel channel) {
		SelectionKey key = keyToWaitWith();
		if (this.waiters.key() != key) {
			Schedules.pause();
			this.waiters.registered(key);
		}
		Schedules.pause();
		return this.waiters;
	}

	final SelectionKey keyToWaitWith() {
		Schedules.pause();
		return this.selectors.get(this.waiters.number() % this.selectorsInUse).key();
	}

	@Override
	void ensureOpen() throws IOException {
		Schedules.pause();
		if (this.closed) {
			throw new IOException("Closed");
		}
		Schedules.pause();
	}

	@Override
	void interestAdded(SelectionKey key) {
		Schedules.pause();
		this.selectors.stream().filter((selector) -> selector.key() == key).forEach(ModelSelector::wakeup);
		Schedules.pause();
	}

	@Override
	void wakeAll() {
		this.waiters.wakeAll();
	}

	@Override
	boolean hasWaiters() {
		return !this.waiters.isEmpty();
	}

	@Override
	public void close() {
		this.closed = true;
		Schedules.pause();
		this.selectors.forEach(ModelSelector::interrupt);
	}

	@Override
	void forget(SelectableChannel channel) {
		this.selectors.forEach((selector) -> selector.key().cancel());
		Schedules.pause();
		this.selectors.forEach(ModelSelector::interrupt);
	}

	@Override
	public ScheduledFuture<?> schedule(Runnable task, long delay, TimeUnit unit) {
		throw new UnsupportedOperationException();
	}

	@Override
	void parkNanos(SelectableChannel channel, long timeoutNanos) {
		throw new UnsupportedOperationException();
	}

	@Override
	boolean isThread(@Nullable Thread thread) {
		return false;
	}

	@Override
	@Nullable Thread thread() {
		return null;
	}

	@Override
	boolean keepsChildren() {
		return false;
	}

	@Override
	void ping() {
		first().wakeup();
	}

}
