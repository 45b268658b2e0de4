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

import org.springframework.core.task.AsyncTaskExecutor;
import org.springframework.core.task.support.ExecutorServiceAdapter;

/**
 * A task executor as an {@link java.util.concurrent.ExecutorService}: Reactor interrupts
 * a task whose subscription is canceled, as when a client disconnects, only if it runs on
 * such an executor.
 *
 * @see reactor.core.scheduler.Schedulers#fromExecutor(java.util.concurrent.Executor)
 */
class InterruptibleTaskExecutor extends ExecutorServiceAdapter implements AsyncTaskExecutor {

	InterruptibleTaskExecutor(AsyncTaskExecutor executor) {
		super(executor);
	}

}
