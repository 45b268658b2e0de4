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

import java.util.List;

import org.cooperativejdbc.ShareKey;
import org.cooperativejdbc.ShareKeyResolver;
import org.jspecify.annotations.Nullable;

import org.springframework.beans.factory.BeanFactoryUtils;
import org.springframework.beans.factory.ListableBeanFactory;
import org.springframework.beans.factory.SmartInitializingSingleton;
import org.springframework.util.ClassUtils;

/**
 * Resolves the key of a thread: that of the first {@link ShareKeyResolver} bean that
 * returns one, else the {@link ShareKey} of the thread. Beans are asked only once all
 * singletons exist. Otherwise a thread that waits for a connection could wait for a bean
 * whose creation waits for that thread.
 *
 * @since 0.1.0
 */
public final class ShareKeys implements SmartInitializingSingleton {

	private static final String CONTEXT_PROPAGATION = "io.micrometer.context.ThreadLocalAccessor";

	private final ListableBeanFactory beanFactory;

	private volatile List<ShareKeyResolver> resolvers = List.of();

	/**
	 * Create it without resolvers.
	 * @param beanFactory the bean factory that may have some
	 */
	public ShareKeys(ListableBeanFactory beanFactory) {
		this.beanFactory = beanFactory;
	}

	/**
	 * Return whether there are beans that tell keys, without creating any.
	 * @return whether there are
	 */
	public boolean hasResolvers() {
		return BeanFactoryUtils.beanNamesForTypeIncludingAncestors(this.beanFactory, ShareKeyResolver.class, true,
				false).length > 0;
	}

	/**
	 * Have keys taken along where context propagation is used.
	 */
	public void propagate() {
		if (ClassUtils.isPresent(CONTEXT_PROPAGATION, ShareKeys.class.getClassLoader())) {
			ContextPropagation.registerShareKeys();
		}
	}

	@Override
	public void afterSingletonsInstantiated() {
		this.resolvers = this.beanFactory.getBeanProvider(ShareKeyResolver.class).orderedStream().toList();
	}

	/**
	 * Return the key of the current thread.
	 * @return the key, or {@code null} if it has none
	 */
	public @Nullable String resolve() {
		for (ShareKeyResolver resolver : this.resolvers) {
			String key = resolver.resolve();
			if (key != null && !key.isEmpty()) {
				return key;
			}
		}
		ShareKey current = ShareKey.current();
		return (current != null) ? current.value() : null;
	}

}
