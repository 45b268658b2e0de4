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

import com.zaxxer.hikari.HikariDataSource;
import org.cooperativejdbc.Deadline;
import org.cooperativejdbc.spring.Admission;
import org.jspecify.annotations.Nullable;

import org.springframework.transaction.TransactionExecution;
import org.springframework.transaction.TransactionExecutionListener;
import org.springframework.util.function.SingletonSupplier;

/**
 * Asks for {@link Admission} before a transaction borrows its connection.
 * <p>
 * The place is released {@link AfterCompletion after completion}; a transaction that has
 * no synchronizations is left to the listener.
 */
class AdmissionTransactionListener implements TransactionExecutionListener {

	private final TransactionResources resources;

	private final SingletonSupplier<Admission> admission;

	AdmissionTransactionListener(TransactionResources resources, Admissions admissions) {
		this.resources = resources;
		this.admission = SingletonSupplier.ofNullable(() -> {
			HikariDataSource pool = resources.pool();
			return (pool != null) ? admissions.of(pool) : null;
		});
	}

	@Override
	public void beforeBegin(TransactionExecution transaction) {
		Admission admission = this.admission.get();
		if (admission != null && transaction.isNewTransaction() && !this.resources.hasConnection()) {
			String name = transaction.getTransactionName();
			admission.admit(transaction, name, Deadline.current());
		}
	}

	@Override
	public void afterBegin(TransactionExecution transaction, @Nullable Throwable beginFailure) {
		if (beginFailure != null) {
			release(transaction);
		}
		else if (transaction.isNewTransaction()) {
			AfterCompletion.run(() -> release(transaction));
		}
	}

	@Override
	public void afterCommit(TransactionExecution transaction, @Nullable Throwable commitFailure) {
		release(transaction);
	}

	@Override
	public void afterRollback(TransactionExecution transaction, @Nullable Throwable rollbackFailure) {
		release(transaction);
	}

	private void release(TransactionExecution transaction) {
		Admission admission = this.admission.get();
		if (admission != null) {
			admission.release(transaction);
		}
	}

}
