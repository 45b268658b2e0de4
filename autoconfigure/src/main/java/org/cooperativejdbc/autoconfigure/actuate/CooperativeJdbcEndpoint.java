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

package org.cooperativejdbc.autoconfigure.actuate;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import org.cooperativejdbc.CooperativeJdbc;
import org.cooperativejdbc.CooperativeJdbc.Tuning;
import org.cooperativejdbc.Finding;
import org.cooperativejdbc.carrier.CarrierState;
import org.cooperativejdbc.carrier.EventLoops;
import org.cooperativejdbc.door.CooperativeSockets;
import org.cooperativejdbc.driver.ReadOnlyTransactions;
import org.cooperativejdbc.pool.HoldTime;
import org.cooperativejdbc.pool.HoldTimes;
import org.cooperativejdbc.pool.InstalledPools;
import org.cooperativejdbc.socket.WaitFigures;
import org.jspecify.annotations.Nullable;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.actuate.endpoint.OperationResponseBody;
import org.springframework.boot.actuate.endpoint.annotation.Endpoint;
import org.springframework.boot.actuate.endpoint.annotation.ReadOperation;

/**
 * {@link Endpoint @Endpoint} that shows what was detected, installed, tuned, found and
 * measured. It shows names of beans and methods, and neither addresses nor users nor SQL.
 *
 * @since 0.1.0
 */
@Endpoint(id = "cooperativejdbc")
public class CooperativeJdbcEndpoint {

	private final CooperativeJdbc cooperativeJdbc;

	private final ObjectProvider<EventLoops> eventLoops;

	private final ObjectProvider<HoldTimes> holdTimes;

	private final ObjectProvider<InstalledPools> pools;

	private final ObjectProvider<CooperativeSockets> sockets;

	CooperativeJdbcEndpoint(CooperativeJdbc cooperativeJdbc, ObjectProvider<EventLoops> eventLoops,
			ObjectProvider<HoldTimes> holdTimes, ObjectProvider<InstalledPools> pools,
			ObjectProvider<CooperativeSockets> sockets) {
		this.cooperativeJdbc = cooperativeJdbc;
		this.eventLoops = eventLoops;
		this.holdTimes = holdTimes;
		this.pools = pools;
		this.sockets = sockets;
	}

	/**
	 * Return the state of the application.
	 * @return a description
	 */
	@ReadOperation
	public CooperativeJdbcDescriptor cooperativeJdbc() {
		EventLoops loops = this.eventLoops.getIfAvailable();
		HoldTimes holdTimes = this.holdTimes.getIfAvailable();
		CooperativeSockets sockets = this.sockets.getIfAvailable();
		ReadOnlyTransactions readOnly = (sockets != null) ? sockets.readOnlyTransactions() : null;
		return new CooperativeJdbcDescriptor(this.cooperativeJdbc.model().toString(), this.cooperativeJdbc.reason(),
				dataSources(), (sockets != null) ? waits(sockets.figures()) : null,
				(readOnly != null) ? readOnly.overlapped() : null, (readOnly != null) ? readOnly.elided() : null,
				(loops != null) ? eventLoops(loops) : null, (holdTimes != null) ? holdTimes.results() : null,
				this.cooperativeJdbc.tunings(), this.cooperativeJdbc.findings());
	}

	private Map<String, DataSourceDescriptor> dataSources() {
		InstalledPools pools = this.pools.getIfAvailable();
		Map<String, QueueDescriptor> queues = (pools != null) ? DataSourceDescriptors.queues(pools) : Map.of();
		Map<String, WaitsInFlightDescriptor> waits = (pools != null) ? DataSourceDescriptors.waitsInFlight(pools)
				: Map.of();
		Map<String, DataSourceDescriptor> descriptors = new LinkedHashMap<>();
		this.cooperativeJdbc.dataSources()
			.forEach((name, strategy) -> descriptors.put(name,
					new DataSourceDescriptor(strategy, queues.get(name), waits.get(name))));
		return descriptors;
	}

