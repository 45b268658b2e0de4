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

import io.netty.channel.EventLoopGroup;
import org.cooperativejdbc.ConcurrencyModel;
import org.cooperativejdbc.CooperativeJdbc;
import org.cooperativejdbc.LocalRequests;
import org.cooperativejdbc.carrier.EventLoops;
import org.cooperativejdbc.test.TestDatabase;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.publisher.Mono;
import reactor.netty.resources.LoopResources;

import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.reactor.netty.NettyReactiveWebServerFactory;
import org.springframework.boot.web.server.WebServerFactoryCustomizer;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.http.client.ReactorResourceFactory;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Event loops of Netty's that the user has chosen serve the requests of an application
 * with the starter as they do without.
 */
class NettyResourcesTests {

	@ParameterizedTest
	@CsvSource({ "false, OwnResources", "true, OwnResources", "false, OwnCustomizer", "true, OwnCustomizer",
			"false, OwnServerCustomizer", "true, OwnServerCustomizer" })
	void requestsComeOnTheLoopsThatTheUserHasChosen(boolean starter, String configuration) throws Exception {
		Class<?> source = Class.forName(getClass().getName() + "$" + configuration);
		try (ConfigurableApplicationContext context = start(source, "cooperative.jdbc.enabled=" + starter,
				"cooperative.jdbc.event-loop.threads=2")) {
			assertThat(LocalRequests.get(context, "/loop").body()).startsWith("theirs-");
			assertThat(LocalRequests.get(context, "/blocking").body()).isEqualTo("1");
			if (starter) {
				assertThat(context.getBean(CooperativeJdbc.class).model()).isEqualTo(ConcurrencyModel.EVENT_LOOP);
				assertThat(context.getBean(EventLoops.class).size()).isEqualTo(2);
				assertThat(LocalRequests.get(context, "/blocking-thread").body()).contains("@cooperative-jdbc-loop-");
			}
		}
	}

	@ParameterizedTest
	@ValueSource(strings = { "", "2" })
	void numberOfLoopsThatReactorNettyWasTold(String threads) throws Exception {
		System.setProperty("reactor.netty.ioWorkerCount", "3");
		try (ConfigurableApplicationContext context = start(Application.class,
				"cooperative.jdbc.event-loop.threads=" + threads)) {
			assertThat(context.getBean(EventLoops.class).size()).isEqualTo(threads.isEmpty() ? 3 : 2);
			assertThat(LocalRequests.get(context, "/loop").body()).startsWith("cooperative-jdbc-loop-");
		}
		finally {
			System.clearProperty("reactor.netty.ioWorkerCount");
		}
	}

	private static ConfigurableApplicationContext start(Class<?> source, String... properties) {
		return new SpringApplicationBuilder(Application.class, source).web(WebApplicationType.REACTIVE)
			.properties(TestDatabase.instance().properties())
			.properties("server.port=0",
					"spring.autoconfigure.exclude=org.springframework.boot.jetty.autoconfigure.reactive.JettyReactiveWebServerAutoConfiguration")
			.properties(properties)
			.run();
	}

	@SpringBootConfiguration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	static class Application {

		@Bean
		LoopController loopController(JdbcClient jdbcClient) {
			return new LoopController(jdbcClient);
		}

	}

	@RestController
	static class LoopController {

		private final JdbcClient jdbcClient;

		LoopController(JdbcClient jdbcClient) {
			this.jdbcClient = jdbcClient;
		}

		@GetMapping("/loop")
		Mono<String> loop() {
			return Mono.just(Thread.currentThread().getName());
		}

		@GetMapping("/blocking")
		Integer blocking() {
			return this.jdbcClient.sql("select 1").query(Integer.class).single();
		}

		@GetMapping("/blocking-thread")
		String blockingThread() {
			return Thread.currentThread().toString();
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class OwnResources {

		@Bean
		ReactorResourceFactory ownResources() {
			ReactorResourceFactory resources = new ReactorResourceFactory();
			resources.setUseGlobalResources(false);
			resources.setLoopResourcesSupplier(() -> LoopResources.create("theirs", 1, true));
			return resources;
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class OwnCustomizer {

		@Bean(destroyMethod = "dispose")
		LoopResources ownLoops() {
			return LoopResources.create("theirs", 1, true);
		}

		@Bean
		WebServerFactoryCustomizer<NettyReactiveWebServerFactory> ownCustomizer(LoopResources loops) {
			ReactorResourceFactory resources = new ReactorResourceFactory();
			resources.setUseGlobalResources(false);
			resources.setLoopResources(loops);
			return (factory) -> factory.setResourceFactory(resources);
		}

	}

	/**
	 * Without a resource factory the loops count that the server is told to run on.
	 */
	@Configuration(proxyBeanMethods = false)
	static class OwnServerCustomizer {

		@Bean(destroyMethod = "dispose")
		LoopResources ownLoops() {
			return LoopResources.create("theirs", 1, true);
		}

		@Bean
		WebServerFactoryCustomizer<NettyReactiveWebServerFactory> ownServerCustomizer(LoopResources loops) {
			return (factory) -> {
				factory.setResourceFactory(null);
				factory.addServerCustomizers((server) -> {
					EventLoopGroup group = loops.onServer(LoopResources.DEFAULT_NATIVE);
					return server.runOn((useNative) -> group, false);
				});
			};
		}

	}

}
