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

import io.micrometer.context.ThreadLocalAccessor;
import org.cooperativejdbc.Deadline;
import org.cooperativejdbc.spring.ContextPropagation;
import org.cooperativejdbc.spring.RequestDeadlineFilter;
import org.cooperativejdbc.spring.RequestDeadlineWebFilter;
import org.cooperativejdbc.spring.TransactionTimeoutAdvisor;

import org.springframework.aop.Advisor;
import org.springframework.beans.factory.ListableBeanFactory;
import org.springframework.beans.factory.config.BeanDefinition;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnWebApplication;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.web.servlet.FilterRegistrationBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Conditional;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Role;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.util.Assert;
import org.springframework.web.filter.OncePerRequestFilter;
import org.springframework.web.server.WebFilter;

/**
 * {@link EnableAutoConfiguration Auto-configuration} for what gives threads a
 * {@link Deadline}: declared timeouts of transactions, and the timeout of requests.
 *
 * @since 0.1.0
 */
@AutoConfiguration(after = CooperativeJdbcAutoConfiguration.class,
		afterName = "org.springframework.boot.transaction.autoconfigure.TransactionAutoConfiguration")
@ConditionalOnBooleanProperty(name = "cooperative.jdbc.enabled", matchIfMissing = true)
@Conditional(UnlessPlatformCondition.OnDeadlines.class)
@EnableConfigurationProperties(CooperativeJdbcProperties.class)
public final class DeadlineAutoConfiguration {

	private DeadlineAutoConfiguration() {
	}

	@Bean
	@Role(BeanDefinition.ROLE_INFRASTRUCTURE)
	static TransactionTimeoutAdvisor cooperativeJdbcTransactionTimeoutAdvisor(ListableBeanFactory beanFactory) {
		return new TransactionTimeoutAdvisor(beanFactory);
	}

	/**
	 * Of the same order as Spring's own by default, after which it is registered.
	 */
	@Bean
	@Role(BeanDefinition.ROLE_INFRASTRUCTURE)
	static Advisor cooperativeJdbcTransactionSuspensionAdvisor(TransactionTimeoutAdvisor advisor) {
		return advisor.inside();
	}

	private static Duration requestTimeout(CooperativeJdbcProperties properties) {
		Duration timeout = properties.getRequestTimeout();
		Assert.state(timeout != null, "No request timeout");
		return timeout;
	}

	@Configuration(proxyBeanMethods = false)
	@ConditionalOnWebApplication(type = ConditionalOnWebApplication.Type.SERVLET)
	@ConditionalOnClass({ FilterRegistrationBean.class, OncePerRequestFilter.class })
	@ConditionalOnProperty("cooperative.jdbc.request-timeout")
	static class ServletConfiguration {

		@Bean
		FilterRegistrationBean<RequestDeadlineFilter> cooperativeJdbcRequestDeadlineFilter(
				CooperativeJdbcProperties properties) {
			FilterRegistrationBean<RequestDeadlineFilter> registration = new FilterRegistrationBean<>(
					new RequestDeadlineFilter(requestTimeout(properties)));
			registration.setOrder(Ordered.HIGHEST_PRECEDENCE + 1);
			return registration;
		}

	}

	@Configuration(proxyBeanMethods = false)
	@ConditionalOnWebApplication(type = ConditionalOnWebApplication.Type.REACTIVE)
	@ConditionalOnClass(WebFilter.class)
	@ConditionalOnProperty("cooperative.jdbc.request-timeout")
	static class ReactiveConfiguration {

		@Bean
		@Order(Ordered.HIGHEST_PRECEDENCE + 1)
		RequestDeadlineWebFilter cooperativeJdbcRequestDeadlineWebFilter(CooperativeJdbcProperties properties) {
			return new RequestDeadlineWebFilter(requestTimeout(properties));
		}

	}

	@Configuration(proxyBeanMethods = false)
	@ConditionalOnWebApplication(type = ConditionalOnWebApplication.Type.REACTIVE)
	@ConditionalOnClass({ WebFilter.class, ThreadLocalAccessor.class })
	@ConditionalOnProperty("cooperative.jdbc.request-timeout")
	static class ContextPropagationConfiguration {

		ContextPropagationConfiguration() {
			ContextPropagation.registerDeadlines();
		}

	}

}
