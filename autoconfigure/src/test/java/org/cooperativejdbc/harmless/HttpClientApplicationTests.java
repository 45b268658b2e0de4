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
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManagerBuilder;
import org.apache.hc.core5.http.HttpHost;
import org.cooperativejdbc.Deadline;
import org.cooperativejdbc.carrier.EventLoops;
import org.cooperativejdbc.test.CountingWaitStrategy;
import org.cooperativejdbc.test.HttpTestServer;
import org.cooperativejdbc.test.TcpProxy;
import org.cooperativejdbc.test.TestCertificate;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.data.jpa.autoconfigure.DataJpaRepositoriesAutoConfiguration;
import org.springframework.boot.data.redis.autoconfigure.DataRedisAutoConfiguration;
import org.springframework.boot.data.redis.autoconfigure.DataRedisReactiveAutoConfiguration;
import org.springframework.boot.data.redis.autoconfigure.DataRedisRepositoriesAutoConfiguration;
import org.springframework.boot.hibernate.autoconfigure.HibernateJpaAutoConfiguration;
import org.springframework.boot.http.client.ClientHttpRequestFactoryBuilder;
import org.springframework.boot.http.client.HttpComponentsClientHttpRequestFactoryBuilder;
import org.springframework.boot.http.client.autoconfigure.ClientHttpRequestFactoryBuilderCustomizer;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.restclient.RestTemplateBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.task.AsyncTaskExecutor;
import org.springframework.http.client.HttpComponentsClientHttpRequestFactory;
import org.springframework.web.client.ResourceAccessException;
import org.springframework.web.client.RestClient;
import org.springframework.web.client.RestTemplate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

/**
 * Applications that call others with Apache HttpClient, in ways that the starter may not
 * have been made for: they get their answers as they do without it.
 */
class HttpClientApplicationTests {

	static Stream<Arguments> runs() {
		return Stream.of(Form.values())
			.flatMap((form) -> Stream.of(Arguments.of(form, false, "virtual"), Arguments.of(form, true, "virtual"),
					Arguments.of(form, true, "event-loop")));
	}

	@ParameterizedTest
	@MethodSource("runs")
	void requestsAreAnswered(Form form, boolean starter, String model) throws Exception {
		try (HttpTestServer server = new HttpTestServer(form.tls);
				SocksProxy socks = new SocksProxy();
				TunnelProxy tunnel = new TunnelProxy();
				ConfigurableApplicationContext context = start(form, starter, model, "test.server=" + server.uri("/"),
						"test.socks=" + socks.address().getPort(), "test.tunnel=" + tunnel.address().getPort())) {
			server.answerWhenThereAre(form.atOnce);
			List<CompletableFuture<String>> running = new ArrayList<>();
			AtomicInteger number = new AtomicInteger();
			running.addAll(Trial.inThreads(context, form.atOnce, () -> {
				String path = "/together/" + number.incrementAndGet();
				assertThat(get(context, form.uri(server, path))).isEqualTo(path);
				return path;
			}));
			Trial.succeed(running);
			assertThat(server.peak()).isEqualTo(form.atOnce);
			assertThat(socks.connects() > 0).isEqualTo(form == Form.SOCKS);
			assertThat(tunnel.connects() > 0).isEqualTo(form == Form.TUNNEL);
			if (starter && model.equals("event-loop")) {
				assertThat(context.getBean(CountingWaitStrategy.class).waits() > 0).isEqualTo(form.cooperative);
			}
		}
	}

