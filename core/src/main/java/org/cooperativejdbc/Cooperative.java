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

package org.cooperativejdbc;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.SocketTimeoutException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.IllegalBlockingModeException;
import java.nio.channels.SelectableChannel;
import java.nio.channels.SelectionKey;
import java.time.Duration;
import java.util.List;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import org.cooperativejdbc.carrier.CarriedThreads;
import org.cooperativejdbc.carrier.EventLoops;
import org.cooperativejdbc.door.BoundedExecutor;
import org.cooperativejdbc.door.CooperativeSockets;
import org.cooperativejdbc.door.DriverProperties;
import org.cooperativejdbc.door.EventLoopCalls;
import org.cooperativejdbc.door.EventLoopThreads;
import org.cooperativejdbc.door.Observed;
import org.cooperativejdbc.door.Offload;
import org.cooperativejdbc.door.Pools;
import org.cooperativejdbc.door.Readiness;
import org.cooperativejdbc.door.Threads;
import org.cooperativejdbc.door.Waits;
import org.cooperativejdbc.driver.DriverSupports;
import org.cooperativejdbc.pool.HoldTimes;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Publisher;

/**
 * The entry point for programs without Spring: it creates cooperative pools and threads,
 * and runs or awaits code that would block them.
 *
 * <pre class="code">
 * try (var cooperative = Cooperative.start(CooperativeOptions.defaults())) {
 *     HikariDataSource pool = cooperative.pool(config);
 *     ...
 * }
 * </pre>
 *
 * Several instances may exist at once; they share nothing. May be used by any thread.
 *
 * @since 0.1.0
 */
public final class Cooperative implements AutoCloseable {

	private static final Duration HOLD_TIME_THRESHOLD = Duration.ofMillis(500);

	private final CooperativeOptions options;

	private final Observed observed;

	private final @Nullable EventLoops ownLoops;

	private final Threads threads;

	private final DriverSupports drivers = DriverSupports.load(List.of(), classLoader());

	private final CooperativeSockets sockets;

	private final Object poolsLock = new Object();

	/**
	 * Needs HikariCP, and so does not exist before it is asked for a pool.
	 */
	private @Nullable Pools pools;

	private final Offload offload;

	private final Set<BoundedExecutor> executors = ConcurrentHashMap.newKeySet();

	private final AtomicBoolean closed = new AtomicBoolean();

	private Cooperative(CooperativeOptions options, @Nullable EventLoops loops, boolean own) {
		this.options = options;
		this.observed = new Observed(new CooperativeJdbc(options.model(), "CooperativeOptions"),
				new HoldTimes(HOLD_TIME_THRESHOLD), new EventLoopCalls(), loops);
		this.ownLoops = own ? loops : null;
		this.threads = new Threads(factory(options.model(), loops), loops);
		this.offload = new Offload(options.offloadThreads());
		this.sockets = new CooperativeSockets(loops, this.observed.eventLoopCalls(), options.interruptPolicy(),
				options.cancelGrace(), options.readOnlyCommit(), options.readOnlyBegin());
		if (options.model() == ConcurrencyModel.PLATFORM && this.sockets.readOnlyTransactions() != null) {
			this.observed.description()
				.found(new Finding("read-only", "readOnlyBegin or readOnlyCommit is set, and the model is platform",
						"no pool is made cooperative, so the option has no effect",
						"Use the model virtual or event-loop"));
		}
	}

	private static ThreadFactory factory(ConcurrencyModel model, @Nullable EventLoops loops) {
		if (loops != null) {
			return loops.threadFactory("cooperative-");
		}
		return (model == ConcurrencyModel.PLATFORM) ? Thread.ofPlatform().daemon().name("cooperative-", 1).factory()
				: Thread.ofVirtual().name("cooperative-", 1).factory();
	}

	private static @Nullable ClassLoader classLoader() {
		ClassLoader context = Thread.currentThread().getContextClassLoader();
		return (context != null) ? context : Cooperative.class.getClassLoader();
	}

