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

import java.lang.reflect.Method;
import java.time.Duration;

import org.aopalliance.intercept.MethodInterceptor;
import org.aopalliance.intercept.MethodInvocation;
import org.cooperativejdbc.Deadline;
import org.jspecify.annotations.Nullable;

import org.springframework.aop.Advisor;
import org.springframework.aop.support.DefaultPointcutAdvisor;
import org.springframework.aop.support.StaticMethodMatcherPointcutAdvisor;
import org.springframework.beans.factory.ListableBeanFactory;
import org.springframework.core.Ordered;
import org.springframework.core.ReactiveAdapter;
import org.springframework.core.ReactiveAdapterRegistry;
import org.springframework.core.annotation.AnnotatedElementUtils;
import org.springframework.transaction.TransactionDefinition;
import org.springframework.transaction.interceptor.TransactionAttribute;
import org.springframework.transaction.support.TransactionSynchronization;
import org.springframework.transaction.support.TransactionSynchronizationManager;

/**
 * Gives the thread of a transaction with a declared timeout its deadline, before the
 * transaction interceptor runs. Spring applies the timeout only once it has a connection,
 * so it would not limit the wait for the connection.
 * <p>
 * The deadline is that of the transaction, not of the method. A method that joins a
 * transaction has none of its own, as with Spring; one that suspends a transaction is not
 * bound by the deadline of the suspended one, but still by whatever else binds the
 * thread, such as the deadline of a request.
 *
 * @since 0.1.0
 */
@SuppressWarnings("serial")
public class TransactionTimeoutAdvisor extends StaticMethodMatcherPointcutAdvisor {

	private final transient ThreadLocal<@Nullable Timeout> timeout = new ThreadLocal<>();

	private final transient DeclaredTransactions transactions;

	/**
	 * Create an advisor for what Spring's own advisors make transactional.
	 * @param beanFactory where these advisors are
	 */
	public TransactionTimeoutAdvisor(ListableBeanFactory beanFactory) {
		this.transactions = new DeclaredTransactions(beanFactory);
		setClassFilter(this.transactions::isCandidate);
		setAdvice((MethodInterceptor) this::invoke);
	}

	/**
	 * Return the advisor that comes inside of Spring's own, where transactions can be
	 * watched.
	 * @return the advisor
	 */
	public Advisor inside() {
		return new DefaultPointcutAdvisor(this, (MethodInterceptor) this::invokeInside);
	}

	@Override
	public int getOrder() {
		return this.transactions.orderBefore();
	}

	@Override
	public boolean matches(Method method, Class<?> targetClass) {
		return attribute(method, targetClass) != null;
	}

	private @Nullable Object invoke(MethodInvocation invocation) throws Throwable {
		Object target = invocation.getThis();
		TransactionAttribute attribute = attribute(invocation.getMethod(), (target != null) ? target.getClass() : null);
		if (attribute == null || !(begins(attribute) || suspends(attribute))) {
			return invocation.proceed();
		}
		Timeout outer = this.timeout.get();
		Deadline around = Deadline.current();
		if (outer != null && outer.deadline == around) {
			around = outer.around;
		}
		Deadline deadline = around;
		Timeout inner = null;
		if (begins(attribute) && attribute.getTimeout() > 0) {
			deadline = Deadline.earlier(around,
					Deadline.after(Duration.ofSeconds(attribute.getTimeout())).forDatabase(around));
			inner = new Timeout(deadline, around);
		}
		set(inner);
		try (Deadline.Scope scope = Deadline.replace(deadline)) {
			return invocation.proceed();
		}
		finally {
			set(outer);
		}
	}

	/**
	 * Have it told when the transaction is suspended, by whatever means.
	 */
	private @Nullable Object invokeInside(MethodInvocation invocation) throws Throwable {
		Timeout timeout = this.timeout.get();
		if (timeout != null && !timeout.watched && TransactionSynchronizationManager.isSynchronizationActive()) {
			TransactionSynchronizationManager.registerSynchronization(timeout);
			timeout.watched = true;
		}
		return invocation.proceed();
	}

	private void set(@Nullable Timeout timeout) {
		if (timeout != null) {
			this.timeout.set(timeout);
		}
		else {
			this.timeout.remove();
		}
	}

	private static boolean begins(TransactionAttribute attribute) {
		return switch (attribute.getPropagationBehavior()) {
			case TransactionDefinition.PROPAGATION_REQUIRES_NEW -> true;
			case TransactionDefinition.PROPAGATION_REQUIRED, TransactionDefinition.PROPAGATION_NESTED ->
				!TransactionSynchronizationManager.isActualTransactionActive();
			default -> false;
		};
	}

	private static boolean suspends(TransactionAttribute attribute) {
		int propagation = attribute.getPropagationBehavior();
		return propagation == TransactionDefinition.PROPAGATION_REQUIRES_NEW
				|| propagation == TransactionDefinition.PROPAGATION_NOT_SUPPORTED;
	}

	private @Nullable TransactionAttribute attribute(Method method, @Nullable Class<?> targetClass) {
		TransactionAttribute attribute = this.transactions.attribute(method, targetClass);
		return (attribute != null && (attribute.getTimeout() > 0 || suspends(attribute)) && !isReactive(method))
				? attribute : null;
	}

	private static boolean isReactive(Method method) {
		if (AnnotatedElementUtils.hasAnnotation(method, CooperativeCall.class)) {
			return false;
		}
		ReactiveAdapter adapter = ReactiveAdapterRegistry.getSharedInstance().getAdapter(method.getReturnType());
		return adapter != null && adapter.getDescriptor().isDeferred();
	}

	/**
	 * The deadline that a transaction has given to its thread, which it has not while the
	 * transaction is suspended, nor once it has ended: what is called back then may still
	 * have to wait.
	 */
	private static final class Timeout implements TransactionSynchronization {

		/**
		 * What the deadline of the thread is because of the transaction.
		 */
		private final @Nullable Deadline deadline;

		/**
		 * What it would be without.
		 */
		private final @Nullable Deadline around;

		private boolean watched;

		private Deadline.@Nullable Scope suspension;

		private Timeout(@Nullable Deadline deadline, @Nullable Deadline around) {
			this.deadline = deadline;
			this.around = around;
		}

		/**
		 * Before those who want to know that the transaction has ended.
		 */
		@Override
		public int getOrder() {
			return Ordered.HIGHEST_PRECEDENCE;
		}

		@Override
		public void afterCommit() {
			end();
		}

		@Override
		public void afterCompletion(int status) {
			end();
		}

		/**
		 * The thread gets back what it had before when the method returns.
		 */
		private void end() {
			if (Deadline.current() == this.deadline) {
				Deadline.replace(this.around);
			}
		}

		@Override
		public void suspend() {
			if (Deadline.current() == this.deadline) {
				this.suspension = Deadline.replace(this.around);
			}
		}

		@Override
		public void resume() {
			if (this.suspension != null) {
				this.suspension.close();
				this.suspension = null;
			}
		}

	}

}
