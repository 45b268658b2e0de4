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

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

import org.cooperativejdbc.Deadline;
import org.cooperativejdbc.carrier.EventLoops;
import org.cooperativejdbc.test.CountingWaitStrategy;
import org.cooperativejdbc.test.RedisTestServer;
import org.cooperativejdbc.test.TestCertificate;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.Jedis;
import redis.clients.jedis.providers.PooledConnectionProvider;

import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.SpringBootVersion;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.data.jpa.autoconfigure.DataJpaRepositoriesAutoConfiguration;
import org.springframework.boot.data.redis.autoconfigure.DataRedisRepositoriesAutoConfiguration;
import org.springframework.boot.data.redis.autoconfigure.JedisClientConfigurationBuilderCustomizer;
import org.springframework.boot.hibernate.autoconfigure.HibernateJpaAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.task.AsyncTaskExecutor;
import org.springframework.dao.DataAccessException;
import org.springframework.data.redis.connection.RedisConnectionFactory;
import org.springframework.data.redis.connection.RedisStandaloneConfiguration;
import org.springframework.data.redis.connection.jedis.JedisClientConfiguration;
import org.springframework.data.redis.connection.jedis.JedisConnectionFactory;
import org.springframework.data.redis.core.RedisCallback;
import org.springframework.data.redis.core.StringRedisTemplate;
import org.springframework.data.redis.listener.ChannelTopic;
import org.springframework.data.redis.listener.RedisMessageListenerContainer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.awaitility.Awaitility.await;

/**
 * Applications that use Redis with Jedis, in ways that the starter may not have been made
 * for: they do what they do without it.
 */
class RedisApplicationTests {

	private final RedisTestServer server = RedisTestServer.instance();

	@BeforeEach
	void flush() {
		assumeThat(SpringBootVersion.getVersion()).as("Spring Boot that has the hook").doesNotStartWith("4.0.");
		try (Jedis jedis = new Jedis("localhost", this.server.port(false))) {
			jedis.flushAll();
		}
	}

	static Stream<Arguments> runs() {
		return Stream.of(Form.values())
			.filter((form) -> form != Form.LISTENING)
			.flatMap((form) -> Stream.of(Arguments.of(form, false, "virtual"), Arguments.of(form, true, "virtual"),
					Arguments.of(form, true, "event-loop")));
	}

	@ParameterizedTest
	@MethodSource("runs")
	void commandsAreAnswered(Form form, boolean starter, String model) throws Exception {
		Customized.calls.set(0);
		try (ConfigurableApplicationContext context = start(form, starter, model)) {
			StringRedisTemplate redis = context.getBean(StringRedisTemplate.class);
			Trial.succeed(Trial.inThreads(context, 5, () -> {
				String key = "key" + Thread.currentThread().threadId();
				redis.opsForValue().set(key, "value");
				assertThat(redis.opsForValue().get(key)).isEqualTo("value");
				assertThat(redis.executePipelined((RedisCallback<?>) (connection) -> {
					connection.stringCommands().get(key.getBytes());
					connection.stringCommands().get(key.getBytes());
					return null;
				})).hasSize(2).containsOnly("value");
				return key;
			}));
			assertThat(redis.keys("key*")).hasSize(5);
			assertThat(Customized.calls.get() > 0).isEqualTo(form == Form.CUSTOMIZED);
			if (starter && model.equals("event-loop")) {
				assertThat(context.getBean(CountingWaitStrategy.class).waits() > 0).isEqualTo(form.cooperative);
			}
		}
	}