	@ParameterizedTest
	@ValueSource(strings = { "virtual", "event-loop" })
	void switchedOffNobodyWaitsInAnEventLoop(String model) throws Exception {
		try (HttpTestServer server = new HttpTestServer(false);
				ConfigurableApplicationContext context = start(Form.REST_CLIENT, true, model,
						"cooperative.jdbc.clients.apache-http-client=false")) {
			inThread(context, () -> assertThat(get(context, server.uri("/a"))).isEqualTo("/a"));
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

	private static List<String> interrupted(boolean starter, String model) throws Exception {
		try (HttpTestServer server = new HttpTestServer(false);
				ConfigurableApplicationContext context = start(Form.REST_CLIENT, starter, model)) {
			CompletableFuture<List<String>> failure = new CompletableFuture<>();
			Future<?> task = context.getBean("applicationTaskExecutor", AsyncTaskExecutor.class).submit(() -> {
				List<String> outcome = new ArrayList<>();
				try {
					outcome.add(get(context, server.uri("/silent")));
				}
				catch (RuntimeException ex) {
					for (Throwable cause = ex; cause != null; cause = cause.getCause()) {
						outcome.add(cause.getClass().getName());
					}
				}
				outcome.add("interrupted: " + Thread.currentThread().isInterrupted());
				failure.complete(outcome);
			});
			await().until(() -> server.requests() == 1);
			task.cancel(true);
			List<String> outcome = failure.get(20, TimeUnit.SECONDS);
			assertThat(get(context, server.uri("/after"))).isEqualTo("/after");
			return outcome;
		}
	}

	@ParameterizedTest
	@CsvSource({ "false, virtual", "true, virtual", "true, event-loop" })
	void timeoutOfTheUserCounts(boolean starter, String model) throws Exception {
		try (HttpTestServer server = new HttpTestServer(false);
				ConfigurableApplicationContext context = start(Form.REST_CLIENT, starter, model,
						"spring.http.clients.read-timeout=100ms")) {
			inThread(context,
					() -> assertThatExceptionOfType(ResourceAccessException.class)
						.isThrownBy(() -> get(context, server.uri("/silent")))
						.withRootCauseInstanceOf(SocketTimeoutException.class)
						.withMessageContaining("Read timed out"));
		}
	}

	@ParameterizedTest
	@ValueSource(strings = { "virtual", "event-loop" })
	void deadlineOfTheThreadCounts(String model) throws Exception {
		try (HttpTestServer server = new HttpTestServer(false);
				ConfigurableApplicationContext context = start(Form.REST_CLIENT, true, model)) {
			inThread(context, () -> {
				try (Deadline.Scope scope = Deadline.after(Duration.ofMillis(100)).enter()) {
					assertThatExceptionOfType(ResourceAccessException.class)
						.isThrownBy(() -> get(context, server.uri("/silent")))
						.withRootCauseInstanceOf(SocketTimeoutException.class)
						.withMessageContaining("deadline");
				}
			});
			assertThat(server.requests()).isOne();
		}
	}

	/**
	 * Its event loops have ended when others, such as the main thread, still call.
	 */
	@ParameterizedTest
	@CsvSource({ "false, virtual", "true, virtual", "true, event-loop" })
	void clientOutlivesTheApplication(boolean starter, String model) throws Exception {
		try (HttpTestServer server = new HttpTestServer(false)) {
			server.answerWhenThereAre(2);
			CompletableFuture<String> running;
			Calls calls;
			try (ConfigurableApplicationContext context = start(Form.REST_CLIENT, starter, model)) {
				calls = context.getBean(Calls.class);
				running = Trial.inThreads(context, 1, () -> calls.get(server.uri("/together/1"))).getFirst();
				await().until(() -> server.peak() == 1);
			}
			try (InputStream in = server.uri("/together/2").toURL().openStream()) {
				assertThat(in.readAllBytes()).asString().isEqualTo("/together/2");
			}
			assertThat(running.get(20, TimeUnit.SECONDS)).isEqualTo("/together/1");
			assertThat(calls.get(server.uri("/after"))).isEqualTo("/after");
			assertThat(server.requests()).as("requests, none of them sent again").isEqualTo(3);
		}
	}

	private static void inThread(ConfigurableApplicationContext context, Runnable task) {
		Trial.succeed(Trial.inThreads(context, 1, () -> {
			task.run();
			return true;
		}));
	}

	private static String get(ConfigurableApplicationContext context, URI uri) {
		return context.getBean(Calls.class).get(uri);
	}

	private static ConfigurableApplicationContext start(Form form, boolean starter, String model, String... properties)
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
								+ TestCertificate.instance().writeCertificate(certificate))
				.properties(form.properties)
				.properties(properties)
				.run();
		}
		finally {
			Files.delete(certificate);
		}
	}

	/**
	 * How an application calls others.
	 */
	enum Form {

		REST_CLIENT(true, WithRestClient.class),

		REST_TEMPLATE(true, WithRestTemplate.class),

		MANY_CONNECTIONS(true, WithRestClient.class, ManyConnections.class),

		SSL_BUNDLE(true, WithRestClient.class),

		PROXY(true, WithRestClient.class, Proxied.class),

		TUNNEL(true, WithRestClient.class, Tunnelled.class),

		SOCKS(false, WithRestClient.class, ThroughSocks.class),

		OWN_MANAGER(false, WithRestClient.class, OwnManager.class),

		OWN_BUILDER(false, WithRestClient.class, OwnBuilder.class),

		OWN_FACTORY(false, WithOwnFactory.class),

		JDK(false, WithRestClient.class);

		private final boolean cooperative;

		private final boolean tls = name().equals("SSL_BUNDLE") || name().equals("TUNNEL");

		private final int atOnce = name().equals("MANY_CONNECTIONS") ? 20 : 5;

		private final List<Class<?>> sources;

		private final String[] properties;

		Form(boolean cooperative, Class<?>... sources) {
			this.cooperative = cooperative;
			this.sources = List.of(sources);
			this.properties = new String[] { this.tls ? "spring.http.clients.ssl.bundle=test" : "tls=none",
					name().equals("JDK") ? "spring.http.clients.imperative.factory=jdk" : "factory=detected" };
		}

		URI uri(HttpTestServer server, String path) {
			return (this == PROXY) ? URI.create("http://nowhere.invalid" + path) : server.uri(path);
		}

	}

	@FunctionalInterface
	interface Calls {

		@Nullable String get(URI uri);

	}

	@SpringBootConfiguration(proxyBeanMethods = false)
	@EnableAutoConfiguration(exclude = { DataSourceAutoConfiguration.class, HibernateJpaAutoConfiguration.class,
			DataJpaRepositoriesAutoConfiguration.class, DataRedisAutoConfiguration.class,
			DataRedisReactiveAutoConfiguration.class, DataRedisRepositoriesAutoConfiguration.class })
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
	static class WithRestClient {

		@Bean
		Calls calls(RestClient.Builder builder) {
			RestClient client = builder.build();
			return (uri) -> client.get().uri(uri).retrieve().body(String.class);
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class WithRestTemplate {

		@Bean
		Calls calls(RestTemplateBuilder builder) {
			RestTemplate template = builder.build();
			return (uri) -> template.getForObject(uri, String.class);
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class WithOwnFactory {

		@Bean
		Calls calls(RestClient.Builder builder) {
			RestClient client = builder.requestFactory(new HttpComponentsClientHttpRequestFactory()).build();
			return (uri) -> client.get().uri(uri).retrieve().body(String.class);
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class ManyConnections {

		@Bean
		ClientHttpRequestFactoryBuilderCustomizer<HttpComponentsClientHttpRequestFactoryBuilder> manyConnections() {
			return (builder) -> builder
				.withConnectionManagerCustomizer((manager) -> manager.setMaxConnPerRoute(20).setMaxConnTotal(20));
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class Proxied {

		@Bean
		ClientHttpRequestFactoryBuilderCustomizer<HttpComponentsClientHttpRequestFactoryBuilder> proxied(
				@Value("${test.server}") URI proxy) {
			return (builder) -> builder.withHttpClientCustomizer(
					(client) -> client.setProxy(new HttpHost("http", proxy.getHost(), proxy.getPort())));
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class Tunnelled {

		@Bean
		ClientHttpRequestFactoryBuilderCustomizer<HttpComponentsClientHttpRequestFactoryBuilder> tunnelled(
				@Value("${test.tunnel}") int port) {
			return (builder) -> builder
				.withHttpClientCustomizer((client) -> client.setProxy(new HttpHost("http", "localhost", port)));
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class ThroughSocks {

		@Bean
		ClientHttpRequestFactoryBuilderCustomizer<HttpComponentsClientHttpRequestFactoryBuilder> throughSocks(
				@Value("${test.socks}") int port) {
			return (builder) -> builder.withSocketConfigCustomizer(
					(socket) -> socket.setSocksProxyAddress(new InetSocketAddress("localhost", port)));
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class OwnManager {

		@Bean
		ClientHttpRequestFactoryBuilderCustomizer<HttpComponentsClientHttpRequestFactoryBuilder> ownManager() {
			return (builder) -> builder.withHttpClientCustomizer((client) -> client
				.setConnectionManager(PoolingHttpClientConnectionManagerBuilder.create().build()));
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class OwnBuilder {

		@Bean
		ClientHttpRequestFactoryBuilder<?> clientHttpRequestFactoryBuilder(
				ObjectProvider<ClientHttpRequestFactoryBuilderCustomizer<?>> customizers) {
			return ClientHttpRequestFactoryBuilder.httpComponents();
		}

	}

	/**
	 * An HTTP proxy that connects to the server itself.
	 */
	private static final class TunnelProxy extends TcpProxy {

		private final AtomicInteger connects = new AtomicInteger();

		private TunnelProxy() throws IOException {
			super(Thread.ofPlatform().daemon().name("tunnel-proxy-", 0).factory());
		}

		private int connects() {
			return this.connects.get();
		}

		@Override
		protected void serve(Socket client) throws IOException {
			InputStream in = client.getInputStream();
			StringBuilder request = new StringBuilder();
			while (request.indexOf("\r\n\r\n") < 0) {
				request.append((char) in.read());
			}
			String[] target = request.substring("CONNECT ".length(), request.indexOf(" HTTP")).split(":");
			Socket upstream = connect(new InetSocketAddress(target[0], Integer.parseInt(target[1])));
			this.connects.incrementAndGet();
			client.getOutputStream().write("HTTP/1.1 200 OK\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
			relay(client, upstream);
		}

	}

}
