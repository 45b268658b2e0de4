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

package org.cooperativejdbc.libraries;

import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;

import org.cooperativejdbc.Cooperative;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import reactor.core.publisher.Mono;
import reactor.netty.resources.LoopResources;

import org.springframework.http.client.reactive.ReactorClientHttpConnector;
import org.springframework.web.reactive.function.client.WebClient;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * How clients wait for the answer of an HTTP server.
 */
class HttpClientTests {

	@LibraryTest("JDK: `HttpClient.send`")
	void jdk(Trial trial) throws Exception {
		try (HttpClient client = HttpClient.newHttpClient()) {
			trial.run(() -> new HttpWait(
					(uri) -> client.send(HttpRequest.newBuilder(uri).build(), BodyHandlers.ofString())));
		}
	}

	@LibraryTest("JDK: `HttpURLConnection`")
	void urlConnection(Trial trial) throws Exception {
		trial.run(() -> new HttpWait((uri) -> uri.toURL().openConnection().getInputStream().readAllBytes()));
	}

	@LibraryTest(value = "Jetty's `HttpClient`, `GET` and `send`", library = org.eclipse.jetty.client.HttpClient.class)
	void jetty(Trial trial) throws Exception {
		org.eclipse.jetty.client.HttpClient client = new org.eclipse.jetty.client.HttpClient();
		client.start();
		try {
			trial.run(() -> new HttpWait(client::GET));
		}
		finally {
			client.stop();
		}
	}

	@LibraryTest(value = "Reactor Netty, `WebClient`: `block`", library = reactor.netty.http.client.HttpClient.class)
	void reactorNetty(Trial trial) throws Exception {
		WebClient client = WebClient.create();
		trial.run(() -> new HttpWait((uri) -> body(client, uri.toString()).block()));
	}

	/**
	 * In a WebFlux application both are the same loop: the thread that blocks has left
	 * it, so that it receives the answer.
	 */
	@Test
	@Timeout(60)
	void reactorNettyOnTheLoopThatCarriesTheThread() throws Exception {
		try (OneCarrier carrier = OneCarrier.nettyEventLoop()) {
			WebClient client = onLoopOf(carrier);
			try (HttpWait wait = new HttpWait((uri) -> body(client, uri.toString()).block())) {
				assertThat(carrier.effectOf(wait)).isEqualTo(Effect.FREE);
			}
			try (HttpWait wait = new HttpWait(
					(uri) -> Cooperative.await(body(client, uri.toString()), Duration.ofSeconds(30)))) {
				assertThat(carrier.effectOf(wait)).isEqualTo(Effect.FREE);
			}
		}
	}

	/**
	 * The thread of the loop itself is refused, by Reactor and by us, before anything is
	 * sent.
	 */
	@Test
	@Timeout(60)
	void reactorNettyOnTheThreadOfALoop() throws Exception {
		try (OneCarrier carrier = OneCarrier.nettyEventLoop(); SilentServer server = new SilentServer()) {
			Mono<String> body = body(onLoopOf(carrier), server.http().toString());
			assertRefused(carrier, body::block, "not supported in thread cooperative-jdbc-loop-1");
			assertRefused(carrier, () -> Cooperative.await(body, Duration.ofSeconds(30)),
					"'cooperative-jdbc-loop-1' runs an event loop and must not wait");
		}
	}

	private static void assertRefused(OneCarrier carrier, Callable<?> call, String message) {
		assertThatExceptionOfType(ExecutionException.class)
			.isThrownBy(() -> carrier.nettyLoops().group().submit(call).get(30, TimeUnit.SECONDS))
			.havingCause()
			.isInstanceOf(IllegalStateException.class)
			.withMessageContaining(message);
	}

	private static WebClient onLoopOf(OneCarrier carrier) {
		LoopResources loops = (useNative) -> carrier.nettyLoops().group();
		return WebClient.builder()
			.clientConnector(new ReactorClientHttpConnector(
					reactor.netty.http.client.HttpClient.newConnection().runOn(loops, false)))
			.build();
	}

	private static Mono<String> body(WebClient client, String uri) {
		return client.get().uri(uri).retrieve().bodyToMono(String.class);
	}

}
