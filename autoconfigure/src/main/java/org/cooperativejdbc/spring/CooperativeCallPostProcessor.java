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
import java.lang.reflect.Modifier;
import java.lang.reflect.Proxy;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;

import org.jspecify.annotations.Nullable;

import org.springframework.aop.Advisor;
import org.springframework.aop.Pointcut;
import org.springframework.aop.framework.Advised;
import org.springframework.aop.framework.AopProxyUtils;
import org.springframework.aop.framework.ProxyFactory;
import org.springframework.aop.framework.autoproxy.AbstractBeanFactoryAwareAdvisingPostProcessor;
import org.springframework.aop.support.AopUtils;
import org.springframework.aop.support.DefaultPointcutAdvisor;
import org.springframework.aop.support.annotation.AnnotationMatchingPointcut;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.core.MethodIntrospector;
import org.springframework.core.MethodIntrospector.MetadataLookup;
import org.springframework.core.annotation.AnnotatedElementUtils;
import org.springframework.scheduling.annotation.Async;
import org.springframework.transaction.ReactiveTransactionManager;
import org.springframework.transaction.TransactionManager;
import org.springframework.transaction.annotation.AnnotationTransactionAttributeSource;
import org.springframework.transaction.interceptor.TransactionAttribute;
import org.springframework.transaction.interceptor.TransactionAttributeSource;
import org.springframework.util.ClassUtils;
import org.springframework.util.StringUtils;

/**
 * Calls methods with {@link CooperativeCall} on threads of their own. The thread is
 * chosen outside of all other advice, and the result of the body is waited for inside of
 * it, whatever the order of the other advice. So a transaction runs on a single thread.
 *
 * @since 0.1.0
 */
@SuppressWarnings("serial")
public class CooperativeCallPostProcessor extends AbstractBeanFactoryAwareAdvisingPostProcessor {

	private static final Set<String> PUBLISHERS = Set.of("reactor.core.publisher.Mono", "reactor.core.publisher.Flux");

	private final transient Advisor outside;

	private final transient Advisor inside;

	private final transient TransactionAttributeSource transactions = new AnnotationTransactionAttributeSource(false);

	/**
	 * Create a post-processor.
	 * @param threads what the methods are called on, asked for with the first call
	 */
	public CooperativeCallPostProcessor(Supplier<CooperativeThreads> threads) {
		Pointcut pointcut = new AnnotationMatchingPointcut(null, CooperativeCall.class, true);
		this.outside = new DefaultPointcutAdvisor(pointcut, new CallInterceptor(threads));
		this.inside = new DefaultPointcutAdvisor(pointcut, new CallBodyInterceptor());
		this.advisor = this.outside;
		setBeforeExistingAdvisors(true);
	}

	/**
	 * What has no class that could be extended has interfaces.
	 */
	@Override
	protected ProxyFactory prepareProxyFactory(Object bean, String beanName) {
		ProxyFactory proxyFactory = super.prepareProxyFactory(bean, beanName);
		if (Proxy.isProxyClass(bean.getClass()) || ClassUtils.isLambdaClass(bean.getClass())) {
			proxyFactory.setProxyTargetClass(false);
		}
		return proxyFactory;
	}

	@Override
	protected void customizeProxyFactory(ProxyFactory proxyFactory) {
		proxyFactory.addAdvisor(this.inside);
	}

	@Override
	public Object postProcessAfterInitialization(Object bean, String beanName) {
		Object result = super.postProcessAfterInitialization(bean, beanName);
		if (result instanceof Advised advised && advised.indexOf(this.outside) >= 0) {
			if (advised.indexOf(this.inside) < 0) {
				advised.addAdvisor(this.inside);
			}
			check(result, advised);
		}
		return result;
	}

	private void check(Object proxy, Advised advised) {
		Set<Class<?>> types = new LinkedHashSet<>(Set.of(AopProxyUtils.ultimateTargetClass(proxy)));
		types.addAll(Set.of(advised.getProxiedInterfaces()));
		for (Class<?> type : types) {
			MetadataLookup<Boolean> lookup = (
					method) -> AnnotatedElementUtils.hasAnnotation(method, CooperativeCall.class) ? true : null;
			MethodIntrospector.selectMethods(type, lookup)
				.keySet()
				.forEach((method) -> check(method, type, proxy.getClass()));
		}
	}

	private void check(Method method, Class<?> type, Class<?> proxyType) {
		Class<?> result = method.getReturnType();
		if (result != CompletableFuture.class && result != CompletionStage.class
				&& !PUBLISHERS.contains(result.getName())) {
			throw refused(method, "returns a " + result.getSimpleName()
					+ ": let it return a Mono, a Flux or a CompletableFuture, or drop the annotation");
		}
		if (Modifier.isStatic(method.getModifiers()) || Modifier.isFinal(method.getModifiers())) {
			throw refused(method, "is static or final, so that no proxy can call it: let it be neither");
		}
		AopUtils.selectInvocableMethod(method, proxyType);
		if (AnnotatedElementUtils.hasAnnotation(method, Async.class)
				|| AnnotatedElementUtils.hasAnnotation(type, Async.class)) {
			throw refused(method, "has @Async as well, which would call it on a second thread: drop one of them");
		}
		if (isReactive(this.transactions.getTransactionAttribute(method, type))) {
			throw refused(method,
					"blocks, but its transaction is one of a ReactiveTransactionManager: name a transaction manager of JDBC or JPA, as in @Transactional(\"transactionManager\")");
		}
	}

	private boolean isReactive(@Nullable TransactionAttribute attribute) {
		ConfigurableListableBeanFactory beanFactory = this.beanFactory;
		if (attribute == null || beanFactory == null) {
			return false;
		}
		String qualifier = attribute.getQualifier();
		if (StringUtils.hasText(qualifier)) {
			return beanFactory.containsBean(qualifier)
					&& beanFactory.isTypeMatch(qualifier, ReactiveTransactionManager.class);
		}
		int managers = beanFactory.getBeanNamesForType(TransactionManager.class, true, false).length;
		return managers > 0
				&& beanFactory.getBeanNamesForType(ReactiveTransactionManager.class, true, false).length == managers;
	}

	private static IllegalStateException refused(Method method, String reason) {
		return new IllegalStateException("Method '" + method.getDeclaringClass().getName() + "." + method.getName()
				+ "' with @CooperativeCall " + reason);
	}

}
