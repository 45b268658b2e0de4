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

import java.util.List;
import java.util.Map;

import org.cooperativejdbc.CooperativeJdbc;
import org.cooperativejdbc.CooperativeJdbc.Tuning;
import org.cooperativejdbc.Finding;
import org.cooperativejdbc.carrier.EventLoops;
import org.cooperativejdbc.pool.HoldTime;
import org.cooperativejdbc.pool.HoldTimes;
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

	CooperativeJdbcEndpoint(CooperativeJdbc cooperativeJdbc, ObjectProvider<EventLoops> eventLoops,
			ObjectProvider<HoldTimes> holdTimes) {
		this.cooperativeJdbc = cooperativeJdbc;
		this.eventLoops = eventLoops;
		this.holdTimes = holdTimes;
	}

	/**
	 * Return the state of the application.
	 * @return a description
	 */
	@ReadOperation
	public CooperativeJdbcDescriptor cooperativeJdbc() {
		EventLoops loops = this.eventLoops.getIfAvailable();
		HoldTimes holdTimes = this.holdTimes.getIfAvailable();
		return new CooperativeJdbcDescriptor(this.cooperativeJdbc.model().toString(), this.cooperativeJdbc.reason(),
				this.cooperativeJdbc.dataSources(), this.cooperativeJdbc.tunings(), this.cooperativeJdbc.findings(),
				(holdTimes != null) ? holdTimes.results() : null,
				(loops != null) ? new EventLoopsDescriptor(loops.size(), loops.stalls()) : null);
	}

	/**
	 * Description of an application.
	 *
	 * @param model its concurrency model
	 * @param reason why it has this model
	 * @param dataSources what was done to its data sources, by bean name
	 * @param tunings what was changed because it was left unset
	 * @param findings what is at odds with the model
	 * @param holdTimes how transactions held their connections, {@code null} if it is not
	 * measured
	 * @param eventLoops its event loops, {@code null} if it has none
	 */
	public record CooperativeJdbcDescriptor(String model, String reason, Map<String, String> dataSources,
			List<Tuning> tunings, List<Finding> findings, @Nullable List<HoldTime> holdTimes,
			@Nullable EventLoopsDescriptor eventLoops) implements OperationResponseBody {

	}

	/**
	 * Description of event loops.
	 *
	 * @param size how many there are
	 * @param stalls how often one has stalled
	 */
	public record EventLoopsDescriptor(int size, long stalls) {

	}

}
