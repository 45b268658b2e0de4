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
import java.util.List;
import java.util.Properties;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicBoolean;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import org.cooperativejdbc.carrier.CarriedThreads;
import org.cooperativejdbc.carrier.EventLoops;
import org.cooperativejdbc.door.CooperativeSockets;
import org.cooperativejdbc.door.DriverProperties;
import org.cooperativejdbc.door.EventLoopThreads;
import org.cooperativejdbc.door.Pools;
import org.cooperativejdbc.door.Threads;
import org.cooperativejdbc.driver.DriverSupports;
import org.jspecify.annotations.Nullable;

/**
 * The doors into cooperative code and out of it, for programs with a framework and
 * without. It is the one class of this package that knows the others.
 *
 * <pre class="code">
 * try (var cooperative = Cooperative.start(CooperativeOptions.defaults())) {
 *     HikariDataSource pool = cooperative.pool(config);
 *     ...
 * }
 * </pre>
 *
 * There may be several at once, which have nothing in common. May be used by any thread.
 *
 * @since 0.1.0
 */
public final class Cooperative implements AutoCloseable {

	private final CooperativeOptions options;

	private final CooperativeJdbc description;

	private final @Nullable EventLoops ownLoops;

	private final Threads threads;

	private final DriverSupports drivers = DriverSupports.load(List.of(), classLoader());

	private final CooperativeSockets sockets;

	private final Object poolsLock = new Object();

	/**
	 * Needs HikariCP, and so does not exist before it is asked for a pool.
	 */
	private @Nullable Pools pools;

	private final AtomicBoolean closed = new AtomicBoolean();

	private Cooperative(CooperativeOptions options, @Nullable EventLoops loops, boolean own) {
		this.options = options;
		this.description = new CooperativeJdbc(options.model(), "CooperativeOptions");
		this.ownLoops = own ? loops : null;
		this.threads = new Threads(factory(options.model(), loops), loops);
		this.sockets = new CooperativeSockets(loops, EventLoopThreads::isCurrent, options.interruptPolicy(),
				options.cancelGrace());
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
			throw new IllegalStateException("The model 'event-loop' cannot be had: " + unavailable
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
	 * Start on event loops that the program has already, such as those of its Netty
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
	 * Return what was done to each pool, what was tuned there, and what was found to be
	 * at odds with the concurrency model.
	 * @return a description that grows with each pool
	 */
	public CooperativeJdbc description() {
		return this.description;
	}

	/**
	 * Create a pool, with what it has under Spring: a queue, deadlines, interrupts that
	 * cancel statements, and figures. In the model {@link ConcurrencyModel#PLATFORM
	 * platform} it is HikariCP's own. A pool whose driver cannot wait cooperatively, or
	 * whose user has set a socket factory, works as it would otherwise; the
	 * {@link #description() description} says so.
	 * @param config the settings of HikariCP, which are copied: what is changed there
	 * later has no effect
	 * @return a pool that starts with its first connection, and is closed with this
	 * object if it is not closed before
	 * @throws RejectedExecutionException if this object has been closed
	 */
	public HikariDataSource pool(HikariConfig config) {
		synchronized (this.poolsLock) {
			this.threads.ensureOpen();
			if (this.pools == null) {
				this.pools = new Pools(this.description, this.drivers, this.sockets, this.options.cancelGrace(),
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
	 * Return the class that a pool has to connect with for statements to be canceled, in
	 * addition to the {@link #driverProperties properties}. With the driver's own class
	 * an interrupt or a deadline waits for the answer during the grace period, and then
	 * closes the connection.
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
	 * Wait for calls in flight, interrupt those that take longer than the close timeout,
	 * and close the pools and the event loops. Nothing can be started meanwhile or
	 * afterwards. Closing once more does nothing. If the current thread is interrupted,
	 * calls are interrupted at once.
	 * @throws IllegalStateException if the current thread runs an event loop
	 */
	@Override
	public void close() {
		EventLoopThreads.refuse("Cooperative.close");
		if (!this.closed.compareAndSet(false, true)) {
			return;
		}
		this.threads.close(this.options.closeTimeout(), this.options.cancelGrace());
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
