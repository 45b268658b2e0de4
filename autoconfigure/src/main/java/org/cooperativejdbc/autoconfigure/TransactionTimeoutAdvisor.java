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

import java.lang.reflect.Method;
import java.time.Duration;

import org.aopalliance.intercept.MethodInterceptor;
import org.aopalliance.intercept.MethodInvocation;
import org.cooperativejdbc.Deadline;
import org.jspecify.annotations.Nullable;

import org.springframework.aop.support.AopUtils;
import org.springframework.aop.support.StaticMethodMatcherPointcutAdvisor;
import org.springframework.core.Ordered;
import org.springframework.transaction.interceptor.TransactionAttribute;
import org.springframework.transaction.interceptor.TransactionAttributeSource;

/**
 * Notes the deadline of a transaction with a declared timeout before the transaction
 * interceptor runs, because Spring tells the timeout to nobody before the connection is
 * there. Methods without a timeout are not advised.
 */
@SuppressWarnings("serial")
class TransactionTimeoutAdvisor extends StaticMethodMatcherPointcutAdvisor {

	private final @Nullable TransactionAttributeSource source;

	TransactionTimeoutAdvisor(@Nullable TransactionAttributeSource source) {
		this.source = source;
		setClassFilter((type) -> source != null && source.isCandidateClass(type));
		setOrder(Ordered.LOWEST_PRECEDENCE - 1);
		setAdvice((MethodInterceptor) this::invoke);
	}

	@Override
	public boolean matches(Method method, Class<?> targetClass) {
		return attribute(method, targetClass) != null;
	}

	private @Nullable Object invoke(MethodInvocation invocation) throws Throwable {
		Object target = invocation.getThis();
		Class<?> targetClass = (target != null) ? AopUtils.getTargetClass(target) : null;
		TransactionAttribute attribute = attribute(invocation.getMethod(), targetClass);
		if (attribute == null) {
			return invocation.proceed();
		}
		Deadline.Scope scope = Deadline.after(Duration.ofSeconds(attribute.getTimeout())).enter();
		try {
			return invocation.proceed();
		}
		finally {
			scope.close();
		}
	}

	private @Nullable TransactionAttribute attribute(Method method, @Nullable Class<?> targetClass) {
		TransactionAttribute attribute = (this.source != null)
				? this.source.getTransactionAttribute(method, targetClass) : null;
		return (attribute != null && attribute.getTimeout() > 0) ? attribute : null;
	}

}
