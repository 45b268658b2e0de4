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

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.ToLongFunction;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.TimeGauge;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.binder.MeterBinder;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.cooperativejdbc.carrier.CarrierState;
import org.cooperativejdbc.carrier.EventLoops;
import org.cooperativejdbc.pool.CooperativeDataSource;
import org.cooperativejdbc.pool.FleetBudget;
import org.cooperativejdbc.pool.HoldTimes;
import org.cooperativejdbc.pool.InstalledPools;
import org.cooperativejdbc.pool.RefusalReason;
import org.cooperativejdbc.socket.WaitFigures;
import org.jspecify.annotations.Nullable;

/**
 * Binds the figures of an application to meters of Micrometer. Waits are measured only
 * from then on.
 *
 * @since 0.1.0
 */
public final class CooperativeMetrics implements MeterBinder {

	private static final String PREFIX = "cooperative.jdbc.";

	private static final Log logger = LogFactory.getLog(CooperativeMetrics.class);

	private final InstalledPools pools;

	private final WaitFigures waits;

	private final @Nullable EventLoops loops;

	private final @Nullable HoldTimes holdTimes;

	private final @Nullable FleetBudget budget;

	/**
	 * Create meters of an application.
	 * @param pools its pools, including those that are created later
	 * @param waits what its sockets have counted
	 * @param loops what carries its threads, or {@code null} if the JDK does
	 * @param holdTimes how long connections were held, or {@code null} if that is not
	 * measured
	 * @param budget how many connections its pools may have, or {@code null} if that is
	 * unknown
	 */
	public CooperativeMetrics(InstalledPools pools, WaitFigures waits, @Nullable EventLoops loops,
			@Nullable HoldTimes holdTimes, @Nullable FleetBudget budget) {
		this.pools = pools;
		this.waits = waits;
		this.loops = loops;
		this.holdTimes = holdTimes;
		this.budget = budget;
	}

	@Override
	public void bindTo(MeterRegistry registry) {
		bind(() -> bindWaits(registry));
		this.pools.onAdd((name, pool) -> bindPool(registry, name, pool));
		HoldTimes holdTimes = this.holdTimes;
		if (holdTimes != null) {
			bind(() -> bindHoldTimes(registry, holdTimes));
		}
		EventLoops loops = this.loops;
		if (loops != null) {
			bind(() -> bindCarriers(registry, loops));
		}
	}

	/**
	 * Bind meters that the registry of an application may refuse, as one does that allows
	 * certain names only. The application is to start without them.
	 * @param meters registers them
	 */
	public static void bind(Runnable meters) {
		try {
			meters.run();
		}
		catch (RuntimeException ex) {
			logger.debug("Meters not registered", ex);
		}
	}

	private void bindWaits(MeterRegistry registry) {
		Timer timer = Timer.builder(PREFIX + "wait")
			.description("Waits of threads for the server, whole statements or parts of them")
			.register(registry);
		this.waits.onWait((nanos) -> timer.record(nanos, TimeUnit.NANOSECONDS));
		canceled(registry, "interrupt", WaitFigures::interrupts);
		canceled(registry, "deadline", WaitFigures::deadlines);
		counter(this.waits, "wait.unanswered", WaitFigures::unanswered)
			.description(
					"Connections closed because the server did not answer in time after an interrupt or a deadline")
			.register(registry);
		counter(this.waits, "wait.refused", WaitFigures::refused)
			.description("Waits refused because their thread runs an event loop")
			.register(registry);
	}

	private void canceled(MeterRegistry registry, String cause, ToLongFunction<WaitFigures> count) {
		counter(this.waits, "wait.canceled", count).tag("cause", cause)
			.description("Statements that the server was asked to cancel")
			.register(registry);
	}

	private static <T> FunctionCounter.Builder<T> counter(T figures, String name, ToLongFunction<T> count) {
		return FunctionCounter.builder(PREFIX + name, figures, count::applyAsLong);
	}

