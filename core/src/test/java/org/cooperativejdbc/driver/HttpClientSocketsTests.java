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

package org.cooperativejdbc.driver;

import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;

import javax.net.SocketFactory;

import org.apache.hc.client5.http.classic.methods.HttpGet;
import org.apache.hc.client5.http.config.ConnectionConfig;
import org.apache.hc.client5.http.impl.classic.CloseableHttpClient;
import org.apache.hc.client5.http.impl.classic.HttpClientBuilder;
import org.apache.hc.client5.http.impl.classic.HttpClients;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManagerBuilder;
import org.apache.hc.client5.http.ssl.DefaultClientTlsStrategy;
import org.apache.hc.core5.http.io.entity.EntityUtils;
import org.apache.hc.core5.util.Timeout;
import org.cooperativejdbc.Deadline;
import org.cooperativejdbc.InterruptPolicy;
import org.cooperativejdbc.ReadOnlyBegin;
import org.cooperativejdbc.ReadOnlyCommit;
import org.cooperativejdbc.carrier.EventLoops;
import org.cooperativejdbc.door.CooperativeSockets;
import org.cooperativejdbc.test.CountingWaitStrategy;
import org.cooperativejdbc.test.HttpTestServer;
import org.cooperativejdbc.test.RandomInterrupts;
import org.cooperativejdbc.test.TestCertificate;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Threads that wait for HTTP with Apache HttpClient wait in the event loop that carries
 * them, and the client is what it was otherwise.
 */
class HttpClientSocketsTests {

	private static final int REQUESTS = 100;

	@ParameterizedTest(name = "TLS {0}")
	@ValueSource(booleans = { false, true })
	void oneEventLoopHasAllRequestsInTheServer(boolean tls) throws Exception {
		try (EventLoops loops = EventLoops.start(1); HttpTestServer server = new HttpTestServer(tls)) {
			CountingWaitStrategy strategy = new CountingWaitStrategy(loops);
			server.answerWhenThereAre(REQUESTS);
			run(Executors.newThreadPerTaskExecutor(loops.threadFactory("user-")), REQUESTS, server,
					sockets(strategy).clients());
			assertThat(server.peak()).isEqualTo(REQUESTS);
			assertThat(strategy.waits()).isGreaterThanOrEqualTo(REQUESTS);
		}
	}

	/**
	 * The control: the same threads, with the sockets of HttpClient, wait elsewhere.
	 */
	@Test
	void withItsOwnSocketsNobodyWaitsInTheEventLoop() throws Exception {
		try (EventLoops loops = EventLoops.start(1); HttpTestServer server = new HttpTestServer(false)) {
			CountingWaitStrategy strategy = new CountingWaitStrategy(loops);
			server.answerWhenThereAre(REQUESTS);
			run(Executors.newThreadPerTaskExecutor(loops.threadFactory("user-")), REQUESTS, server, null);
			assertThat(strategy.waits()).isZero();
		}
	}

	/**
	 * The control: a platform thread waits for one request after the other.
	 */
	@Test
	void onePlatformThreadHasOneRequestInTheServer() throws Exception {
		try (HttpTestServer server = new HttpTestServer(false)) {
			run(Executors.newSingleThreadExecutor(), 5, server, sockets(null).clients());
			assertThat(server.peak()).isOne();
		}
	}

	private static void run(ExecutorService executor, int requests, HttpTestServer server,
			@Nullable SocketFactory sockets) throws Exception {
		try (executor; CloseableHttpClient client = client(sockets)) {
			List<Future<String>> running = new ArrayList<>();
			for (int i = 0; i < requests; i++) {
				String path = "/together/" + i;
				running.add(executor.submit(() -> get(client, server, path)));
			}
			for (int i = 0; i < requests; i++) {
				assertThat(running.get(i).get(30, TimeUnit.SECONDS)).isEqualTo("/together/" + i);
			}
		}
	}

	@ParameterizedTest(name = "event loop {0}")
	@ValueSource(booleans = { true, false })
	void interruptsNeverMakeAnAnswerForeign(boolean eventLoop) throws Exception {
		try (EventLoops loops = EventLoops.start(1);
				HttpTestServer server = new HttpTestServer(false);
				CloseableHttpClient client = client(
						sockets(eventLoop ? new CountingWaitStrategy(loops) : null).clients())) {
			RandomInterrupts interrupts = new RandomInterrupts();
			interrupts.run(eventLoop ? loops.threadFactory("user-") : Thread.ofVirtual().factory(), 1000,
					(number) -> Integer.parseInt(get(client, server, "/" + number).substring(1)));
			assertThat(interrupts.foreign()).isZero();
			assertThat(interrupts.answers()).isPositive();
			assertThat(interrupts.failures()).isPositive();
			assertThat(IntStream.range(0, REQUESTS).mapToObj((i) -> "/" + i))
				.allSatisfy((path) -> assertThat(get(client, server, path)).isEqualTo(path));
		}
	}

