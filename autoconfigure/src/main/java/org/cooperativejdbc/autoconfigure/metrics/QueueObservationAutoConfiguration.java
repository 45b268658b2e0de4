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

import io.micrometer.observation.ObservationRegistry;
import org.cooperativejdbc.autoconfigure.CooperativeJdbcAutoConfiguration;
import org.cooperativejdbc.pool.InstalledPools;
import org.cooperativejdbc.spring.ObservedQueues;

import org.springframework.boot.LazyInitializationExcludeFilter;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.context.annotation.Bean;

/**
 * {@link EnableAutoConfiguration Auto-configuration} for the observation of waits for a
 * connection.
 *
 * @since 0.1.0
 */
@AutoConfiguration(after = CooperativeJdbcAutoConfiguration.class,
		afterName = "org.springframework.boot.micrometer.observation.autoconfigure.ObservationAutoConfiguration")
@ConditionalOnClass(ObservationRegistry.class)
@ConditionalOnBean({ InstalledPools.class, ObservationRegistry.class })
public final class QueueObservationAutoConfiguration {

	@Bean
	static LazyInitializationExcludeFilter cooperativeJdbcObservedQueuesLazyInitializationExcludeFilter() {
		return LazyInitializationExcludeFilter.forBeanTypes(ObservedQueues.class);
	}

	@Bean
	ObservedQueues cooperativeJdbcObservedQueues(InstalledPools pools, ObservationRegistry registry) {
		return new ObservedQueues(pools, registry);
	}

}
