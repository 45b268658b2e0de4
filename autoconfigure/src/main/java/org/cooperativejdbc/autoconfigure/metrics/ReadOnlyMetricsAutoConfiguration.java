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

import java.util.function.Function;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.binder.MeterBinder;
import org.cooperativejdbc.autoconfigure.CooperativeJdbcAutoConfiguration;
import org.cooperativejdbc.door.CooperativeMetrics;
import org.cooperativejdbc.door.CooperativeSockets;
import org.cooperativejdbc.driver.ReadOnlyTransactions;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.context.annotation.Bean;

/**
 * {@link EnableAutoConfiguration Auto-configuration} for meters of the round trips that
 * read-only transactions save.
 *
 * @since 0.1.0
 */
@AutoConfiguration(after = CooperativeJdbcAutoConfiguration.class)
@ConditionalOnClass(MeterBinder.class)
@ConditionalOnBean(CooperativeSockets.class)
public final class ReadOnlyMetricsAutoConfiguration {

	@Bean
	@ConditionalOnProperty(name = "cooperative.jdbc.read-only.commit", havingValue = "overlapped")
	MeterBinder cooperativeJdbcOverlappedCommitMetrics(CooperativeSockets sockets) {
		return counter("cooperative.jdbc.commits.overlapped",
				"COMMITs of read-only transactions that were not waited for, each a saved round trip", sockets,
				ReadOnlyTransactions::overlapped);
	}

	@Bean
	@ConditionalOnProperty("cooperative.jdbc.read-only.begin")
	MeterBinder cooperativeJdbcElidedTransactionMetrics(CooperativeSockets sockets) {
		return counter("cooperative.jdbc.transactions.elided",
				"Read-only transactions that ended without having begun, each a saved round trip", sockets,
				ReadOnlyTransactions::elided);
	}

	private static MeterBinder counter(String name, String description, CooperativeSockets sockets,
			Function<ReadOnlyTransactions, @Nullable Long> count) {
		return (registry) -> CooperativeMetrics
			.bind(() -> FunctionCounter.builder(name, sockets, (source) -> count(source, count))
				.description(description)
				.register(registry));
	}

	private static double count(CooperativeSockets sockets, Function<ReadOnlyTransactions, @Nullable Long> count) {
		ReadOnlyTransactions transactions = sockets.readOnlyTransactions();
		@Nullable Long number = (transactions != null) ? count.apply(transactions) : null;
		return (number != null) ? number : 0;
	}

}
