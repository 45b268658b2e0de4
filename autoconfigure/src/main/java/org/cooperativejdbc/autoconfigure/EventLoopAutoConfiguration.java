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

import java.io.IOException;

import org.cooperativejdbc.ConcurrencyModel;
import org.cooperativejdbc.loop.CarriedThreads;
import org.cooperativejdbc.loop.EventLoops;
import org.cooperativejdbc.loop.NettyEventLoops;
import reactor.netty.http.server.HttpServer;

import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.reactor.netty.NettyReactiveWebServerFactory;
import org.springframework.boot.reactor.netty.NettyServerCustomizer;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Fallback;
import org.springframework.context.annotation.Import;

/**
 * {@link EnableAutoConfiguration Auto-configuration} for event loops that carry virtual
 * threads.
 *
 * @since 0.1.0
 */
@AutoConfiguration(after = CooperativeJdbcAutoConfiguration.class,
		afterName = "org.springframework.boot.reactor.netty.autoconfigure.NettyReactiveWebServerAutoConfiguration")
@ConditionalOnBooleanProperty(name = "cooperative.jdbc.enabled", matchIfMissing = true)
@ConditionalOnConcurrencyModel(ConcurrencyModel.EVENT_LOOP)
@Import({ EventLoopAutoConfiguration.ReactorNettyConfiguration.class,
		EventLoopAutoConfiguration.SelectorConfiguration.class, EventLoopExecutorConfigurations.Tasks.class,
		EventLoopExecutorConfigurations.Tomcat.class, EventLoopExecutorConfigurations.Jetty.class })
public final class EventLoopAutoConfiguration {

	private static int threads(CooperativeJdbcProperties properties) {
		String reason = CarriedThreads.unavailableReason();
		if (reason != null) {
			throw new ConcurrencyModelUnavailableException(reason);
		}
		return properties.getEventLoop().getThreads();
	}

	/**
	 * In a WebFlux application on Reactor Netty, the loops that receive the requests.
	 */
	@Configuration(proxyBeanMethods = false)
	@ConditionalOnClass({ HttpServer.class, NettyReactiveWebServerFactory.class })
	@ConditionalOnBean(NettyReactiveWebServerFactory.class)
	static class ReactorNettyConfiguration {

		@Bean
		NettyEventLoops cooperativeJdbcNettyEventLoops(CooperativeJdbcProperties properties) throws IOException {
			return new NettyEventLoops(threads(properties));
		}

		@Bean(destroyMethod = "")
		@Fallback
		EventLoops cooperativeJdbcEventLoops(NettyEventLoops nettyEventLoops) {
			return nettyEventLoops.loops();
		}

		@Bean
		NettyServerCustomizer cooperativeJdbcNettyServerCustomizer(NettyEventLoops nettyEventLoops) {
			return (server) -> server.runOn((useNative) -> nettyEventLoops.group(), false);
		}

	}

	/**
	 * In any other application, loops of our own.
	 */
	@Configuration(proxyBeanMethods = false)
	@ConditionalOnMissingBean(EventLoops.class)
	static class SelectorConfiguration {

		@Bean
		@Fallback
		EventLoops cooperativeJdbcEventLoops(CooperativeJdbcProperties properties) throws IOException {
			return EventLoops.start(threads(properties));
		}

	}

}