	private static WaitsDescriptor waits(WaitFigures figures) {
		return new WaitsDescriptor(figures.interrupts(), figures.deadlines(), figures.unanswered(), figures.refused());
	}

	private static EventLoopsDescriptor eventLoops(EventLoops loops) {
		return new EventLoopsDescriptor(loops.size(), loops.threads(), loops.carried(), loops.stalls(), loops.states());
	}

	/**
	 * Description of an application.
	 *
	 * @param model its concurrency model
	 * @param reason why it has this model
	 * @param dataSources its data sources, by bean name
	 * @param waits what became of waits for the server, {@code null} if nothing is
	 * installed
	 * @param overlappedCommits how many COMMITs of read-only transactions nobody has
	 * waited for, {@code null} if each is waited for
	 * @param elidedTransactions how many read-only transactions have ended that had never
	 * begun, {@code null} if each begins
	 * @param eventLoops its event loops, {@code null} if it has none
	 * @param holdTimes how transactions held their connections, {@code null} if it is not
	 * measured
	 * @param tunings what was changed because it was left unset
	 * @param findings what is at odds with the model
	 */
	public record CooperativeJdbcDescriptor(String model, String reason, Map<String, DataSourceDescriptor> dataSources,
			@Nullable WaitsDescriptor waits, @Nullable Long overlappedCommits, @Nullable Long elidedTransactions,
			@Nullable EventLoopsDescriptor eventLoops, @Nullable List<HoldTime> holdTimes, List<Tuning> tunings,
			List<Finding> findings) implements OperationResponseBody {

	}

	/**
	 * Description of a data source.
	 *
	 * @param strategy how its threads wait for the server, or why nothing was installed
	 * @param queue its queue, {@code null} if it has none
	 * @param waitsInFlight the waits for the server that go on, {@code null} if it is not
	 * known
	 */
	public record DataSourceDescriptor(String strategy, @Nullable QueueDescriptor queue,
			@Nullable WaitsInFlightDescriptor waitsInFlight) {

	}

	/**
	 * Description of the queue in front of a pool.
	 *
	 * @param places how many connections the pool may have
	 * @param taken how many of them are out, or about to be
	 * @param waiting how many threads wait for one
	 * @param unserved for how long nobody has been given one while threads wait
	 * @param longestWait the longest wait so far
	 * @param refused how many threads were refused, by reason
	 */
	public record QueueDescriptor(int places, int taken, int waiting, Duration unserved, Duration longestWait,
			Map<String, Long> refused) {

	}

	/**
	 * Description of waits for the server that go on, by age.
	 *
	 * @param under100ms how many have lasted for less than 100 ms
	 * @param under1s how many have lasted longer, but for less than a second
	 * @param under10s how many have lasted longer, but for less than ten seconds
	 * @param longer how many have lasted longer
	 * @param longest how long the longest one has lasted
	 */
	public record WaitsInFlightDescriptor(int under100ms, int under1s, int under10s, int longer, Duration longest) {

	}

	/**
	 * Description of what became of waits for the server.
	 *
	 * @param canceledByInterrupt how many waits had their statement canceled for an
	 * interrupt
	 * @param canceledByDeadline how many waits had their statement canceled at a deadline
	 * @param unanswered how many connections were closed because the server did not
	 * answer in time after that
	 * @param refusedOnEventLoops how many waits were refused because their thread runs an
	 * event loop
	 */
	public record WaitsDescriptor(long canceledByInterrupt, long canceledByDeadline, long unanswered,
			long refusedOnEventLoops) {

	}

	/**
	 * Description of event loops.
	 *
	 * @param size how many there are
	 * @param threads how many platform threads carry virtual threads, with those that
	 * were replaced and have not come back
	 * @param carried how many virtual threads they carry, also while these wait
	 * @param stalls how often one has stalled, so that others have taken over
	 * @param loops each of them
	 */
	public record EventLoopsDescriptor(int size, int threads, long carried, long stalls, List<CarrierState> loops) {

	}

}