	private void bindPool(MeterRegistry registry, String name, CooperativeDataSource pool) {
		List<Meter> meters = new ArrayList<>();
		FleetBudget budget = this.budget;
		if (budget != null) {
			meters.add(Gauge.builder(PREFIX + "pool.budget", budget, (each) -> budget(each, name))
				.tag("name", name)
				.description("Largest size of the pool at which all instances fit on the server")
				.register(registry));
		}
		meters.add(Gauge.builder(PREFIX + "queue.waiting", pool, CooperativeDataSource::getThreadsInQueue)
			.tag("name", name)
			.description("Threads that wait for a connection in front of the pool")
			.register(registry));
		meters.add(Gauge.builder(PREFIX + "wait.active", pool, (each) -> each.waitsInFlight().size())
			.tag("name", name)
			.description("Threads that wait for the server on a connection of the pool")
			.register(registry));
		for (RefusalReason reason : RefusalReason.values()) {
			meters.add(counter(pool, "queue.refused", (each) -> each.queueFigures().refused(reason)).tag("name", name)
				.tag("reason", reason.toString())
				.description("Threads that were refused a connection")
				.register(registry));
		}
		Timer timer = Timer.builder(PREFIX + "queue.wait")
			.tag("name", name)
			.description("Waits for a connection; threads that did not wait are not counted")
			.register(registry);
		meters.add(timer);
		Map<String, Timer> shares = bindShares(registry, name, pool);
		meters.addAll(shares.values());
		pool.queueFigures().onWait((share) -> (nanos, admitted) -> {
			timer.record(nanos, TimeUnit.NANOSECONDS);
			Timer ofShare = shares.get(share);
			if (ofShare != null) {
				ofShare.record(nanos, TimeUnit.NANOSECONDS);
			}
		});
		pool.onClose(() -> meters.forEach(registry::remove));
	}

	private static double budget(FleetBudget budget, String name) {
		Integer connections = budget.of(name);
		return (connections != null) ? connections : Double.NaN;
	}

	private static Map<String, Timer> bindShares(MeterRegistry registry, String name, CooperativeDataSource pool) {
		Map<String, Timer> timers = new HashMap<>();
		for (String share : pool.shares()) {
			timers.put(share,
					Timer.builder(PREFIX + "share.wait")
						.tag("name", name)
						.tag("share", share)
						.description("Waits for a connection in front of the pool, by share")
						.register(registry));
		}
		return timers;
	}

	private static void bindHoldTimes(MeterRegistry registry, HoldTimes holdTimes) {
		FunctionCounter.builder(PREFIX + "hold.time", holdTimes, (times) -> seconds(times.held()))
			.description("Time for which connections were held, from borrow to return")
			.baseUnit("seconds")
			.register(registry);
		FunctionCounter.builder(PREFIX + "hold.idle.time", holdTimes, (times) -> seconds(times.idle()))
			.description("Time for which connections were held while the database did nothing for them")
			.baseUnit("seconds")
			.register(registry);
	}

	private static double seconds(Duration duration) {
		return duration.toNanos() / 1e9;
	}

	private static void bindCarriers(MeterRegistry registry, EventLoops loops) {
		loops.measureRounds();
		Gauge.builder(PREFIX + "carrier.threads", loops, EventLoops::threads)
			.description("Platform threads that carry virtual threads")
			.register(registry);
		Gauge.builder(PREFIX + "carrier.carried", loops, EventLoops::carried)
			.description("Virtual threads that are carried, also while they wait")
			.register(registry);
		Gauge
			.builder(PREFIX + "carrier.queue", loops,
					(each) -> each.states().stream().mapToInt(CarrierState::queued).sum())
			.description("Virtual threads that are ready to run and wait for an event loop")
			.register(registry);
		TimeGauge.builder(PREFIX + "carrier.round.longest", loops, TimeUnit.NANOSECONDS,
				(each) -> each.states().stream().mapToLong((state) -> state.longestRound().toNanos()).max().orElse(0))
			.description("Longest time in the last one to two minutes in which an event loop did not check for answers")
			.register(registry);
		counter(loops, "carrier.stalls", EventLoops::stalls)
			.description("Times that an event loop made no progress and another thread took over")
			.register(registry);
	}

}
