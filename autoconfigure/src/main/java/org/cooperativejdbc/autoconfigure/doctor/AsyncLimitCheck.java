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
import java.util.Map;
import java.util.concurrent.Executor;

import org.cooperativejdbc.Finding;
import org.cooperativejdbc.pool.ManagedPools;
import org.cooperativejdbc.spring.Check;
import org.cooperativejdbc.spring.Singletons;
import org.jspecify.annotations.Nullable;

import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.core.task.SimpleAsyncTaskExecutor;
import org.springframework.core.task.TaskExecutor;
import org.springframework.scheduling.annotation.AsyncConfigurer;
import org.springframework.scheduling.concurrent.ThreadPoolTaskExecutor;
import org.springframework.scheduling.config.TaskManagementConfigUtils;

/**
 * Looks for fewer threads for {@code @Async} than the pools have connections.
 *
 * @param beanFactory the bean factory of the application
 * @param pools its pools
 */
record AsyncLimitCheck(ConfigurableListableBeanFactory beanFactory, ManagedPools pools) implements Check {

	/**
	 * The configurer by which Spring Boot selects its executor.
	 */
	private static final String SPRING_BOOT_CONFIGURER = "applicationTaskExecutorAsyncConfigurer";

	@Override
	public List<Finding> findings() {
		int connections = this.pools.all()
			.stream()
			.mapToInt((pool) -> pool.dataSource().getMaximumPoolSize())
			.max()
			.orElse(0);
		Executor executor = isAsync() ? executor() : null;
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

	private boolean isAsync() {
		return this.beanFactory.containsBean(TaskManagementConfigUtils.ASYNC_ANNOTATION_PROCESSOR_BEAN_NAME)
				|| this.beanFactory.containsBean(TaskManagementConfigUtils.ASYNC_EXECUTION_ASPECT_BEAN_NAME);
	}

	/**
	 * Return the executor that Spring chooses for {@code @Async}, if it exists and is
	 * chosen by name or type. It may be of any kind.
	 */
	private @Nullable Executor executor() {
		Map<String, Executor> executors = new Singletons(this.beanFactory).of(Executor.class);
		String[] configurers = this.beanFactory.getBeanNamesForType(AsyncConfigurer.class, true, false);
		if (configurers.length > 0) {
			return (configurers.length == 1 && configurers[0].equals(SPRING_BOOT_CONFIGURER))
					? executors.get("applicationTaskExecutor") : null;
		}
		List<Executor> candidates = executors.values().stream().filter(TaskExecutor.class::isInstance).toList();
		return (candidates.size() == 1) ? candidates.get(0) : executors.get("taskExecutor");
	}

	private static int threads(ThreadPoolTaskExecutor executor) {
		return (executor.getQueueCapacity() > 0) ? executor.getCorePoolSize() : executor.getMaxPoolSize();
	}

	private static List<Finding> finding(String problem, int connections, String remedy) {
		return List.of(new Finding("async-limit", "@Async has " + problem,
				"it waits for a thread while some of the " + connections + " connections of a pool are idle", remedy)
			.asAdvice());
	}

}
