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

import java.util.LinkedHashMap;
import java.util.Map;

import org.springframework.beans.factory.BeanFactoryUtils;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;

/**
 * The beans of an application that exist, so that looking at them creates none.
 *
 * @param beanFactory the bean factory of the application
 * @since 0.1.0
 */
public record Singletons(ConfigurableListableBeanFactory beanFactory) {

	/**
	 * Return the beans of a type.
	 * @param type the type
	 * @param <T> the type
	 * @return the beans by name
	 */
	public <T> Map<String, T> of(Class<T> type) {
		Map<String, T> beans = new LinkedHashMap<>();
		for (String name : this.beanFactory.getBeanNamesForType(type, false, false)) {
			if (this.beanFactory.containsSingleton(BeanFactoryUtils.transformedBeanName(name))) {
				beans.put(name, this.beanFactory.getBean(name, type));
			}
		}
		return beans;
	}

}
