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

package org.cooperativejdbc.autoconfigure.doctor;

import java.util.List;

import org.cooperativejdbc.Finding;
import org.cooperativejdbc.pool.ManagedPools;
import org.jspecify.annotations.Nullable;

import org.springframework.beans.factory.BeanFactory;
import org.springframework.core.task.SimpleAsyncTaskExecutor;
import org.springframework.core.task.TaskExecutor;
import org.springframework.scheduling.concurrent.ThreadPoolTaskExecutor;

/**
 * Looks for fewer threads for {@code @Async} than the pools have connections.
 *
 * @param beanFactory the bean factory of the application
 * @param pools its pools
 */
record AsyncLimitCheck(BeanFactory beanFactory, ManagedPools pools) implements Check {

	private static final String NAME = "taskExecutor";

	@Override
	public List<Finding> findings() {
		int connections = this.pools.all()
			.stream()
			.mapToInt((pool) -> pool.dataSource().getMaximumPoolSize())
			.max()
			.orElse(0);
		TaskExecutor executor = executor();
		if (executor instanceof SimpleAsyncTaskExecutor simple && simple.getConcurrencyLimit() >= 0
				&& simple.getConcurrencyLimit() < connections) {
			return finding("a concurrency limit of " + simple.getConcurrencyLimit(), connections,
					"Unset spring.task.execution.simple.concurrency-limit, or the limit of the executor");
		}
		if (executor instanceof ThreadPoolTaskExecutor pool && threads(pool) < connections) {
			return finding("a pool of " + threads(pool) + " platform threads", connections,
					"Remove the bean, so that the applicationTaskExecutor of Spring Boot with virtual threads is used");
		}
		return List.of();
	}

	/**
	 * Return the executor that Spring chooses for {@code @Async}.
	 */
	private @Nullable TaskExecutor executor() {
		TaskExecutor unique = this.beanFactory.getBeanProvider(TaskExecutor.class).getIfUnique();
		return (unique != null || !this.beanFactory.containsBean(NAME)) ? unique
				: this.beanFactory.getBean(NAME, TaskExecutor.class);
	}

	private static int threads(ThreadPoolTaskExecutor executor) {
		return (executor.getQueueCapacity() > 0) ? executor.getCorePoolSize() : executor.getMaxPoolSize();
	}

	private static List<Finding> finding(String problem, int connections, String remedy) {
		return List.of(new Finding("async-limit", "@Async has " + problem,
				"it waits for a thread while some of the " + connections + " connections of a pool are idle", remedy));
	}

}
