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

import org.cooperativejdbc.pool.HoldTimes;
import org.jspecify.annotations.Nullable;

import org.springframework.transaction.TransactionExecution;
import org.springframework.transaction.TransactionExecutionListener;

/**
 * Tells {@link HoldTimes} which transactions run on a data source.
 */
class HoldTimeListener implements TransactionExecutionListener {

	private static final String UNNAMED = "unnamed";

	private final TransactionResources resources;

	private final HoldTimes holdTimes;

	HoldTimeListener(TransactionResources resources, HoldTimes holdTimes) {
		this.resources = resources;
		this.holdTimes = holdTimes;
	}

	/**
	 * Spring names a transaction {@code class.method}, and a programmatic one not at all.
	 */
	@Override
	public void afterBegin(TransactionExecution transaction, @Nullable Throwable failure) {
		if (failure == null && this.resources.dataSource() != null) {
			String name = transaction.getTransactionName();
			int dot = name.lastIndexOf('.');
			this.holdTimes.begun(transaction, name.isEmpty() ? UNNAMED
					: (dot < 0) ? name : name.substring(0, dot) + "#" + name.substring(dot + 1));
			AfterCompletion.run(() -> this.holdTimes.ended(transaction));
		}
	}

	@Override
	public void afterCommit(TransactionExecution transaction, @Nullable Throwable failure) {
		this.holdTimes.ended(transaction);
	}

	@Override
	public void afterRollback(TransactionExecution transaction, @Nullable Throwable failure) {
		this.holdTimes.ended(transaction);
	}

}
