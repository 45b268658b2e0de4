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

import org.cooperativejdbc.Deadline;

import org.springframework.core.task.AsyncTaskExecutor;

/**
 * Gives the thread of a task the deadline of a request, which counts from when the task
 * is submitted: the wait for a thread is part of the request.
 */
class RequestDeadlineTaskExecutor implements AsyncTaskExecutor {

	private final AsyncTaskExecutor executor;

	private final Duration timeout;

	RequestDeadlineTaskExecutor(AsyncTaskExecutor executor, Duration timeout) {
		this.executor = executor;
		this.timeout = timeout;
	}

	@Override
	public void execute(Runnable task) {
		Deadline deadline = Deadline.after(this.timeout);
		this.executor.execute(() -> run(task, deadline));
	}

	private static void run(Runnable task, Deadline deadline) {
		try (Deadline.Scope scope = deadline.enter()) {
			task.run();
		}
	}

}
