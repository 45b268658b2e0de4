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

import org.springframework.transaction.support.TransactionSynchronization;
import org.springframework.transaction.support.TransactionSynchronizationManager;

/**
 * What is to be done when a transaction has ended. Not every end is told to transaction
 * execution listeners, for example that a {@code beforeCommit} callback fails with a
 * {@code TransactionException}; a synchronization is told every one, before the
 * connection is given back.
 */
final class AfterCompletion implements TransactionSynchronization {

	private final Runnable action;

	private AfterCompletion(Runnable action) {
		this.action = action;
	}

	/**
	 * Do something after the transaction of the current thread, if it has
	 * synchronizations.
	 * @param action what to do
	 */
	static void run(Runnable action) {
		if (TransactionSynchronizationManager.isSynchronizationActive()) {
			TransactionSynchronizationManager.registerSynchronization(new AfterCompletion(action));
		}
	}

	@Override
	public void afterCompletion(int status) {
		this.action.run();
	}

}
