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

import org.cooperativejdbc.CooperativeJdbc;

import org.springframework.beans.factory.support.BeanDefinitionRegistry;
import org.springframework.beans.factory.support.RootBeanDefinition;
import org.springframework.context.annotation.ImportBeanDefinitionRegistrar;
import org.springframework.core.env.Environment;
import org.springframework.core.io.ResourceLoader;
import org.springframework.core.type.AnnotationMetadata;

/**
 * Registers {@link CooperativeJdbc} with the model that is detected when conditions are
 * evaluated, so that an application processed ahead of time has one model: the one it was
 * processed for.
 */
class CooperativeJdbcRegistrar implements ImportBeanDefinitionRegistrar {

	private final DetectedConcurrencyModel detected;

	CooperativeJdbcRegistrar(Environment environment, ResourceLoader applicationContext) {
		this.detected = DetectedConcurrencyModel.of(environment, applicationContext);
	}

	@Override
	public void registerBeanDefinitions(AnnotationMetadata importingClass, BeanDefinitionRegistry registry) {
		RootBeanDefinition definition = new RootBeanDefinition(CooperativeJdbc.class);
		definition.getConstructorArgumentValues().addIndexedArgumentValue(0, this.detected.model());
		definition.getConstructorArgumentValues().addIndexedArgumentValue(1, this.detected.reason());
		registry.registerBeanDefinition("cooperativeJdbc", definition);
	}

}
