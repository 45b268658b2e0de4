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

import org.cooperativejdbc.spring.BoundedRequestsFilter;
import org.cooperativejdbc.spring.BoundedRequestsWebFilter;
import org.cooperativejdbc.spring.CooperativeThreads;

import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnWebApplication;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.web.servlet.FilterRegistrationBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.web.filter.OncePerRequestFilter;
import org.springframework.web.server.WebFilter;

/**
 * {@link EnableAutoConfiguration Auto-configuration} for a limit of the HTTP requests
 * that run at once.
 *
 * @since 0.1.0
 */
@AutoConfiguration(after = { CooperativeJdbcAutoConfiguration.class, ExecutorAutoConfiguration.class })
@ConditionalOnBooleanProperty(name = "cooperative.jdbc.enabled", matchIfMissing = true)
@ConditionalOnProperty(BoundedRequestsAutoConfiguration.PREFIX + ".limit")
@EnableConfigurationProperties(CooperativeJdbcProperties.class)
public final class BoundedRequestsAutoConfiguration {

	static final String PREFIX = "cooperative.jdbc.web.requests";

	private BoundedRequestsAutoConfiguration() {
	}

	@Configuration(proxyBeanMethods = false)
	@ConditionalOnWebApplication(type = ConditionalOnWebApplication.Type.SERVLET)
	@ConditionalOnClass({ FilterRegistrationBean.class, OncePerRequestFilter.class })
	static class ServletConfiguration {

		/**
		 * After the filters that observe a request and give it its deadline.
		 */
		@Bean
		FilterRegistrationBean<BoundedRequestsFilter> cooperativeJdbcBoundedRequestsFilter(
				CooperativeJdbcProperties properties) {
			CooperativeJdbcProperties.Bounds bounds = properties.getWeb().getRequests();
			FilterRegistrationBean<BoundedRequestsFilter> registration = new FilterRegistrationBean<>(
					new BoundedRequestsFilter(bounds.requireLimit(PREFIX), bounds.requireQueueCapacity(PREFIX)));
			registration.setOrder(Ordered.HIGHEST_PRECEDENCE + 3);
			return registration;
		}

	}

	@Configuration(proxyBeanMethods = false)
	@ConditionalOnWebApplication(type = ConditionalOnWebApplication.Type.REACTIVE)
	@ConditionalOnClass(WebFilter.class)
	@ConditionalOnBean(CooperativeThreads.class)
	static class ReactiveConfiguration {

		/**
		 * After the filter that gives a request its deadline.
		 */
		@Bean
		@Order(Ordered.HIGHEST_PRECEDENCE + 3)
		BoundedRequestsWebFilter cooperativeJdbcBoundedRequestsWebFilter(CooperativeThreads threads,
				CooperativeJdbcProperties properties) {
			CooperativeJdbcProperties.Bounds bounds = properties.getWeb().getRequests();
			return new BoundedRequestsWebFilter(threads, bounds.requireLimit(PREFIX),
					bounds.requireQueueCapacity(PREFIX));
		}

	}

}
