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

import org.cooperativejdbc.pool.PoolOverloadedException;
import org.cooperativejdbc.spring.PoolOverloadExceptionResolver;
import org.cooperativejdbc.spring.PoolOverloadFilter;
import org.cooperativejdbc.spring.PoolOverloadWebExceptionHandler;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnWebApplication;
import org.springframework.boot.web.servlet.FilterRegistrationBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.web.filter.OncePerRequestFilter;
import org.springframework.web.reactive.DispatcherHandler;
import org.springframework.web.reactive.HandlerResultHandler;
import org.springframework.web.reactive.result.method.annotation.RequestMappingHandlerAdapter;
import org.springframework.web.servlet.HandlerExceptionResolver;

/**
 * {@link EnableAutoConfiguration Auto-configuration} for the answer to HTTP requests that
 * are refused a connection, with a {@link PoolOverloadedException}.
 *
 * @since 0.1.0
 */
@AutoConfiguration(beforeName = "org.springframework.boot.webflux.autoconfigure.error.ErrorWebFluxAutoConfiguration")
@ConditionalOnBooleanProperty(name = "cooperative.jdbc.enabled", matchIfMissing = true)
@ConditionalOnBooleanProperty(name = "cooperative.jdbc.web.overload-response", matchIfMissing = true)
public final class OverloadResponseAutoConfiguration {

	private OverloadResponseAutoConfiguration() {
	}

	@Configuration(proxyBeanMethods = false)
	@ConditionalOnWebApplication(type = ConditionalOnWebApplication.Type.SERVLET)
	@ConditionalOnClass({ FilterRegistrationBean.class, OncePerRequestFilter.class })
	static class ServletConfiguration {

		/**
		 * After the filter that observes requests, which would see the exception.
		 */
		@Bean
		FilterRegistrationBean<PoolOverloadFilter> cooperativeJdbcPoolOverloadFilter() {
			FilterRegistrationBean<PoolOverloadFilter> registration = new FilterRegistrationBean<>(
					new PoolOverloadFilter());
			registration.setOrder(Ordered.HIGHEST_PRECEDENCE + 2);
			return registration;
		}

	}

	@Configuration(proxyBeanMethods = false)
	@ConditionalOnWebApplication(type = ConditionalOnWebApplication.Type.SERVLET)
	@ConditionalOnClass(HandlerExceptionResolver.class)
	static class WebMvcConfiguration {

		@Bean
		PoolOverloadExceptionResolver cooperativeJdbcPoolOverloadExceptionResolver(
				@Qualifier("handlerExceptionResolver") ObjectProvider<HandlerExceptionResolver> resolver) {
			return new PoolOverloadExceptionResolver(resolver::getIfAvailable);
		}

	}

	@Configuration(proxyBeanMethods = false)
	@ConditionalOnWebApplication(type = ConditionalOnWebApplication.Type.REACTIVE)
	@ConditionalOnClass(DispatcherHandler.class)
	static class WebFluxConfiguration {

		/**
		 * Of the same order as Spring Boot's, before which it is registered, and so after
		 * the user's.
		 */
		@Bean
		@Order(-1)
		PoolOverloadWebExceptionHandler cooperativeJdbcPoolOverloadWebExceptionHandler(
				@Qualifier("requestMappingHandlerAdapter") ObjectProvider<RequestMappingHandlerAdapter> adapter,
				ObjectProvider<HandlerResultHandler> resultHandlers) {
			return new PoolOverloadWebExceptionHandler(adapter::getIfAvailable, resultHandlers);
		}

	}

}
