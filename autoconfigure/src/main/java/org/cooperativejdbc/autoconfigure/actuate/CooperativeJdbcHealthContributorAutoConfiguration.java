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

import org.cooperativejdbc.autoconfigure.CooperativeJdbcAutoConfiguration;
import org.cooperativejdbc.autoconfigure.CooperativeJdbcProperties;
import org.cooperativejdbc.autoconfigure.EventLoopAutoConfiguration;
import org.cooperativejdbc.carrier.EventLoops;
import org.cooperativejdbc.pool.InstalledPools;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.health.autoconfigure.contributor.ConditionalOnEnabledHealthIndicator;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Conditional;
import org.springframework.context.annotation.Configuration;

/**
 * {@link EnableAutoConfiguration Auto-configuration} for
 * {@link CooperativeJdbcHealthIndicator}.
 *
 * @since 0.1.0
 */
@AutoConfiguration(after = { CooperativeJdbcAutoConfiguration.class, EventLoopAutoConfiguration.class })
@ConditionalOnClass({ HealthIndicator.class, ConditionalOnEnabledHealthIndicator.class })
@ConditionalOnEnabledHealthIndicator("cooperativejdbc")
public final class CooperativeJdbcHealthContributorAutoConfiguration {

	@Configuration(proxyBeanMethods = false)
	@ConditionalOnBean(InstalledPools.class)
	static class PoolsConfiguration {

		@Bean
		@ConditionalOnMissingBean(name = "cooperativeJdbcHealthIndicator")
		CooperativeJdbcHealthIndicator cooperativeJdbcHealthIndicator(InstalledPools pools,
				ObjectProvider<EventLoops> eventLoops, CooperativeJdbcProperties properties) {
			return new CooperativeJdbcHealthIndicator(pools, eventLoops.getIfAvailable(),
					properties.getHealth().getDownAfter());
		}

	}

	/**
	 * Where no pool is made cooperative, a group of the health endpoint may still name
	 * the indicator. An application does not start with a name that nothing has.
	 */
	@Configuration(proxyBeanMethods = false)
	@ConditionalOnMissingBean(InstalledPools.class)
	@Conditional(OnHealthGroupCondition.class)
	static class GroupConfiguration {

		@Bean
		@ConditionalOnMissingBean(name = "cooperativeJdbcHealthIndicator")
		HealthIndicator cooperativeJdbcHealthIndicator() {
			return () -> Health.up().build();
		}

	}

}
