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

import java.time.Duration;

import com.zaxxer.hikari.HikariDataSource;
import org.cooperativejdbc.CooperativeJdbc;
import org.cooperativejdbc.pool.Expirations;
import org.cooperativejdbc.pool.HoldTimes;
import org.cooperativejdbc.spring.EventLoopGuard;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.config.BeanDefinition;
import org.springframework.boot.LazyInitializationExcludeFilter;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnWebApplication;
import org.springframework.boot.web.servlet.FilterRegistrationBean;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Conditional;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Role;
import org.springframework.core.Ordered;
import org.springframework.transaction.interceptor.TransactionAttributeSource;
import org.springframework.util.Assert;
import org.springframework.web.filter.OncePerRequestFilter;

/**
 * {@link EnableAutoConfiguration Auto-configuration} for what bounds transactions: their
 * admission to the connection pool, and their deadlines.
 */
@AutoConfiguration(after = CooperativeJdbcAutoConfiguration.class)
@ConditionalOnBooleanProperty(name = "cooperative.jdbc.enabled", matchIfMissing = true)
@ConditionalOnClass(HikariDataSource.class)
public final class TransactionLimitsAutoConfiguration {

	private TransactionLimitsAutoConfiguration() {
	}

	@Bean
	@Role(BeanDefinition.ROLE_INFRASTRUCTURE)
	static PoolTimeoutsBeanPostProcessor cooperativeJdbcPoolTimeoutsBeanPostProcessor(
			ObjectProvider<CooperativeJdbcProperties> properties, ObjectProvider<CooperativeJdbc> cooperativeJdbc) {
		return new PoolTimeoutsBeanPostProcessor(properties, cooperativeJdbc);
	}

	@Bean
	@Role(BeanDefinition.ROLE_INFRASTRUCTURE)
	static TransactionManagerBeanPostProcessor cooperativeJdbcTransactionManagerBeanPostProcessor(
			ObjectProvider<EventLoopGuard> eventLoopThreads, ObjectProvider<CooperativeJdbcProperties> properties,
			ObjectProvider<Admissions> admissions, ObjectProvider<Expirations> expirations,
			ObjectProvider<HoldTimes> holdTimes) {
		return new TransactionManagerBeanPostProcessor(eventLoopThreads, properties, admissions, expirations,
				holdTimes);
	}

	@Configuration(proxyBeanMethods = false)
	@Conditional(UnlessPlatformCondition.OnAdmission.class)
	static class AdmissionConfiguration {

		@Bean
		static LazyInitializationExcludeFilter cooperativeJdbcAdmissionLazyInitializationExcludeFilter() {
			return LazyInitializationExcludeFilter.forBeanTypes(Admissions.class, TaskExecutorShutdown.class);
		}

		@Bean
		Admissions cooperativeJdbcAdmissions(CooperativeJdbcProperties properties) {
			return new Admissions(properties);
		}

		@Bean
		TaskExecutorShutdown cooperativeJdbcTaskExecutorShutdown(ConfigurableApplicationContext context) {
			return new TaskExecutorShutdown(context);
		}

	}

	@Configuration(proxyBeanMethods = false)
	@Conditional(UnlessPlatformCondition.OnDeadlines.class)
	static class DeadlineConfiguration {

		@Bean
		Expirations cooperativeJdbcExpirations() {
			return new Expirations();
		}

		@Bean
		@Role(BeanDefinition.ROLE_INFRASTRUCTURE)
		static TransactionTimeoutAdvisor cooperativeJdbcTransactionTimeoutAdvisor(
				ObjectProvider<TransactionAttributeSource> source) {
			return new TransactionTimeoutAdvisor(source.getIfAvailable());
		}

	}

	@Configuration(proxyBeanMethods = false)
	@Conditional(UnlessPlatformCondition.OnDeadlines.class)
	@ConditionalOnWebApplication(type = ConditionalOnWebApplication.Type.SERVLET)
	@ConditionalOnClass(OncePerRequestFilter.class)
	@ConditionalOnProperty("cooperative.jdbc.request-timeout")
	static class ServletConfiguration {

		@Bean
		FilterRegistrationBean<RequestDeadlineFilter> cooperativeJdbcRequestDeadlineFilter(
				CooperativeJdbcProperties properties) {
			Duration timeout = properties.getRequestTimeout();
			Assert.state(timeout != null, "No request timeout");
			FilterRegistrationBean<RequestDeadlineFilter> registration = new FilterRegistrationBean<>(
					new RequestDeadlineFilter(timeout));
			registration.setOrder(Ordered.HIGHEST_PRECEDENCE + 1);
			return registration;
		}

	}

}
