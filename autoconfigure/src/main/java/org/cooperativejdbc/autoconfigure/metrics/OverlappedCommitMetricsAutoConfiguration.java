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

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.binder.MeterBinder;
import org.cooperativejdbc.autoconfigure.CooperativeJdbcAutoConfiguration;
import org.cooperativejdbc.door.CooperativeSockets;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.context.annotation.Bean;

/**
 * {@link EnableAutoConfiguration Auto-configuration} for a meter of the COMMITs that
 * nobody has waited for.
 *
 * @since 0.1.0
 */
@AutoConfiguration(after = CooperativeJdbcAutoConfiguration.class)
@ConditionalOnClass(MeterBinder.class)
@ConditionalOnBean(CooperativeSockets.class)
@ConditionalOnProperty(name = "cooperative.jdbc.read-only.commit", havingValue = "overlapped")
public final class OverlappedCommitMetricsAutoConfiguration {

	@Bean
	MeterBinder cooperativeJdbcOverlappedCommitMetrics(CooperativeSockets sockets) {
		return (registry) -> FunctionCounter
			.builder("cooperative.jdbc.commits.overlapped", sockets, OverlappedCommitMetricsAutoConfiguration::count)
			.description("COMMITs of read-only transactions that nobody has waited for, each a round trip")
			.register(registry);
	}

	private static double count(CooperativeSockets sockets) {
		@Nullable Long count = sockets.overlappedCommitCount();
		return (count != null) ? count : 0;
	}

}
