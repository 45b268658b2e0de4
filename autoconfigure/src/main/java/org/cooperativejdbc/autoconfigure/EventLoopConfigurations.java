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

import org.cooperativejdbc.carrier.CarriedThreads;
import org.cooperativejdbc.carrier.EventLoops;
import org.cooperativejdbc.carrier.NettyEventLoops;
import org.jspecify.annotations.Nullable;
import reactor.netty.http.server.HttpServer;

import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.reactor.netty.NettyReactiveWebServerFactory;
import org.springframework.boot.web.server.WebServerFactoryCustomizer;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Conditional;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Fallback;
import org.springframework.core.Ordered;
import org.springframework.http.client.ReactorResourceFactory;

/**
 * {@link EventLoops} configurations to be imported in a specific order. The loops are a
 * {@link org.cooperativejdbc.WaitStrategy} to fall back on when the user has defined
 * none.
 */
abstract class EventLoopConfigurations {

	/**
	 * System property of Reactor Netty with the number of its loops.
	 */
	private static final String IO_WORKER_COUNT = "reactor.netty.ioWorkerCount";

	private static CooperativeJdbcProperties.EventLoop available(CooperativeJdbcProperties properties) {
		String reason = CarriedThreads.unavailableReason();
		if (reason != null) {
			throw new ConcurrencyModelUnavailableException(reason);
		}
		return properties.getEventLoop();
	}

	private static int threads(CooperativeJdbcProperties.EventLoop eventLoop, @Nullable Integer fallback) {
		Integer threads = (eventLoop.getThreads() != null) ? eventLoop.getThreads() : fallback;
		return (threads != null && threads > 0) ? threads : Runtime.getRuntime().availableProcessors();
	}

	/**
	 * In a WebFlux application on Reactor Netty, the loops that receive the requests,
	 * unless the user has chosen others for that.
	 */
	@Configuration(proxyBeanMethods = false)
	@ConditionalOnClass({ HttpServer.class, NettyReactiveWebServerFactory.class, ReactorResourceFactory.class })
	@ConditionalOnBean(NettyReactiveWebServerFactory.class)
	@Conditional(OnReactorResourcesOfSpringBootCondition.class)
	static class ReactorNetty {

		@Bean
		@Fallback
		NettyEventLoops cooperativeJdbcEventLoops(CooperativeJdbcProperties properties) throws IOException {
			CooperativeJdbcProperties.EventLoop eventLoop = available(properties);
			return new NettyEventLoops(threads(eventLoop, Integer.getInteger(IO_WORKER_COUNT)),
					eventLoop.getStallThreshold());
		}

		@Bean
		NettyCustomizer cooperativeJdbcNettyCustomizer(NettyEventLoops nettyEventLoops) {
			ReactorResourceFactory resources = new ReactorResourceFactory();
			resources.setUseGlobalResources(false);
			resources.setLoopResources((useNative) -> nettyEventLoops.group());
			return new NettyCustomizer(resources);
		}

	}

	/**
	 * Gives the server a resource factory of its own, because the loops of the resource
	 * factory win over those that a server customizer selects. The first of the
	 * customizers leaves each one of the user's the last word.
	 *
	 * @param resources the loops
	 */
	record NettyCustomizer(ReactorResourceFactory resources)
			implements
				WebServerFactoryCustomizer<NettyReactiveWebServerFactory>,
				Ordered {

		@Override
		public void customize(NettyReactiveWebServerFactory factory) {
			factory.setResourceFactory(this.resources);
		}

		@Override
		public int getOrder() {
			return Ordered.HIGHEST_PRECEDENCE;
		}

	}

	/**
	 * In any other application, loops of our own.
	 */
	@Configuration(proxyBeanMethods = false)
	@ConditionalOnMissingBean(EventLoops.class)
	static class Selectors {

		@Bean
		@Fallback
		EventLoops cooperativeJdbcEventLoops(CooperativeJdbcProperties properties) throws IOException {
			CooperativeJdbcProperties.EventLoop eventLoop = available(properties);
			return EventLoops.start(threads(eventLoop, null), eventLoop.getStallThreshold());
		}

	}

}
