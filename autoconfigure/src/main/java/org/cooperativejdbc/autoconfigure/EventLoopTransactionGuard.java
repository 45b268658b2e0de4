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

import java.util.function.Predicate;

import org.cooperativejdbc.BlockingOnEventLoopException;

import org.springframework.transaction.CannotCreateTransactionException;
import org.springframework.transaction.TransactionExecution;
import org.springframework.transaction.TransactionExecutionListener;

/**
 * Refuses transactions on threads that run an event loop, before a connection is borrowed
 * for them.
 */
class EventLoopTransactionGuard implements TransactionExecutionListener {

	private final TransactionResources resources;

	private final Predicate<Thread> eventLoopThread;

	EventLoopTransactionGuard(TransactionResources resources, Predicate<Thread> eventLoopThread) {
		this.resources = resources;
		this.eventLoopThread = eventLoopThread;
	}

	@Override
	public void beforeBegin(TransactionExecution transaction) {
		Thread thread = Thread.currentThread();
		if (!thread.isVirtual() && this.resources.dataSource() != null && this.eventLoopThread.test(thread)) {
			throw new CannotCreateTransactionException(
					"Transaction '" + transaction.getTransactionName() + "' refused on an event loop",
					new BlockingOnEventLoopException(thread));
		}
	}

}
