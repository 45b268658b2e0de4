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

import java.util.Map;

import org.cooperativejdbc.spring.BoundedTaskExecutor;

import org.springframework.beans.factory.config.RuntimeBeanReference;
import org.springframework.beans.factory.support.BeanDefinitionRegistry;
import org.springframework.beans.factory.support.RootBeanDefinition;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;
import org.springframework.context.annotation.ImportBeanDefinitionRegistrar;
import org.springframework.core.env.Environment;
import org.springframework.core.type.AnnotationMetadata;

/**
 * Registers an executor for each name under {@code cooperative.jdbc.executors}. Nobody
 * gets one who does not ask for it by its name: Spring Boot's own executor does not back
 * off, and what an application injects by type stays what it is.
 */
class BoundedTaskExecutorRegistrar implements ImportBeanDefinitionRegistrar {

	private static final String PREFIX = "cooperative.jdbc.executors";

	private final Environment environment;

	BoundedTaskExecutorRegistrar(Environment environment) {
		this.environment = environment;
	}

	@Override
	public void registerBeanDefinitions(AnnotationMetadata importingClass, BeanDefinitionRegistry registry) {
		Map<String, CooperativeJdbcProperties.Bounds> executors = Binder.get(this.environment)
			.bind(PREFIX, Bindable.mapOf(String.class, CooperativeJdbcProperties.Bounds.class))
			.orElse(Map.of());
		executors.forEach((name, bounds) -> register(name, bounds, registry));
	}

	private static void register(String name, CooperativeJdbcProperties.Bounds bounds,
			BeanDefinitionRegistry registry) {
		String property = PREFIX + "." + name;
		int limit = bounds.requireLimit(property);
		if (registry.containsBeanDefinition(name)) {
			throw new InvalidConfigurationPropertyValueException(property, limit,
					"There is a bean '" + name + "' already. Choose another name for the executor.");
		}
		RootBeanDefinition definition = new RootBeanDefinition(BoundedTaskExecutor.class);
		definition.getConstructorArgumentValues()
			.addIndexedArgumentValue(0, new RuntimeBeanReference("cooperativeJdbcThreads"));
		definition.getConstructorArgumentValues().addIndexedArgumentValue(1, name);
		definition.getConstructorArgumentValues().addIndexedArgumentValue(2, limit);
		definition.getConstructorArgumentValues().addIndexedArgumentValue(3, bounds.requireQueueCapacity(property));
		definition.setDefaultCandidate(false);
		definition.setFallback(true);
		registry.registerBeanDefinition(name, definition);
	}

}
