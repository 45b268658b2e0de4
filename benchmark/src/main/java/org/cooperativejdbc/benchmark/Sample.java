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

package org.cooperativejdbc.benchmark;

import org.HdrHistogram.Histogram;

/**
 * What one variant did in one round.
 *
 * @param opsPerSecond operations that succeeded, per second
 * @param cpuMicros processor time of the client process, per operation
 * @param contextSwitches of the threads of the client process, per operation
 * @param p50Millis the median of the time an operation took
 * @param p99Millis the 99th percentile of it
 * @param errors operations that failed
 * @param rssMegabytes resident memory of the client process at the end
 */
public record Sample(double opsPerSecond, double cpuMicros, double contextSwitches, double p50Millis, double p99Millis,
		long errors, double rssMegabytes) {

	/**
	 * Create a sample of what was recorded between two looks at the process.
	 * @param latencies the successful operations, in microseconds
	 */
	public static Sample of(ProcessStatistics before, ProcessStatistics after, Histogram latencies, long errors) {
		double ops = latencies.getTotalCount();
		return new Sample(ops / after.secondsSince(before), after.cpuMicrosSince(before) / ops,
				after.contextSwitchesSince(before) / ops, latencies.getValueAtPercentile(50) / 1000.0,
				latencies.getValueAtPercentile(99) / 1000.0, errors, after.rssMegabytes());
	}

}
