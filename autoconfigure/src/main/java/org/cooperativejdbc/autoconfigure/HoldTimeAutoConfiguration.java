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

package org.cooperativejdbc.autoconfigure;

import java.time.Duration;

import org.cooperativejdbc.door.CooperativeSockets;
import org.cooperativejdbc.pool.HoldTimes;

import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.context.annotation.Bean;

/**
 * {@link EnableAutoConfiguration Auto-configuration} for the measurement of how long
 * connections are held.
 *
 * @since 0.1.0
 */
@AutoConfiguration(after = CooperativeJdbcAutoConfiguration.class)
@ConditionalOnClass(name = "com.zaxxer.hikari.HikariDataSource")
@ConditionalOnBooleanProperty(name = "cooperative.jdbc.hold-time.enabled", matchIfMissing = true)
@ConditionalOnBean(CooperativeSockets.class)
public final class HoldTimeAutoConfiguration {

	@Bean
	HoldTimes cooperativeJdbcHoldTimes(CooperativeJdbcProperties properties) {
		Duration threshold = properties.getHoldTime().getThreshold();
		CooperativeJdbcProperties.requirePositive("cooperative.jdbc.hold-time.threshold", threshold, "500ms");
		return new HoldTimes(threshold);
	}

}
