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

package org.cooperativejdbc.autoconfigure.doctor;

import java.lang.reflect.Method;
import java.util.List;
import java.util.stream.Stream;

import org.cooperativejdbc.Finding;
import org.cooperativejdbc.spring.Check;
import org.cooperativejdbc.spring.Singletons;

import org.springframework.aop.framework.Advised;
import org.springframework.aop.framework.AopProxyUtils;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.core.KotlinDetector;
import org.springframework.transaction.ReactiveTransactionManager;
import org.springframework.transaction.annotation.AnnotationTransactionAttributeSource;
import org.springframework.transaction.interceptor.TransactionAttributeSource;
import org.springframework.util.ClassUtils;
import org.springframework.util.ReflectionUtils;

/**
 * Looks for suspend functions of Kotlin that are to be transactional. A transaction of
 * JDBC or JPA belongs to a thread. Spring ends it when the function has returned, which a
 * suspend function does whenever it is suspended, and before it has begun if
 * {@code kotlinx-coroutines-reactor} is there: then nothing of what it does is in the
 * transaction.
 *
 * @param beanFactory the bean factory of the application
 */
record SuspendTransactionCheck(ConfigurableListableBeanFactory beanFactory) implements Check {

	@Override
	public List<Finding> findings() {
		if (this.beanFactory.getBeanNamesForType(ReactiveTransactionManager.class, true, false).length > 0) {
			return List.of();
		}
		TransactionAttributeSource transactions = new AnnotationTransactionAttributeSource();
		return new Singletons(this.beanFactory).of(Advised.class)
			.values()
			.stream()
			.map(AopProxyUtils::ultimateTargetClass)
			.filter(KotlinDetector::isKotlinType)
			.flatMap((type) -> Stream.of(ReflectionUtils.getUniqueDeclaredMethods(type))
				.filter(KotlinDetector::isSuspendingFunction)
				.filter((method) -> transactions.hasTransactionAttribute(method, type))
				.map((method) -> finding(type, method)))
			.toList();
	}

	private static Finding finding(Class<?> type, Method method) {
		return new Finding("suspend-transaction",
				ClassUtils.getShortName(type) + "." + method.getName() + " is a suspend function and transactional",
				"a transaction belongs to a thread, and ends when the function is suspended or before it begins, "
						+ "so that what it does later is not part of it",
				"Do what belongs to the transaction in a function that does not suspend, and call that on a dispatcher "
						+ "for code that waits");
	}

}
