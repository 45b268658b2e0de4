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

import java.util.List;
import java.util.stream.Stream;

import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.SmartLifecycle;
import org.springframework.core.task.SimpleAsyncTaskExecutor;
import org.springframework.scheduling.concurrent.ExecutorConfigurationSupport;
import org.springframework.scheduling.concurrent.ThreadPoolTaskExecutor;

/**
 * Lets the tasks of Spring's executors end as long as transactions are admitted. An
 * executor that is told to await their termination does so when it is destroyed as a
 * bean, and one of virtual threads has no other end: then their next transaction would be
 * refused.
 * <p>
 * An executor of virtual threads is closed only once, and knows itself how long to wait.
 * One of platform threads is destroyed afterwards as if nothing had happened. No executor
 * can be started again, so that nothing happens when the application is only stopped.
 */
class TaskExecutorShutdown implements SmartLifecycle {

	private final ConfigurableApplicationContext context;

	private volatile boolean running;

	TaskExecutorShutdown(ConfigurableApplicationContext context) {
		this.context = context;
	}

	@Override
	public void start() {
		this.running = true;
	}

	@Override
	public void stop(Runnable callback) {
		this.running = false;
		if (!this.context.isClosed()) {
			callback.run();
			return;
		}
		List<ThreadPoolTaskExecutor> pools = existing(ThreadPoolTaskExecutor.class);
		pools.forEach(ThreadPoolTaskExecutor::initiateShutdown);
		existing(SimpleAsyncTaskExecutor.class).forEach(SimpleAsyncTaskExecutor::close);
		Thread.startVirtualThread(() -> {
			pools.forEach((pool) -> pool.getThreadPoolExecutor().close());
			callback.run();
		});
	}

	@Override
	public void stop() {
		stop(() -> {
		});
	}

	private <T> List<T> existing(Class<T> type) {
		ConfigurableListableBeanFactory beans = this.context.getBeanFactory();
		return Stream.of(beans.getBeanNamesForType(type, true, false))
			.map(beans::getSingleton)
			.filter(type::isInstance)
			.map(type::cast)
			.toList();
	}

	@Override
	public boolean isRunning() {
		return this.running;
	}

	@Override
	public int getPhase() {
		return ExecutorConfigurationSupport.DEFAULT_PHASE;
	}

}
