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

import com.zaxxer.hikari.HikariDataSource;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.config.BeanDefinition;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Role;

/**
 * {@link EnableAutoConfiguration Auto-configuration} for what bounds transactions.
 */
@AutoConfiguration(after = CooperativeJdbcAutoConfiguration.class)
@ConditionalOnBooleanProperty(name = "cooperative.jdbc.enabled", matchIfMissing = true)
@ConditionalOnClass(HikariDataSource.class)
public final class TransactionLimitsAutoConfiguration {

	private TransactionLimitsAutoConfiguration() {
	}

	@Bean
	@Role(BeanDefinition.ROLE_INFRASTRUCTURE)
	static TransactionManagerBeanPostProcessor cooperativeJdbcTransactionManagerBeanPostProcessor(
			ObjectProvider<EventLoopThreads> eventLoopThreads, ObjectProvider<CooperativeJdbcProperties> properties) {
		return new TransactionManagerBeanPostProcessor(eventLoopThreads, properties);
	}

}
