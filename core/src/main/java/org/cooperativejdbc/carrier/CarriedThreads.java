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

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodHandles.Lookup;
import java.lang.invoke.MethodType;
import java.util.ArrayDeque;
import java.util.HashSet;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;

import org.jspecify.annotations.Nullable;

/**
 * Access to virtual threads whose scheduler is an {@link Executor} of our own. The JDK
 * has it ({@code java.lang.ThreadBuilders}, where its own tests use it) but does not
 * publish it, so it needs {@code java.base/java.lang} to be open.
 *
 * @since 0.1.0
 */
public final class CarriedThreads {

	/**
	 * The command line option that opens {@code java.lang} to the class path.
	 */
	public static final String OPEN_OPTION = "--add-opens=java.base/java.lang=ALL-UNNAMED";

	private static final String JDK_POLLER = "sun.nio.ch.Poller";

	private static final @Nullable Access access;

	private static final @Nullable String unavailable;

	static {
		Access found = null;
		String reason = null;
		if (!Thread.class.getModule().isOpen("java.lang", CarriedThreads.class.getModule())) {
			reason = "java.lang not open";
		}
		else {
			try {
				found = Access.find();
			}
			catch (Throwable ex) {
				reason = "virtual threads of this JVM have no scheduler of one's own: " + ex;
			}
		}
		access = found;
		unavailable = reason;
	}

	private CarriedThreads() {
	}

	/**
	 * Return why virtual threads cannot be carried by an executor in this JVM.
	 * @return the reason, or {@code null} if they can
	 */
	public static @Nullable String unavailableReason() {
		return unavailable;
	}

	/**
	 * Return a builder of virtual threads whose continuations are run by an executor.
	 * Their children inherit it.
	 */
	static Thread.Builder.OfVirtual builder(Executor scheduler) {
		return access().newBuilder(scheduler);
	}

	/**
	 * Return the executor that runs a virtual thread.
	 */
	static Executor schedulerOf(Thread virtualThread) {
		return access().schedulerOf(virtualThread);
	}

	/**
	 * Return the platform thread that carries a virtual thread now, or {@code null}.
	 */
	static @Nullable Thread carrierOf(Thread virtualThread) {
		return access().carrierOf(virtualThread);
	}

	/**
	 * Return the current thread or, if it is virtual, the platform thread that carries
	 * it.
	 */
	static @Nullable Thread platformThread() {
		Thread thread = Thread.currentThread();
		return thread.isVirtual() ? carrierOf(thread) : thread;
	}

	/**
	 * Return the scheduler of the JDK, which takes over continuations when an event loop
	 * ends.
	 */
	static Executor defaultScheduler() {
		return access().defaultScheduler();
	}

	/**
	 * Initialize the class that waits for the sockets of the JDK, and thereby start the
	 * threads in which it waits. A wait for a socket would do so only if it lasts, which
	 * takes a time-out longer than any delay of the machine.
	 */
	static void initializeJdkPoller() {
		try {
			Class.forName(JDK_POLLER);
		}
		catch (ClassNotFoundException ex) {
			throw new IllegalStateException("Unable to start the poller of the JDK", ex);
		}
	}

	private static Access access() {
		if (access == null) {
			throw new IllegalStateException("Virtual threads cannot be carried by an executor: " + unavailable);
		}
		return access;
	}

	private record Access(MethodHandle constructor, MethodHandle scheduler, MethodHandle carrier,
			Executor defaultScheduler) {

		static Access find() throws Throwable {
			Class<?> builder = Class.forName("java.lang.ThreadBuilders$VirtualThreadBuilder");
			Class<?> virtualThread = Class.forName("java.lang.VirtualThread");
			Class.forName(JDK_POLLER, false, null);
			Lookup lookup = MethodHandles.privateLookupIn(virtualThread, MethodHandles.lookup());
			MethodHandle constructor = MethodHandles.privateLookupIn(builder, MethodHandles.lookup())
				.findConstructor(builder, MethodType.methodType(void.class, Executor.class))
				.asType(MethodType.methodType(Thread.Builder.OfVirtual.class, Executor.class));
			MethodHandle scheduler = lookup.findGetter(virtualThread, "scheduler", Executor.class)
				.asType(MethodType.methodType(Executor.class, Thread.class));
			MethodHandle carrier = lookup.findGetter(virtualThread, "carrierThread", Thread.class)
				.asType(MethodType.methodType(Thread.class, Thread.class));
			Thread probe = Thread.ofVirtual().unstarted(() -> {
			});
			Access access = new Access(constructor, scheduler, carrier, (Executor) scheduler.invokeExact(probe));
			new Probe().run(access);
			return access;
		}

		Thread.Builder.OfVirtual newBuilder(Executor scheduler) {
			try {
				return (Thread.Builder.OfVirtual) this.constructor.invokeExact(scheduler);
			}
			catch (Throwable ex) {
				throw new IllegalStateException("Unable to create a virtual thread", ex);
			}
		}

		@Nullable Thread carrierOf(Thread virtualThread) {
			try {
				return (Thread) this.carrier.invokeExact(virtualThread);
			}
			catch (Throwable ex) {
				throw new IllegalStateException("Unable to get the carrier of " + virtualThread, ex);
			}
		}

		Executor schedulerOf(Thread virtualThread) {
			try {
				return (Executor) this.scheduler.invokeExact(virtualThread);
			}
			catch (Throwable ex) {
				throw new IllegalStateException("Unable to get the scheduler of " + virtualThread, ex);
			}
		}

	}

	/**
	 * A scheduler that finds out whether this JVM hands virtual threads over to one of
	 * its kind, each time that they can run.
	 */
	private static final class Probe extends CarrierScheduler {

		private final Queue<Runnable> continuations = new ArrayDeque<>();

		private final Set<@Nullable Thread> carriers = new HashSet<>();

		Probe() {
			super(1);
		}

		void run(Access access) throws InterruptedException {
			Thread carrier = Thread.ofPlatform().daemon().name("cooperative-jdbc-probe").start(() -> carry(access));
			carrier.join();
			if (!this.carriers.equals(Set.of(carrier))) {
				throw new IllegalStateException("the scheduler is ignored");
			}
		}

		private void carry(Access access) {
			access.newBuilder(this).start(() -> {
				this.carriers.add(access.carrierOf(Thread.currentThread()));
				Thread.yield();
				this.carriers.add(access.carrierOf(Thread.currentThread()));
			});
			Runnable continuation;
			while ((continuation = this.continuations.poll()) != null) {
				continuation.run();
			}
		}

		@Override
		public void execute(Runnable continuation) {
			this.continuations.add(continuation);
		}

		@Override
		public ScheduledFuture<?> schedule(Runnable task, long delay, TimeUnit unit) {
			throw new UnsupportedOperationException("The probe parks no thread for a time");
		}

	}

}
