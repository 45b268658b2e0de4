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

import io.micrometer.core.instrument.binder.MeterBinder;
import org.cooperativejdbc.autoconfigure.CooperativeJdbcAutoConfiguration;
import org.cooperativejdbc.autoconfigure.EventLoopAutoConfiguration;
import org.cooperativejdbc.autoconfigure.HoldTimeAutoConfiguration;
import org.cooperativejdbc.carrier.EventLoops;
import org.cooperativejdbc.door.CooperativeMetrics;
import org.cooperativejdbc.door.CooperativeSockets;
import org.cooperativejdbc.pool.FleetBudget;
import org.cooperativejdbc.pool.HoldTimes;
import org.cooperativejdbc.pool.InstalledPools;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.context.annotation.Bean;

/**
 * {@link EnableAutoConfiguration Auto-configuration} for the meters of cooperative
 * database access. They are bound where Spring Boot has a registry to bind them to.
 *
 * @since 0.1.0
 */
@AutoConfiguration(after = { CooperativeJdbcAutoConfiguration.class, EventLoopAutoConfiguration.class,
		HoldTimeAutoConfiguration.class })
@ConditionalOnClass(MeterBinder.class)
@ConditionalOnBean({ InstalledPools.class, CooperativeSockets.class })
public final class CooperativeJdbcMetricsAutoConfiguration {

	@Bean
	@ConditionalOnMissingBean
	CooperativeMetrics cooperativeJdbcMetrics(InstalledPools pools, CooperativeSockets sockets,
			ObjectProvider<EventLoops> eventLoops, ObjectProvider<HoldTimes> holdTimes,
			ObjectProvider<FleetBudget> budget) {
		return new CooperativeMetrics(pools, sockets.figures(), eventLoops.getIfAvailable(), holdTimes.getIfAvailable(),
				budget.getIfAvailable());
	}

}
