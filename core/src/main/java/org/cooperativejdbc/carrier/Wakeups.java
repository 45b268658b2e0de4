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

import java.util.concurrent.Executor;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * Wakes loops on behalf of threads that must not be blocked. To wake a selector takes a
 * monitor, and a virtual thread may be first in its queue. Whoever is behind it waits
 * until that thread has been carried.
 * <p>
 * Two threads see to that, and so must not wait for it. One is the unblocker of the JDK,
 * the only thread that submits the continuations of virtual threads which a monitor has
 * blocked (<a href="https://openjdk.org/jeps/491">JEP 491</a>, JDK 24): if it waited, no
 * blocked virtual thread of the JVM would ever go on. The other one is the
 * {@link StallWatch}.
 */
final class Wakeups {

	static final String UNBLOCKER = "VirtualThread-unblocker";

	/**
	 * Any number of threads, because each may be blocked. A loop that sleeps while its
	 * wake-up is blocked is stalled, and the {@link StallWatch} has its threads run
	 * elsewhere, among them the one that the wake-up waits for. They belong to no
	 * application, and so keep neither its class loader nor its thread locals.
	 */
	private static final Executor threads = new ThreadPoolExecutor(0, Integer.MAX_VALUE, 5, TimeUnit.SECONDS,
			new SynchronousQueue<>(),
			Thread.ofPlatform()
				.daemon()
				.inheritInheritableThreadLocals(false)
				.name("cooperative-jdbc-wakeup-", 1)
				.factory());

	private Wakeups() {
	}

	/**
	 * Wake a loop, on another thread if the current one is the unblocker.
	 */
	static void run(Runnable wakeup) {
		if (Thread.currentThread().getName().equals(UNBLOCKER)) {
			runElsewhere(wakeup);
		}
		else {
			wakeup.run();
		}
	}

	/**
	 * Wake a loop on another thread.
	 */
	static void runElsewhere(Runnable wakeup) {
		try {
			threads.execute(wakeup);
		}
		catch (OutOfMemoryError ex) {
			wakeup.run(); // no thread to be had
		}
	}

}
