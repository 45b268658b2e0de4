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

import io.netty.channel.EventLoop;
import io.netty.util.internal.InternalThreadLocalMap;
import io.netty.util.internal.ThreadExecutorMap;
import org.cooperativejdbc.carrier.CarrierThread;

/**
 * Tells the threads that run the I/O of an event loop. What counts is what a thread runs:
 * Reactor marks threads of its timers like those of event loops, and there nobody but the
 * caller waits.
 *
 * @since 0.1.0
 */
public final class EventLoopThreads {

	private static final boolean nettyPresent = isPresent("io.netty.channel.EventLoop")
			&& isPresent("io.netty.util.internal.ThreadExecutorMap");

	private EventLoopThreads() {
	}

	private static boolean isPresent(String className) {
		try {
			Class.forName(className, false, EventLoopThreads.class.getClassLoader());
			return true;
		}
		catch (ClassNotFoundException | LinkageError ex) {
			return false;
		}
	}

	/**
	 * Return whether the current thread runs an event loop.
	 * @param thread the current thread
	 * @return whether others wait when it does
	 */
	static boolean isCurrent(Thread thread) {
		return !thread.isVirtual()
				&& (thread instanceof CarrierThread || (nettyPresent && NettyThreads.currentRunsEventLoop()));
	}

	/**
	 * Refuse the current thread if it runs an event loop.
	 * @param action what it is about to do
	 * @throws IllegalStateException if it does
	 */
	public static void refuse(String action) {
		Thread thread = Thread.currentThread();
		if (isCurrent(thread)) {
			throw new IllegalStateException(
					"Thread '" + thread.getName() + "' runs an event loop and must not wait, as '" + action
							+ "' does; do that in 'Cooperative.call', which runs it on a virtual thread");
		}
	}

	/**
	 * Asks Netty, which leaves threads alone that have nothing to do with it.
	 */
	private static final class NettyThreads {

		static boolean currentRunsEventLoop() {
			return InternalThreadLocalMap.getIfSet() != null
					&& ThreadExecutorMap.currentExecutor() instanceof EventLoop;
		}

	}

}