	@ParameterizedTest(name = "event loop {0}")
	@ValueSource(booleans = { true, false })
	void deadlineEndsARequestAndItsConnection(boolean eventLoop) throws Exception {
		try (EventLoops loops = EventLoops.start(1);
				HttpTestServer server = new HttpTestServer(false);
				CloseableHttpClient client = client(
						sockets(eventLoop ? new CountingWaitStrategy(loops) : null).clients())) {
			assertThat(get(client, server, "/first")).isEqualTo("/first");
			try (Deadline.Scope scope = Deadline.after(Duration.ofMillis(100)).enter()) {
				assertThatExceptionOfType(SocketTimeoutException.class)
					.isThrownBy(() -> get(client, server, "/silent"));
			}
			assertThat(get(client, server, "/second")).isEqualTo("/second");
			assertThat(server.requests()).isEqualTo(3);
		}
	}

	@Test
	void timeoutOfATransactionBoundsNoRequest() throws Exception {
		try (EventLoops loops = EventLoops.start(1);
				HttpTestServer server = new HttpTestServer(false);
				CloseableHttpClient client = client(sockets(new CountingWaitStrategy(loops)).clients());
				Deadline.Scope transaction = Deadline.replace(Deadline.after(Duration.ZERO).forDatabase(null))) {
			assertThat(get(client, server, "/first")).isEqualTo("/first");
			try (Deadline.Scope scope = Deadline.after(Duration.ofMillis(100)).enter()) {
				assertThatExceptionOfType(SocketTimeoutException.class)
					.isThrownBy(() -> get(client, server, "/silent"));
			}
			assertThat(get(client, server, "/second")).isEqualTo("/second");
		}
	}

	@Test
	void managerHasTheSettingsItWasGiven() throws Exception {
		PoolingHttpClientConnectionManagerBuilder settings = PoolingHttpClientConnectionManagerBuilder.create();
		HttpClientSockets sockets = new HttpClientSockets(sockets(null).clients());
		sockets.use(settings);
		settings.setMaxConnTotal(7)
			.setMaxConnPerRoute(3)
			.setDefaultConnectionConfig(ConnectionConfig.custom().setSocketTimeout(Timeout.ofMilliseconds(50)).build());
		HttpClientBuilder builder = HttpClientBuilder.create();
		sockets.install(builder);
		try (CloseableHttpClient client = builder.build();
				HttpTestServer server = new HttpTestServer(false);
				Deadline.Scope scope = Deadline.after(Duration.ofSeconds(10)).enter()) {
			assertThatExceptionOfType(SocketTimeoutException.class).isThrownBy(() -> get(client, server, "/silent"))
				.withMessage("Read timed out");
		}
	}

	private static CooperativeSockets sockets(@Nullable CountingWaitStrategy strategy) {
		return new CooperativeSockets(strategy, (thread) -> false, InterruptPolicy.CANCEL, Duration.ofSeconds(5),
				ReadOnlyCommit.STANDARD, ReadOnlyBegin.STANDARD);
	}

	private static CloseableHttpClient client(@Nullable SocketFactory sockets) {
		PoolingHttpClientConnectionManagerBuilder settings = PoolingHttpClientConnectionManagerBuilder.create()
			.setMaxConnTotal(REQUESTS)
			.setMaxConnPerRoute(REQUESTS)
			.setTlsSocketStrategy(new DefaultClientTlsStrategy(TestCertificate.instance().context()));
		HttpClientBuilder builder = HttpClients.custom()
			.disableAutomaticRetries()
			.setConnectionManager(settings.build());
		if (sockets != null) {
			HttpClientSockets http = new HttpClientSockets(sockets);
			http.use(settings);
			http.install(builder);
		}
		return builder.build();
	}

	private static String get(CloseableHttpClient client, HttpTestServer server, String path) throws Exception {
		return client.execute(new HttpGet(server.uri(path)), (response) -> EntityUtils.toString(response.getEntity()));
	}

}
