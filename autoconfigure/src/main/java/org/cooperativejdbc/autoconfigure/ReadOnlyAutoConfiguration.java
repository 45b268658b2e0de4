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

import org.cooperativejdbc.door.CooperativeSockets;
import org.cooperativejdbc.spring.ReadOnlyBeginAdvisor;

import org.springframework.beans.factory.ListableBeanFactory;
import org.springframework.beans.factory.config.BeanDefinition;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.ImportRuntimeHints;
import org.springframework.context.annotation.Role;

/**
 * {@link EnableAutoConfiguration Auto-configuration} for labels of transactions that say
 * when they begin.
 *
 * @since 0.1.0
 */
@AutoConfiguration(after = CooperativeJdbcAutoConfiguration.class,
		afterName = "org.springframework.boot.transaction.autoconfigure.TransactionAutoConfiguration")
@ConditionalOnProperty("cooperative.jdbc.read-only.begin")
@ConditionalOnBean(CooperativeSockets.class)
@ImportRuntimeHints(CooperativeJdbcAutoConfiguration.ReadOnlyTransactionRuntimeHints.class)
public final class ReadOnlyAutoConfiguration {

	private ReadOnlyAutoConfiguration() {
	}

	@Bean
	@Role(BeanDefinition.ROLE_INFRASTRUCTURE)
	static ReadOnlyBeginAdvisor cooperativeJdbcReadOnlyBeginAdvisor(ListableBeanFactory beanFactory) {
		return new ReadOnlyBeginAdvisor(beanFactory);
	}

}
