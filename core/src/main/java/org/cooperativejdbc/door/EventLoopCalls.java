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

package org.cooperativejdbc.door;

import java.util.function.Consumer;
import java.util.function.Predicate;

import org.cooperativejdbc.BlockingOnEventLoopException;
import org.jspecify.annotations.Nullable;

/**
 * Tells the threads that run an event loop and are about to wait for the database, to
 * whoever refuses them and to a test that listens. May be used by any thread.
 *
 * @since 0.1.0
 */
public final class EventLoopCalls implements Predicate<Thread> {

	private volatile @Nullable Consumer<BlockingOnEventLoopException> listener;

	/**
	 * Create what nobody listens to yet.
	 */
	public EventLoopCalls() {
	}

	/**
	 * Return whether the current thread runs an event loop.
	 * @param thread the current thread
	 * @return whether others wait when it does
	 */
	@Override
	public boolean test(Thread thread) {
		if (!EventLoopThreads.isCurrent(thread)) {
			return false;
		}
		Consumer<BlockingOnEventLoopException> listener = this.listener;
		if (listener != null) {
			listener.accept(new BlockingOnEventLoopException(thread));
		}
		return true;
	}

	/**
	 * Set who is told of each call, on the thread that makes it.
	 * @param listener the listener, which must not throw, or {@code null} for none
	 */
	public void setListener(@Nullable Consumer<BlockingOnEventLoopException> listener) {
		this.listener = listener;
	}

}
