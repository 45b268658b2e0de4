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

package org.cooperativejdbc.test;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;

/**
 * An HTTP server that answers a request with its path, as soon as it has been told to or,
 * below {@code /silent}, not before it is closed.
 */
public final class HttpTestServer implements AutoCloseable {

	private final HttpServer server;

	private final ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor();

	private final AtomicInteger requests = new AtomicInteger();

	private final AtomicInteger current = new AtomicInteger();

	private final AtomicInteger peak = new AtomicInteger();

	private final CountDownLatch closed = new CountDownLatch(1);

	private volatile CountDownLatch together = new CountDownLatch(1);

	public HttpTestServer(boolean tls) throws IOException {
		InetSocketAddress address = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
		if (tls) {
			HttpsServer https = HttpsServer.create(address, 500);
			https.setHttpsConfigurator(new HttpsConfigurator(TestCertificate.instance().context()));
			this.server = https;
		}
		else {
			this.server = HttpServer.create(address, 500);
		}
		this.server.setExecutor(this.executor);
		this.server.createContext("/", this::answer);
		this.server.start();
	}

	private void answer(HttpExchange exchange) throws IOException {
		this.requests.incrementAndGet();
		this.peak.accumulateAndGet(this.current.incrementAndGet(), Math::max);
		try (exchange) {
			String path = exchange.getRequestURI().getPath();
			if (path.startsWith("/silent")) {
				this.closed.await();
			}
			else if (path.startsWith("/together")) {
				this.together.countDown();
				this.together.await(30, TimeUnit.SECONDS);
			}
			else {
				LockSupport.parkNanos(ThreadLocalRandom.current().nextInt(500_000));
			}
			this.current.decrementAndGet();
			byte[] body = path.getBytes(StandardCharsets.UTF_8);
			exchange.sendResponseHeaders(200, body.length);
			exchange.getResponseBody().write(body);
		}
		catch (InterruptedException ex) {
			throw new IOException(ex);
		}
	}

	/**
	 * Answer requests below {@code /together} when that many are here.
	 */
	public void answerWhenThereAre(int requests) {
		this.together = new CountDownLatch(requests);
	}

	public URI uri(String path) {
		String scheme = (this.server instanceof HttpsServer) ? "https" : "http";
		return URI.create(scheme + "://localhost:" + this.server.getAddress().getPort() + path);
	}

	public int requests() {
		return this.requests.get();
	}

	/**
	 * Return how many requests have been here at once at most.
	 */
	public int peak() {
		return this.peak.get();
	}

	@Override
	public void close() {
		this.closed.countDown();
		this.server.stop(0);
		this.executor.shutdownNow();
	}

}
