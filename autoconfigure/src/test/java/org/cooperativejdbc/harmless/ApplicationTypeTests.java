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

package org.cooperativejdbc.harmless;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

import org.cooperativejdbc.ConcurrencyModel;
import org.cooperativejdbc.CooperativeJdbc;
import org.cooperativejdbc.LocalRequests;
import org.cooperativejdbc.carrier.EventLoops;
import org.cooperativejdbc.test.TestDatabase;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.reactor.netty.NettyWebServer;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.boot.tomcat.TomcatWebServer;
import org.springframework.boot.tomcat.reactive.TomcatReactiveWebServerFactory;
import org.springframework.boot.web.server.context.WebServerApplicationContext;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.scheduling.annotation.EnableScheduling;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The model follows what Spring Boot makes of the application, however that was chosen.
 */
@ExtendWith(OutputCaptureExtension.class)
class ApplicationTypeTests {

	/**
	 * A daemon thread, as every virtual one is, would let the JVM exit after the first
	 * tick.
	 */
	@ParameterizedTest
	@ValueSource(booleans = { false, true })
	void scheduledJobKeepsAnApplicationAliveThatIsNoWebApplication(boolean starter) throws Exception {
		try (ConfigurableApplicationContext context = start(WebApplicationType.REACTIVE, Scheduling.class,
				"cooperative.jdbc.enabled=" + starter, "spring.main.web-application-type=none")) {
			Thread thread = context.getBean(Scheduling.class).ticked.get(10, TimeUnit.SECONDS);
			assertThat(thread.isVirtual()).isFalse();
			assertThat(thread.isDaemon()).isFalse();
			if (starter) {
				assertThat(context.getBean(CooperativeJdbc.class).model()).isEqualTo(ConcurrencyModel.PLATFORM);
			}
		}
	}

	@ParameterizedTest
	@CsvSource({ "false, SERVLET", "true, SERVLET", "true, NONE" })
	void reactiveByPropertyWithBothWebStarters(boolean starter, WebApplicationType type) throws Exception {
		try (ConfigurableApplicationContext context = start(type, Application.class,
				"cooperative.jdbc.enabled=" + starter, "spring.main.web-application-type=reactive",
				"cooperative.jdbc.event-loop.threads=1")) {
			assertThat(((WebServerApplicationContext) context).getWebServer()).isInstanceOf(NettyWebServer.class);
			String thread = LocalRequests.get(context, "/thread").body();
			if (starter) {
				assertThat(context.getBean(CooperativeJdbc.class).model()).isEqualTo(ConcurrencyModel.EVENT_LOOP);
				assertThat(thread).startsWith("VirtualThread[").endsWith("@cooperative-jdbc-loop-1");
			}
			else {
				assertThat(thread).startsWith("Thread[");
			}
		}
	}

	@Test
	void reactiveApplicationOnAnotherServerIsServedByIt() throws Exception {
		try (ConfigurableApplicationContext context = start(WebApplicationType.REACTIVE, ReactiveTomcat.class)) {
			assertThat(((WebServerApplicationContext) context).getWebServer()).isInstanceOf(TomcatWebServer.class);
			assertThat(LocalRequests.get(context, "/thread").body()).startsWith("VirtualThread[");
		}
	}

	@ParameterizedTest
	@CsvSource({ "SERVLET, false", "NONE, false", "SERVLET, true" })
	void virtualThreadsOfAnApplicationThatIsNotReactiveStayOnTheSchedulerOfTheJdk(WebApplicationType type, boolean lazy,
			CapturedOutput output) throws Exception {
		try (ConfigurableApplicationContext context = start(type, Application.class,
				"spring.threads.virtual.enabled=true", "spring.main.lazy-initialization=" + lazy)) {
			assertThat(context.getBean(CooperativeJdbc.class).model()).isEqualTo(ConcurrencyModel.VIRTUAL);
			assertThat(context.getBeanProvider(EventLoops.class).getIfAvailable()).isNull();
			if (type == WebApplicationType.SERVLET) {
				assertThat(LocalRequests.get(context, "/thread").body()).contains("@ForkJoinPool");
			}
		}
		assertThat(output).contains("Cooperative JDBC: virtual (virtual threads enabled, "
				+ "event loops with cooperative.jdbc.model=event-loop)");
	}

	private static ConfigurableApplicationContext start(WebApplicationType type, Class<?> source,
			String... properties) {
		return new SpringApplicationBuilder(Application.class, source).web(type)
			.properties(TestDatabase.instance().properties())
			.properties("server.port=0", "spring.jpa.open-in-view=false",
					"spring.autoconfigure.exclude=org.springframework.boot.jetty.autoconfigure.servlet.JettyServletWebServerAutoConfiguration,"
							+ "org.springframework.boot.jetty.autoconfigure.reactive.JettyReactiveWebServerAutoConfiguration")
			.properties(properties)
			.run();
	}

	@SpringBootConfiguration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	static class Application {

		@Bean
		ThreadController threadController() {
			return new ThreadController();
		}

	}

	@RestController
	static class ThreadController {

		@GetMapping("/thread")
		String thread() {
			return Thread.currentThread().toString();
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class ReactiveTomcat {

		@Bean
		TomcatReactiveWebServerFactory tomcatReactiveWebServerFactory() {
			return new TomcatReactiveWebServerFactory();
		}

	}

	@Configuration(proxyBeanMethods = false)
	@EnableScheduling
	static class Scheduling {

		private final CompletableFuture<Thread> ticked = new CompletableFuture<>();

		@Scheduled(fixedDelay = 1, timeUnit = TimeUnit.HOURS)
		void tick() {
			this.ticked.complete(Thread.currentThread());
		}

	}

}
