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

import java.util.concurrent.Executor;
import java.util.concurrent.ThreadFactory;

import org.apache.coyote.ProtocolHandler;
import org.cooperativejdbc.carrier.EventLoops;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.util.thread.VirtualThreadPool;

import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.jetty.JettyWebServerFactory;
import org.springframework.boot.task.SimpleAsyncTaskExecutorCustomizer;
import org.springframework.boot.task.SimpleAsyncTaskSchedulerCustomizer;
import org.springframework.boot.tomcat.ConfigurableTomcatWebServerFactory;
import org.springframework.boot.web.server.WebServerFactoryCustomizer;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.core.task.SimpleAsyncTaskExecutor;

/**
 * Makes Spring Boot's executors create virtual threads that event loops carry. Each
 * customizer comes after Spring Boot's own and before those of the user.
 */
abstract class EventLoopExecutorConfigurations {

	/**
	 * After the customizers by which Spring Boot selects virtual threads. Customizers of
	 * web servers are sorted by what they say themselves, not by annotations of methods.
	 */
	private static final int AFTER_SPRING_BOOT = 100;

	private static Executor executor(ThreadFactory threadFactory) {
		return (task) -> threadFactory.newThread(task).start();
	}

	@Configuration(proxyBeanMethods = false)
	static class Tasks {

		@Bean
		@Order(Ordered.HIGHEST_PRECEDENCE)
		SimpleAsyncTaskExecutorCustomizer cooperativeJdbcTaskExecutorCustomizer(EventLoops eventLoops) {
			return (executor) -> customize(executor, eventLoops);
		}

		@Bean
		@Order(Ordered.HIGHEST_PRECEDENCE)
		SimpleAsyncTaskSchedulerCustomizer cooperativeJdbcTaskSchedulerCustomizer(EventLoops eventLoops) {
			return (scheduler) -> customize(scheduler, eventLoops);
		}

		private static void customize(SimpleAsyncTaskExecutor executor, EventLoops eventLoops) {
			executor.setVirtualThreads(false);
			executor.setThreadFactory(eventLoops.threadFactory(executor.getThreadNamePrefix()));
		}

	}

	@Configuration(proxyBeanMethods = false)
	@ConditionalOnClass({ ProtocolHandler.class, ConfigurableTomcatWebServerFactory.class })
	static class Tomcat {

		@Bean
		TomcatCustomizer cooperativeJdbcTomcatCustomizer(EventLoops eventLoops) {
			return new TomcatCustomizer(executor(eventLoops.threadFactory("tomcat-handler-")));
		}

	}

	@Configuration(proxyBeanMethods = false)
	@ConditionalOnClass({ Server.class, JettyWebServerFactory.class })
	static class Jetty {

		@Bean
		JettyCustomizer cooperativeJdbcJettyCustomizer(EventLoops eventLoops) {
			return new JettyCustomizer(executor(eventLoops.threadFactory("jetty-")));
		}

	}

	record TomcatCustomizer(
			Executor executor) implements WebServerFactoryCustomizer<ConfigurableTomcatWebServerFactory>, Ordered {

		@Override
		public void customize(ConfigurableTomcatWebServerFactory factory) {
			factory.addProtocolHandlerCustomizers((protocolHandler) -> protocolHandler.setExecutor(this.executor));
		}

		@Override
		public int getOrder() {
			return AFTER_SPRING_BOOT;
		}

	}

	record JettyCustomizer(Executor executor) implements WebServerFactoryCustomizer<JettyWebServerFactory>, Ordered {

		@Override
		public void customize(JettyWebServerFactory factory) {
			if (factory.getThreadPool() instanceof VirtualThreadPool threadPool) {
				threadPool.setVirtualThreadsExecutor(this.executor);
			}
		}

		@Override
		public int getOrder() {
			return AFTER_SPRING_BOOT;
		}

	}

}
