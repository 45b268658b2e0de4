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

package org.cooperativejdbc.autoconfigure.metrics;

import java.time.Duration;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.binder.MeterBinder;
import org.cooperativejdbc.autoconfigure.HoldTimeAutoConfiguration;
import org.cooperativejdbc.pool.HoldTimes;

import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.context.annotation.Bean;

/**
 * {@link EnableAutoConfiguration Auto-configuration} for meters of how long connections
 * are held.
 *
 * @since 0.1.0
 */
@AutoConfiguration(after = HoldTimeAutoConfiguration.class)
@ConditionalOnClass(MeterBinder.class)
@ConditionalOnBean(HoldTimes.class)
public final class HoldTimeMetricsAutoConfiguration {

	/**
	 * Two counters whose ratio is the share of hold time in which the database is idle.
	 */
	@Bean
	MeterBinder cooperativeJdbcHoldTimeMetrics(HoldTimes holdTimes) {
		return (registry) -> {
			FunctionCounter.builder("cooperative.jdbc.hold.time", holdTimes, (times) -> seconds(times.held()))
				.description("Time for which connections were held, from borrow to return")
				.baseUnit("seconds")
				.register(registry);
			FunctionCounter.builder("cooperative.jdbc.hold.idle.time", holdTimes, (times) -> seconds(times.idle()))
				.description("Time for which connections were held while the database did nothing for them")
				.baseUnit("seconds")
				.register(registry);
		};
	}

	private static double seconds(Duration duration) {
		return duration.toNanos() / 1e9;
	}

}