	@ParameterizedTest
	@CsvSource({ "false, virtual", "true, virtual", "true, event-loop" })
	void messagesAreReceivedUntilTheEnd(boolean starter, String model) throws Exception {
		long start;
		try (ConfigurableApplicationContext context = start(Form.LISTENING, starter, model)) {
			StringRedisTemplate redis = context.getBean(StringRedisTemplate.class);
			redis.convertAndSend("channel", "hello");
			assertThat(Listening.messages.poll(20, TimeUnit.SECONDS)).isEqualTo("hello");
			start = System.nanoTime();
		}
		assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(10));
	}

	@ParameterizedTest
	@ValueSource(strings = { "virtual", "event-loop" })
	void switchedOffNobodyWaitsInAnEventLoop(String model) throws Exception {
		try (ConfigurableApplicationContext context = start(Form.HOST, true, model,
				"cooperative.jdbc.clients.jedis=false")) {
			StringRedisTemplate redis = context.getBean(StringRedisTemplate.class);
			inThread(context, () -> redis.opsForValue().get("key"));
			if (model.equals("event-loop")) {
				assertThat(context.getBean(CountingWaitStrategy.class).waits()).isZero();
			}
		}
	}

	@ParameterizedTest
	@ValueSource(strings = { "virtual", "event-loop" })
	void interruptDoesWhatItDoesWithoutTheStarter(String model) throws Exception {
		assertThat(interrupted(true, model)).isEqualTo(interrupted(false, model));
	}

	private List<String> interrupted(boolean starter, String model) throws Exception {
		try (ConfigurableApplicationContext context = start(Form.HOST, starter, model)) {
			StringRedisTemplate redis = context.getBean(StringRedisTemplate.class);
			CompletableFuture<List<String>> failure = new CompletableFuture<>();
			Future<?> task = context.getBean("applicationTaskExecutor", AsyncTaskExecutor.class).submit(() -> {
				List<String> outcome = new ArrayList<>();
				try {
					outcome.add(redis.opsForList().leftPop("nothing", Duration.ofSeconds(20)));
				}
				catch (RuntimeException ex) {
					for (Throwable cause = ex; cause != null; cause = cause.getCause()) {
						outcome.add(cause.toString());
					}
				}
				outcome.add("interrupted: " + Thread.currentThread().isInterrupted());
				failure.complete(outcome);
			});
			try (Jedis jedis = new Jedis("localhost", this.server.port(false))) {
				await().until(() -> jedis.info("clients").contains("blocked_clients:1"));
			}
			task.cancel(true);
			List<String> outcome = failure.get(20, TimeUnit.SECONDS);
			redis.opsForValue().set("key", "after");
			assertThat(redis.opsForValue().get("key")).isEqualTo("after");
			return outcome;
		}
	}

	@ParameterizedTest
	@ValueSource(strings = { "virtual", "event-loop" })
	void timeoutOfTheUserCounts(String model) throws Exception {
		assertThat(timedOut(true, model)).isEqualTo(timedOut(false, model))
			.anyMatch((cause) -> cause.contains("Read timed out"));
	}

	private List<String> timedOut(boolean starter, String model) throws Exception {
		try (ConfigurableApplicationContext context = start(Form.HOST, starter, model,
				"spring.data.redis.timeout=400ms")) {
			StringRedisTemplate redis = context.getBean(StringRedisTemplate.class);
			List<String> outcome = new ArrayList<>();
			inThread(context, () -> {
				try {
					outcome.add(String.valueOf((Object) redis.execute((RedisCallback<?>) (connection) -> connection
						.execute("DEBUG", "SLEEP".getBytes(), "1".getBytes()))));
				}
				catch (DataAccessException ex) {
					for (Throwable cause = ex; cause != null; cause = cause.getCause()) {
						outcome.add(cause.toString());
					}
				}
			});
			return outcome;
		}
	}

	@ParameterizedTest
	@ValueSource(strings = { "virtual", "event-loop" })
	void deadlineOfTheThreadCounts(String model) throws Exception {
		try (ConfigurableApplicationContext context = start(Form.HOST, true, model)) {
			StringRedisTemplate redis = context.getBean(StringRedisTemplate.class);
			inThread(context, () -> {
				redis.opsForValue().get("key");
				try (Jedis jedis = new Jedis("localhost", this.server.port(false))) {
					jedis.clientPause(1000);
				}
				try (Deadline.Scope scope = Deadline.after(Duration.ofMillis(100)).enter()) {
					assertThatExceptionOfType(DataAccessException.class)
						.isThrownBy(() -> redis.opsForValue().get("key"))
						.withStackTraceContaining("Closed at the deadline");
				}
			});
			assertThat(redis.opsForValue().get("nothing")).isNull();
		}
	}

	private static void inThread(ConfigurableApplicationContext context, Runnable task) {
		Trial.succeed(Trial.inThreads(context, 1, () -> {
			task.run();
			return true;
		}));
	}

	private ConfigurableApplicationContext start(Form form, boolean starter, String model, String... properties)
			throws IOException {
		List<Class<?>> sources = new ArrayList<>(form.sources);
		sources.add(Application.class);
		if (starter && model.equals("event-loop")) {
			sources.add(Counting.class);
		}
		Path certificate = Files.createTempFile("certificate", ".crt");
		try {
			return new SpringApplicationBuilder(sources.toArray(Class<?>[]::new)).web(WebApplicationType.NONE)
				.properties("spring.threads.virtual.enabled=true", "cooperative.jdbc.enabled=" + starter,
						"cooperative.jdbc.model=" + model, "cooperative.jdbc.event-loop.threads=1",
						"spring.ssl.bundle.pem.test.truststore.certificate=file:"
								+ TestCertificate.instance().writeCertificate(certificate),
						"test.port=" + this.server.port(false))
				.properties(form.properties(this.server))
				.properties(properties)
				.run("--spring.data.redis.client-type=jedis");
		}
		finally {
			Files.delete(certificate);
		}
	}

	/**
	 * How an application is connected to Redis.
	 */
	enum Form {

		HOST(true),

		URL(true),

		TLS(true),

		DATABASE(true),

		LISTENING(true, Listening.class),

		CUSTOMIZED(true, Customized.class),

		OWN_PROVIDER(false, OwnProvider.class),

		OWN_FACTORY(false, OwnFactory.class);

		private final boolean cooperative;

		private final List<Class<?>> sources;

		Form(boolean cooperative, Class<?>... sources) {
			this.cooperative = cooperative;
			this.sources = List.of(sources);
		}

		String[] properties(RedisTestServer server) {
			return switch (this) {
				case URL -> new String[] { "spring.data.redis.url=redis://localhost:" + server.port(false) };
				case TLS ->
					new String[] { "spring.data.redis.port=" + server.port(true), "spring.data.redis.ssl.bundle=test" };
				case DATABASE -> new String[] { "spring.data.redis.port=" + server.port(false),
						"spring.data.redis.database=3", "spring.data.redis.client-name=test" };
				default -> new String[] { "spring.data.redis.port=" + server.port(false) };
			};
		}

	}

	@SpringBootConfiguration(proxyBeanMethods = false)
	@EnableAutoConfiguration(exclude = { DataSourceAutoConfiguration.class, HibernateJpaAutoConfiguration.class,
			DataJpaRepositoriesAutoConfiguration.class, DataRedisRepositoriesAutoConfiguration.class })
	static class Application {

	}

	@Configuration(proxyBeanMethods = false)
	static class Counting {

		@Bean
		CountingWaitStrategy countingWaitStrategy(EventLoops loops) {
			return new CountingWaitStrategy(loops);
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class Listening {

		static final BlockingQueue<String> messages = new LinkedBlockingQueue<>();

		@Bean
		RedisMessageListenerContainer container(RedisConnectionFactory connectionFactory) {
			RedisMessageListenerContainer container = new RedisMessageListenerContainer();
			container.setConnectionFactory(connectionFactory);
			container.addMessageListener((message, pattern) -> messages.add(new String(message.getBody())),
					new ChannelTopic("channel"));
			return container;
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class Customized {

		private static final AtomicInteger calls = new AtomicInteger();

		@Bean
		JedisClientConfigurationBuilderCustomizer customizer() {
			return (configuration) -> configuration.customizeClient((client) -> calls.incrementAndGet());
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class OwnProvider {

		@Bean
		JedisClientConfigurationBuilderCustomizer customizer(@Value("${test.port}") int port) {
			return (configuration) -> configuration.customizeClient((client) -> client
				.connectionProvider(new PooledConnectionProvider(new HostAndPort("localhost", port))));
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class OwnFactory {

		@Bean
		JedisConnectionFactory connectionFactory(@Value("${test.port}") int port) {
			return new JedisConnectionFactory(new RedisStandaloneConfiguration("localhost", port),
					JedisClientConfiguration.builder().build());
		}

	}

}
