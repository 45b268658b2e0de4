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

package org.cooperativejdbc.spring;

import java.time.Duration;

import org.jspecify.annotations.Nullable;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.core.task.AsyncTaskExecutor;
import org.springframework.web.reactive.config.BlockingExecutionConfigurer;
import org.springframework.web.reactive.config.WebFluxConfigurer;

/**
 * Ends blocking handlers of WebFlux early: at the deadline of their request, and when the
 * client disconnects. The handler is then interrupted, and its statement is canceled.
 *
 * @since 0.1.0
 */
public class BlockingHandlerConfigurer implements WebFluxConfigurer {

	private final ObjectProvider<AsyncTaskExecutor> executor;

	private final @Nullable Duration timeout;

	private final boolean interruptible;

	/**
	 * Create a configurer.
	 * @param executor the executor of blocking handlers
	 * @param timeout the time of a request, or {@code null} if it is not limited
	 * @param interruptible whether a client that disconnects interrupts the handler
	 */
	public BlockingHandlerConfigurer(ObjectProvider<AsyncTaskExecutor> executor, @Nullable Duration timeout,
			boolean interruptible) {
		this.executor = executor;
		this.timeout = timeout;
		this.interruptible = interruptible;
	}

	@Override
	public void configureBlockingExecution(BlockingExecutionConfigurer configurer) {
		if (this.timeout != null || this.interruptible) {
			this.executor.ifAvailable((available) -> configurer.setExecutor(interruptible(bounded(available))));
		}
	}

	private AsyncTaskExecutor bounded(AsyncTaskExecutor executor) {
		return (this.timeout != null) ? new RequestDeadlineTaskExecutor(executor, this.timeout) : executor;
	}

	private AsyncTaskExecutor interruptible(AsyncTaskExecutor executor) {
		return this.interruptible ? new InterruptibleTaskExecutor(executor) : executor;
	}

}
