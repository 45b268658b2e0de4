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

import org.cooperativejdbc.reactor.ReactorCalls;
import org.cooperativejdbc.spring.CooperativeCall;
import org.cooperativejdbc.spring.CooperativeCallPostProcessor;
import org.cooperativejdbc.spring.CooperativeThreads;
import reactor.core.publisher.Flux;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.config.BeanDefinition;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Role;
import org.springframework.core.env.Environment;

/**
 * {@link EnableAutoConfiguration Auto-configuration} for methods with
 * {@link CooperativeCall}, and for {@link ReactorCalls}. They are there when nothing else
 * of Cooperative JDBC is: the body of such a method must not run anywhere else.
 *
 * @since 0.1.0
 */
@AutoConfiguration(after = ExecutorAutoConfiguration.class)
public final class CallAutoConfiguration {

	private CallAutoConfiguration() {
	}

	@Bean
	@Role(BeanDefinition.ROLE_INFRASTRUCTURE)
	static CooperativeCallPostProcessor cooperativeJdbcCallPostProcessor(ObjectProvider<CooperativeThreads> threads,
			Environment environment) {
		CooperativeCallPostProcessor postProcessor = new CooperativeCallPostProcessor(threads::getObject);
		postProcessor
			.setProxyTargetClass(environment.getProperty("spring.aop.proxy-target-class", Boolean.class, true));
		return postProcessor;
	}

	@Configuration(proxyBeanMethods = false)
	@ConditionalOnClass(Flux.class)
	@ConditionalOnBean(CooperativeThreads.class)
	static class ReactorConfiguration {

		@Bean
		@ConditionalOnMissingBean
		ReactorCalls cooperativeJdbcReactorCalls(CooperativeThreads threads) {
			return new ReactorCalls(threads::run);
		}

	}

}
