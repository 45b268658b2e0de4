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
import java.util.ArrayList;
import java.util.List;

import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.cooperativejdbc.CooperativeJdbc;
import org.jspecify.annotations.Nullable;

import org.springframework.beans.BeansException;
import org.springframework.beans.factory.BeanFactoryUtils;
import org.springframework.beans.factory.ListableBeanFactory;
import org.springframework.core.Ordered;
import org.springframework.transaction.annotation.AnnotationTransactionAttributeSource;
import org.springframework.transaction.interceptor.BeanFactoryTransactionAttributeSourceAdvisor;
import org.springframework.transaction.interceptor.TransactionAspectSupport;
import org.springframework.transaction.interceptor.TransactionAttribute;
import org.springframework.transaction.interceptor.TransactionAttributeSource;
import org.springframework.transaction.interceptor.TransactionalProxy;

/**
 * What Spring's own advisors make transactional, by annotations or otherwise.
 */
final class DeclaredTransactions {

	private static final Log logger = LogFactory.getLog(CooperativeJdbc.class);

	private final ListableBeanFactory beanFactory;

	private volatile @Nullable List<Declarations> declarations;

	/**
	 * Create a new instance.
	 * @param beanFactory where these advisors are
	 */
	DeclaredTransactions(ListableBeanFactory beanFactory) {
		this.beanFactory = beanFactory;
	}

	/**
	 * Return whether methods of a type can be transactional.
	 */
	boolean isCandidate(Class<?> type) {
		return declarations().stream().anyMatch((declarations) -> declarations.isCandidate(type));
	}

	/**
	 * Return what is declared of a method, or {@code null} if it is not transactional.
	 */
	@Nullable TransactionAttribute attribute(Method method, @Nullable Class<?> targetClass) {
		for (Declarations declarations : declarations()) {
			TransactionAttribute attribute = declarations.attribute(method, targetClass);
			if (attribute != null) {
				return attribute;
			}
		}
		return null;
	}

	/**
	 * Return the order of an advisor that comes before all of them.
	 */
	int orderBefore() {
		int order = declarations().stream().mapToInt(Declarations::order).min().orElse(Ordered.LOWEST_PRECEDENCE);
		return (order > Ordered.HIGHEST_PRECEDENCE) ? order - 1 : order;
	}

	/**
	 * Return what is transactional. The advisors are not there while they are created
	 * themselves.
	 */
	private List<Declarations> declarations() {
		List<Declarations> declarations = this.declarations;
		if (declarations == null) {
			try {
				declarations = new ArrayList<>();
				for (String name : BeanFactoryUtils.beanNamesForTypeIncludingAncestors(this.beanFactory,
						BeanFactoryTransactionAttributeSourceAdvisor.class, true, false)) {
					BeanFactoryTransactionAttributeSourceAdvisor advisor = this.beanFactory.getBean(name,
							BeanFactoryTransactionAttributeSourceAdvisor.class);
					if (advisor.getAdvice() instanceof TransactionAspectSupport aspect
							&& aspect.getTransactionAttributeSource() != null) {
						declarations.add(new Declarations(advisor, aspect.getTransactionAttributeSource()));
					}
				}
				this.declarations = declarations;
			}
			catch (BeansException | IllegalStateException ex) {
				logger.debug("Not known yet what is transactional", ex);
				return List.of();
			}
		}
		return declarations;
	}

	/**
	 * What one of Spring's advisors makes transactional.
	 */
	private record Declarations(BeanFactoryTransactionAttributeSourceAdvisor advisor,
			TransactionAttributeSource source) {

		int order() {
			return this.advisor.getOrder();
		}

		/**
		 * Return whether methods of a type can be transactional. The repositories of
		 * Spring Data have a transaction interceptor of their own.
		 */
		boolean isCandidate(Class<?> type) {
			return this.advisor.getPointcut().getClassFilter().matches(type)
					|| (TransactionalProxy.class.isAssignableFrom(type)
							&& this.source instanceof AnnotationTransactionAttributeSource
							&& this.source.isCandidateClass(type));
		}

		@Nullable TransactionAttribute attribute(Method method, @Nullable Class<?> targetClass) {
			try {
				return this.source.getTransactionAttribute(method, targetClass);
			}
			catch (RuntimeException ex) {
				logger.debug("Not known whether " + method + " is transactional", ex);
				return null;
			}
		}

	}

}
