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

import org.cooperativejdbc.ShareKey;
import org.cooperativejdbc.spring.ShareKeyFilter;
import org.cooperativejdbc.spring.ShareKeyWebFilter;
import org.cooperativejdbc.spring.ShareKeys;

import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnWebApplication;
import org.springframework.boot.web.servlet.FilterRegistrationBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.web.filter.OncePerRequestFilter;
import org.springframework.web.server.WebFilter;

/**
 * {@link EnableAutoConfiguration Auto-configuration} for the {@link ShareKey} that a
 * header of a request has.
 *
 * @since 0.1.0
 */
@AutoConfiguration(after = CooperativeJdbcAutoConfiguration.class)
@ConditionalOnBean(ShareKeys.class)
@ConditionalOnProperty("cooperative.jdbc.web.share-header")
public final class ShareKeyAutoConfiguration {

	private ShareKeyAutoConfiguration() {
	}

	@Configuration(proxyBeanMethods = false)
	@ConditionalOnWebApplication(type = ConditionalOnWebApplication.Type.SERVLET)
	@ConditionalOnClass({ FilterRegistrationBean.class, OncePerRequestFilter.class })
	static class ServletConfiguration {

		@Bean
		FilterRegistrationBean<ShareKeyFilter> cooperativeJdbcShareKeyFilter(CooperativeJdbcProperties properties) {
			FilterRegistrationBean<ShareKeyFilter> registration = new FilterRegistrationBean<>(
					new ShareKeyFilter(properties.getWeb().requireShareHeader()));
			registration.setOrder(Ordered.HIGHEST_PRECEDENCE + 1);
			return registration;
		}

	}

	@Configuration(proxyBeanMethods = false)
	@ConditionalOnWebApplication(type = ConditionalOnWebApplication.Type.REACTIVE)
	@ConditionalOnClass(WebFilter.class)
	static class ReactiveConfiguration {

		@Bean
		@Order(Ordered.HIGHEST_PRECEDENCE + 1)
		ShareKeyWebFilter cooperativeJdbcShareKeyWebFilter(CooperativeJdbcProperties properties) {
			return new ShareKeyWebFilter(properties.getWeb().requireShareHeader());
		}

	}

}