	/**
	 * Start with options.
	 * @param options the options
	 * @return to be closed when the program ends
	 * @throws IllegalStateException if the model is {@link ConcurrencyModel#EVENT_LOOP
	 * event-loop} and this JVM cannot have it
	 * @throws UncheckedIOException if the operating system provides no selector
	 */
	public static Cooperative start(CooperativeOptions options) {
		if (options.model() != ConcurrencyModel.EVENT_LOOP) {
			return new Cooperative(options, null, false);
		}
		String unavailable = CarriedThreads.unavailableReason();
		if (unavailable != null) {
			throw new IllegalStateException("The model 'event-loop' is not available: " + unavailable
					+ ". Start the JVM with '" + CarriedThreads.OPEN_OPTION + "', or use the model 'virtual'");
		}
		try {
			return new Cooperative(options, EventLoops.start(options.threads()), true);
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	/**
	 * Start on event loops that the program already has, such as those of its Netty
	 * server.
	 * @param options the options, whose model and number of threads are those of the
	 * loops
	 * @param loops the event loops, which stay open when this is closed
	 * @return to be closed before the event loops
	 */
	public static Cooperative start(CooperativeOptions options, EventLoops loops) {
		return new Cooperative(options.withModel(ConcurrencyModel.EVENT_LOOP), loops, false);
	}

	/**
	 * Return what was done to each pool, what was tuned, and what does not fit the
	 * concurrency model.
	 * @return a description, to which each new pool is added
	 */
	public CooperativeJdbc description() {
		return this.observed.description();
	}

	/**
	 * Return what tests can observe of threads that block.
	 * @return the same object each time
	 */
	public Observed observed() {
		return this.observed;
	}

	/**
	 * Create a pool that has what a pool has under Spring: a queue, deadlines, interrupts
	 * that cancel statements, and figures. In the model {@link ConcurrencyModel#PLATFORM
	 * platform} it is HikariCP's own. A pool whose driver is not supported, or that has
	 * another socket factory, works as without this library; the {@link #description()
	 * description} says so.
	 * @param config the settings of HikariCP, which are copied: what is changed there
	 * later has no effect
	 * @return a pool that starts with its first connection, and is closed with this
	 * object if it is not closed before
	 * @throws IllegalArgumentException if the settings are a pool that runs, which cannot
	 * be changed anymore
	 * @throws RejectedExecutionException if this object has been closed
	 */
	public HikariDataSource pool(HikariConfig config) {
		synchronized (this.poolsLock) {
			this.threads.ensureOpen();
			if (this.pools == null) {
				this.pools = new Pools(this.observed, this.drivers, this.sockets, this.options.cancelGrace(),
						this.options.closeTimeout());
			}
			return this.pools.create(config);
		}
	}

	/**
	 * Return connection properties for the driver of any other pool, to be passed to the
	 * driver in addition to those of the pool.
	 * @param driver the class of the driver, such as {@code org.postgresql.Driver}, or a
	 * URL of it
	 * @return the properties, which belong to the caller; none in the model
	 * {@link ConcurrencyModel#PLATFORM platform}. Connections made with them wait until
	 * this object is closed, and none can be made afterwards: close the pool before.
	 * @throws IllegalArgumentException if the driver cannot wait cooperatively, with the
	 * remedy
	 * @throws RejectedExecutionException if this object has been closed
	 */
	public Properties driverProperties(String driver) {
		this.threads.ensureOpen();
		return (this.options.model() != ConcurrencyModel.PLATFORM) ? driver().of(driver) : new Properties();
	}

	/**
	 * Return the driver class with which statements can be canceled, to be used in
	 * addition to the {@link #driverProperties properties}. With the driver's own class,
	 * the connection is closed when the grace period after an interrupt or a deadline is
	 * over.
	 * @param driver the class of the driver, such as {@code org.postgresql.Driver}
	 * @return the class, the same if it needs no other one
	 * @throws IllegalArgumentException if the driver cannot wait cooperatively, with the
	 * remedy
	 * @throws RejectedExecutionException if this object has been closed
	 */
	public String driverClassName(String driver) {
		this.threads.ensureOpen();
		return (this.options.model() != ConcurrencyModel.PLATFORM) ? driver().className(driver, driver) : driver;
	}

	private DriverProperties driver() {
		return new DriverProperties(this.drivers, this.sockets, this.options.cancelGrace());
	}

	/**
	 * Call a task on a thread of its own: a virtual thread, which an event loop carries
	 * in the model {@link ConcurrencyModel#EVENT_LOOP event-loop} (called on such a loop,
	 * that very one), or a platform thread in the model {@link ConcurrencyModel#PLATFORM
	 * platform}. Does not wait, and so may be called by any thread, including those of
	 * event loops.
	 * <p>
	 * The task has the deadline of the current thread, its {@link ShareKey}, its MDC, and
	 * what Micrometer's context propagation knows. It is not part of the current
	 * transaction, because a connection is never used by two threads.
	 * @param <T> the type of the result
	 * @param task the task
	 * @return a future of its result, or of what it throws. Canceling it interrupts the
	 * thread: the statement is canceled, and the connection is kept. Dependent functions
	 * run on the thread of the task and may block.
	 * @throws RejectedExecutionException if this object has been closed
	 */
	public <T extends @Nullable Object> CompletableFuture<T> call(Callable<T> task) {
		return this.threads.call(task);
	}

	/**
	 * Call a task that blocks without yielding, such as native code or a driver without
	 * socket factory, on one of a limited number of platform threads, while the current
	 * virtual thread waits. A platform thread calls it itself.
	 * <p>
	 * The task runs as if the current thread called it: an interrupt is passed on to it,
	 * and it has the same deadline and context. The current thread does not continue
	 * before a task that has begun has ended, because both may use the same connection.
	 * @param <T> the type of the result
	 * @param task the task
	 * @return its result
	 * @throws InterruptedException if the thread is interrupted before the task begins
	 * @throws TimeoutException if the deadline of the thread passes before the task
	 * begins
	 * @throws Exception what the task throws
	 * @throws IllegalStateException if the current thread runs an event loop
	 * @throws RejectedExecutionException if this object has been closed
	 */
	public <T extends @Nullable Object> T offload(Callable<T> task) throws Exception {
		EventLoopThreads.refuse("Cooperative.offload");
		this.threads.ensureOpen();
		return this.offload.call(task);
	}

	/**
	 * Create an executor that runs a limited number of tasks at once, each on a thread of
	 * its own as with {@link #call}, and with the context of the thread that submits it.
	 * A task that waits for another one of the same executor needs a place for both.
	 * @param limit how many tasks run at once, at least 1
	 * @param queueCapacity how many more are kept until others end, in the order of
	 * arrival, at least 0; any further one is refused with a
	 * {@link RejectedExecutionException}
	 * @return the executor, which is closed with this object if it is not closed before
	 * @throws IllegalArgumentException if a number is too small
	 * @throws RejectedExecutionException if this object has been closed
	 */
	public ExecutorService executor(int limit, int queueCapacity) {
		this.threads.ensureOpen();
		BoundedExecutor executor = new BoundedExecutor(this.threads, limit, queueCapacity);
		this.executors.removeIf(BoundedExecutor::isTerminated);
		this.executors.add(executor);
		return executor;
	}

	/**
	 * Call a task on the current thread, whose waits for connections and answers end when
	 * the time has passed: a statement is canceled in the server, and its connection is
	 * kept. If the thread has an earlier deadline, that one applies. Code that does not
	 * wait is not stopped. May be called by any thread.
	 * @param <T> the type of the result
	 * @param time the time from now on; zero or less lets every wait end at once
	 * @param task the task
	 * @return its result
	 * @throws Exception what the task throws
	 * @see Deadline
	 */
	public static <T extends @Nullable Object> T within(Duration time, Callable<T> task) throws Exception {
		try (Deadline.Scope scope = Deadline.after(time).enter()) {
			return task.call();
		}
	}

	/**
	 * Wait for the result of a stage: the virtual thread parks, and its carrier runs
	 * others. May be called by any thread that does not run an event loop.
	 * @param <T> the type of the result
	 * @param stage the stage. It is not canceled when the wait ends, because others may
	 * wait for it.
	 * @param timeout how long to wait at most; the deadline of the thread may be earlier
	 * @return the result
	 * @throws InterruptedException if the thread is interrupted
	 * @throws ExecutionException if the stage has failed, with the cause
	 * @throws CancellationException if the stage has been canceled
	 * @throws TimeoutException if the time or the deadline has passed
	 * @throws IllegalStateException if the current thread runs an event loop
	 */
	public static <T extends @Nullable Object> T await(CompletionStage<T> stage, Duration timeout)
			throws InterruptedException, ExecutionException, TimeoutException {
		EventLoopThreads.refuse("Cooperative.await");
		return Waits.await(stage, timeout);
	}

	/**
	 * Wait for the first element of a publisher, as for a stage. The subscription is
	 * canceled when the wait ends.
	 * @param <T> the type of the elements
	 * @param publisher the publisher, which is subscribed to on the current thread
	 * @param timeout how long to wait at most; the deadline of the thread may be earlier
	 * @return the element, or {@code null} if there is none
	 * @throws InterruptedException if the thread is interrupted
	 * @throws ExecutionException if the publisher has failed, with the cause
	 * @throws TimeoutException if the time or the deadline has passed
	 * @throws IllegalStateException if the current thread runs an event loop
	 */
	public static <T> @Nullable T await(Publisher<T> publisher, Duration timeout)
			throws InterruptedException, ExecutionException, TimeoutException {
		EventLoopThreads.refuse("Cooperative.await");
		return Waits.await(publisher, timeout);
	}

	/**
	 * Wait until a channel is ready: in the event loop that carries the thread or, if
	 * there is none, in a selector that all such threads share. Call it when an operation
	 * on the channel has returned zero, and then try the operation again, because this
	 * method may return early.
	 * @param channel any channel in non-blocking mode, which it keeps
	 * @param operations those of {@link SelectionKey} to wait for
	 * @param timeout how long to wait at most; the deadline of the thread may be earlier
	 * @throws SocketTimeoutException if the time or the deadline has passed
	 * @throws ClosedChannelException if the channel is closed; if another thread closes
	 * it meanwhile, within a second
	 * @throws IOException if it cannot be waited for
	 * @throws InterruptedException if the thread is interrupted, whose channel stays open
	 * @throws IllegalArgumentException if the channel does not have these operations
	 * @throws IllegalBlockingModeException if the channel is in blocking mode
	 * @throws IllegalStateException if the current thread runs an event loop
	 */
	public static void awaitReady(SelectableChannel channel, int operations, Duration timeout)
			throws IOException, InterruptedException {
		EventLoopThreads.refuse("Cooperative.awaitReady");
		Readiness.await(channel, operations, timeout);
	}

	/**
	 * Wait for calls in flight, interrupt those that take longer than the close timeout,
	 * and close the pools and the event loops. Nothing can be started from then on.
	 * Closing again does nothing. If the current thread is interrupted, calls are
	 * interrupted at once.
	 * @throws IllegalStateException if the current thread runs an event loop
	 */
	@Override
	public void close() {
		EventLoopThreads.refuse("Cooperative.close");
		if (!this.closed.compareAndSet(false, true)) {
			return;
		}
		Deadline end = Deadline.after(this.options.closeTimeout());
		boolean interrupted = false;
		for (BoundedExecutor executor : this.executors) {
			interrupted |= !executor.drain(interrupted ? Duration.ZERO : end.left());
		}
		this.threads.close(interrupted ? Duration.ZERO : end.left(), this.options.cancelGrace());
		this.offload.close();
		if (interrupted) {
			Thread.currentThread().interrupt();
		}
		synchronized (this.poolsLock) {
			if (this.pools != null) {
				this.pools.close();
			}
		}
		this.sockets.close();
		if (this.ownLoops != null) {
			this.ownLoops.close();
		}
	}

}
