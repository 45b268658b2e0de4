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

import org.cooperativejdbc.ConcurrencyModel;
import org.cooperativejdbc.CooperativeJdbc;
import org.cooperativejdbc.carrier.EventLoops;
import org.cooperativejdbc.spring.BoundedTaskExecutor;
import org.cooperativejdbc.spring.CooperativeThreads;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.thread.Threading;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Import;
import org.springframework.core.env.Environment;

/**
 * {@link EnableAutoConfiguration Auto-configuration} for {@link BoundedTaskExecutor
 * executors} that an application names, and for the threads of what it calls. Both are
 * there when nothing else of Cooperative JDBC is, because the application asks for them.
 *
 * @since 0.1.0
 */
@AutoConfiguration
@Import(BoundedTaskExecutorRegistrar.class)
public final class ExecutorAutoConfiguration {

	private ExecutorAutoConfiguration() {
	}

	@Bean
	static CooperativeThreads cooperativeJdbcThreads(ObjectProvider<CooperativeJdbc> cooperativeJdbc,
			ObjectProvider<EventLoops> eventLoops, Environment environment) {
		CooperativeJdbc available = cooperativeJdbc.getIfAvailable();
		ConcurrencyModel fallback = Threading.VIRTUAL.isActive(environment) ? ConcurrencyModel.VIRTUAL
				: ConcurrencyModel.PLATFORM;
		return new CooperativeThreads((available != null) ? available.model() : fallback, eventLoops.getIfAvailable());
	}

}
