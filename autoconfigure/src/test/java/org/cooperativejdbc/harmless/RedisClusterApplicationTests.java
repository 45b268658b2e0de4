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

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

import org.cooperativejdbc.test.CountingWaitStrategy;
import org.cooperativejdbc.test.RedisTestCluster;
import org.cooperativejdbc.test.RedisTestSentinel;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import redis.clients.jedis.DefaultJedisClientConfig;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.builders.ClusterClientBuilder;
import redis.clients.jedis.providers.ClusterConnectionProvider;

import org.springframework.boot.SpringBootVersion;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.data.redis.autoconfigure.JedisClientConfigurationBuilderCustomizer;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.data.redis.connection.RedisClusterConfiguration;
import org.springframework.data.redis.connection.jedis.JedisClientConfiguration;
import org.springframework.data.redis.connection.jedis.JedisConnectionFactory;
import org.springframework.data.redis.core.StringRedisTemplate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.assertj.core.api.Assumptions.assumeThat;

/**
 * Applications that use a cluster of Redis or Sentinel with Jedis: they do what they do
 * without the starter.
 */
class RedisClusterApplicationTests {

	@BeforeEach
	void hook() {
		assumeThat(SpringBootVersion.getVersion()).as("Spring Boot that has the hook").doesNotStartWith("4.0.");
	}

	static Stream<Arguments> runs() {
		return Stream.of(Form.values())
			.flatMap((form) -> Stream.of(Arguments.of(form, false, "virtual"), Arguments.of(form, true, "virtual"),
					Arguments.of(form, true, "event-loop")));
	}

	@ParameterizedTest
	@MethodSource("runs")
	void commandsAreAnswered(Form form, boolean starter, String model) throws Exception {
		try (ConfigurableApplicationContext context = start(form, starter, model, form.properties())) {
			StringRedisTemplate redis = context.getBean(StringRedisTemplate.class);
			redis.delete(redis.keys("*"));
			Trial.succeed(Trial.inThreads(context, 5, () -> {
				String key = "key" + Thread.currentThread().threadId();
				redis.opsForValue().set(key, "value");
				assertThat(redis.opsForValue().get(key)).isEqualTo("value");
				assertThat(redis.opsForList().leftPop("nothing" + key, Duration.ofMillis(300))).isNull();
				return key;
			}));
			assertThat(redis.keys("key*")).hasSize(5);
			assertThat(redis.opsForValue().multiGet(redis.keys("key*"))).hasSize(5).containsOnly("value");
			if (starter && model.equals("event-loop")) {
				assertThat(context.getBean(CountingWaitStrategy.class).waits() > 0).isEqualTo(form.cooperative);
			}
		}
	}

	@ParameterizedTest
	@CsvSource({ "CLUSTER, false, virtual", "CLUSTER, true, virtual", "CLUSTER, true, event-loop",
			"SENTINEL, false, virtual", "SENTINEL, true, virtual", "SENTINEL, true, event-loop" })
	void messagesAreReceivedUntilTheEnd(Form form, boolean starter, String model) throws Exception {
		long start;
		try (ConfigurableApplicationContext context = start(form, starter, model, RedisApplicationTests.Listening.class,
				form.properties())) {
			context.getBean(StringRedisTemplate.class).convertAndSend("channel", "hello");
			assertThat(RedisApplicationTests.Listening.messages.poll(20, TimeUnit.SECONDS)).isEqualTo("hello");
			start = System.nanoTime();
		}
		assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(10));
	}

	@ParameterizedTest
	@CsvSource({ "CLUSTER, spring.data.redis.cluster.nodes=127.0.0.1:1",
			"SENTINEL, spring.data.redis.sentinel.nodes=127.0.0.1:1" })
	void serversThatAreNotThereFailAsWithoutTheStarter(Form form, String nobody) {
		assertThat(failure(form, true, nobody)).isEqualTo(failure(form, false, nobody)).isNotEmpty();
	}

	private static List<String> failure(Form form, boolean starter, String nobody) {
		List<String> failure = new ArrayList<>();
		for (Throwable ex = catchThrowable(() -> start(form, starter, "virtual", nobody,
				"spring.data.redis.sentinel.master=" + RedisTestSentinel.PRIMARY)
			.close()); ex != null; ex = ex.getCause()) {
			failure.add(ex.toString());
		}
		return failure;
	}

	private static ConfigurableApplicationContext start(Form form, boolean starter, String model,
			String... properties) {
		return start(form, starter, model, RedisApplicationTests.Application.class, properties);
	}

	private static ConfigurableApplicationContext start(Form form, boolean starter, String model, Class<?> source,
			String... properties) {
		List<Class<?>> sources = new ArrayList<>(form.sources);
		sources.addAll(List.of(RedisApplicationTests.Application.class, source));
		if (starter && model.equals("event-loop")) {
			sources.add(RedisApplicationTests.Counting.class);
		}
		return new SpringApplicationBuilder(sources.toArray(Class<?>[]::new)).web(WebApplicationType.NONE)
			.properties("spring.threads.virtual.enabled=true", "cooperative.jdbc.enabled=" + starter,
					"cooperative.jdbc.model=" + model, "cooperative.jdbc.event-loop.threads=1")
			.properties(properties)
			.run("--spring.data.redis.client-type=jedis");
	}

	/**
	 * How an application is connected to Redis.
	 */
	enum Form {

		CLUSTER(true),

		REFRESHED(true, Refreshed.class),

		SENTINEL(true),

		OWN_PROVIDER(false, OwnProvider.class),

		OWN_FACTORY(false, OwnFactory.class);

		private final boolean cooperative;

		private final List<Class<?>> sources;

		Form(boolean cooperative, Class<?>... sources) {
			this.cooperative = cooperative;
			this.sources = List.of(sources);
		}

		String[] properties() {
			if (this == SENTINEL) {
				return new String[] { "spring.data.redis.sentinel.master=" + RedisTestSentinel.PRIMARY,
						"spring.data.redis.sentinel.nodes=" + RedisTestSentinel.instance().address() };
			}
			return new String[] { "spring.data.redis.cluster.nodes=" + String.join(",",
					RedisTestCluster.instance().primaries().stream().map(HostAndPort::toString).toList()) };
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class Refreshed {

		@Bean
		JedisClientConfigurationBuilderCustomizer customizer() {
			return (configuration) -> configuration.customizeClient(
					(client) -> ((ClusterClientBuilder<?>) client).topologyRefreshPeriod(Duration.ofMillis(100)));
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class OwnProvider {

		@Bean
		JedisClientConfigurationBuilderCustomizer customizer() {
			return (configuration) -> configuration
				.customizeClient((client) -> client.connectionProvider(new ClusterConnectionProvider(
						RedisTestCluster.instance().primaries(), DefaultJedisClientConfig.builder().build())));
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class OwnFactory {

		@Bean
		JedisConnectionFactory connectionFactory() {
			RedisClusterConfiguration configuration = new RedisClusterConfiguration();
			RedisTestCluster.instance()
				.primaries()
				.forEach((server) -> configuration.clusterNode(server.getHost(), server.getPort()));
			return new JedisConnectionFactory(configuration, JedisClientConfiguration.builder().build());
		}

	}

}
