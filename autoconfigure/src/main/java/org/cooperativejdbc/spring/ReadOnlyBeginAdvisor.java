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
import java.util.Arrays;
import java.util.Locale;

import org.aopalliance.intercept.MethodInterceptor;
import org.aopalliance.intercept.MethodInvocation;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.cooperativejdbc.CooperativeJdbc;
import org.cooperativejdbc.ReadOnlyBegin;
import org.jspecify.annotations.Nullable;

import org.springframework.aop.support.StaticMethodMatcherPointcutAdvisor;
import org.springframework.beans.factory.ListableBeanFactory;
import org.springframework.transaction.annotation.Transactional;
import org.springframework.transaction.interceptor.TransactionAttribute;

/**
 * Lets transactions begin as their {@link Transactional#label() label} says, which is
 * {@value #LABEL} with a value of the property of that name. It applies to the method and
 * to what it calls.
 *
 * @since 0.1.0
 * @see ReadOnlyBegin#enter()
 */
@SuppressWarnings("serial")
public class ReadOnlyBeginAdvisor extends StaticMethodMatcherPointcutAdvisor {

	/**
	 * How a label begins.
	 */
	public static final String LABEL = "cooperative.jdbc.read-only.begin=";

	private static final Log logger = LogFactory.getLog(CooperativeJdbc.class);

	private final transient DeclaredTransactions transactions;

	/**
	 * Create an advisor for what Spring's own advisors make transactional.
	 * @param beanFactory where these advisors are
	 */
	public ReadOnlyBeginAdvisor(ListableBeanFactory beanFactory) {
		this.transactions = new DeclaredTransactions(beanFactory);
		setClassFilter(this.transactions::isCandidate);
		setAdvice((MethodInterceptor) this::invoke);
	}

	@Override
	public int getOrder() {
		return this.transactions.orderBefore();
	}

	@Override
	public boolean matches(Method method, Class<?> targetClass) {
		String label = label(method, targetClass);
		if (label != null && begin(label) == null) {
			logger.warn("Label '" + label + "' of " + method + " has no effect, use one of "
					+ Arrays.toString(ReadOnlyBegin.values()).toLowerCase(Locale.ROOT).replace('_', '-'));
			return false;
		}
		return label != null;
	}

	private @Nullable Object invoke(MethodInvocation invocation) throws Throwable {
		Object target = invocation.getThis();
		String label = label(invocation.getMethod(), (target != null) ? target.getClass() : null);
		ReadOnlyBegin begin = (label != null) ? begin(label) : null;
		if (begin == null) {
			return invocation.proceed();
		}
		try (ReadOnlyBegin.Scope scope = begin.enter()) {
			return invocation.proceed();
		}
	}

	private @Nullable String label(Method method, @Nullable Class<?> targetClass) {
		TransactionAttribute attribute = this.transactions.attribute(method, targetClass);
		return (attribute != null)
				? attribute.getLabels().stream().filter((label) -> label.startsWith(LABEL)).findFirst().orElse(null)
				: null;
	}

	private static @Nullable ReadOnlyBegin begin(String label) {
		String value = label.substring(LABEL.length()).replace('-', '_');
		return Arrays.stream(ReadOnlyBegin.values())
			.filter((begin) -> begin.name().equalsIgnoreCase(value))
			.findFirst()
			.orElse(null);
	}

}
