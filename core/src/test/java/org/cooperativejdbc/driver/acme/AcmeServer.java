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

package org.cooperativejdbc.driver.acme;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A server for the {@link AcmeDriver}. It answers at once, but for {@code sleep}, which
 * it answers when it is canceled.
 */
final class AcmeServer implements AutoCloseable {

	private final ServerSocket listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());

	private final Map<String, CountDownLatch> sleeping = new ConcurrentHashMap<>();

	private final AtomicInteger sessions = new AtomicInteger();

	private final CountDownLatch firstSleep = new CountDownLatch(1);

	AcmeServer() throws IOException {
		Thread.ofPlatform().daemon().start(this::accept);
	}

	String url() {
		return "jdbc:acme:" + this.listener.getLocalPort();
	}

	/**
	 * Return how many connections have logged in.
	 */
	int sessions() {
		return this.sessions.get();
	}

	void awaitSleep() throws InterruptedException {
		this.firstSleep.await();
	}

	private void accept() {
		while (!this.listener.isClosed()) {
			try {
				Socket client = this.listener.accept();
				Thread.ofPlatform().daemon().start(() -> serve(client));
			}
			catch (IOException ex) {
				// Closed
			}
		}
	}

	private void serve(Socket client) {
		try (client;
				BufferedReader in = new BufferedReader(
						new InputStreamReader(client.getInputStream(), StandardCharsets.US_ASCII));
				OutputStream out = client.getOutputStream()) {
			String session = "";
			for (String line = in.readLine(); line != null; line = in.readLine()) {
				if (line.equals("login")) {
					session = Integer.toString(this.sessions.incrementAndGet());
				}
				out.write((answer(session, line) + "\n").getBytes(StandardCharsets.US_ASCII));
			}
		}
		catch (IOException | InterruptedException ex) {
			// The client has gone
		}
	}

	private String answer(String session, String line) throws InterruptedException {
		if (line.equals("sleep")) {
			CountDownLatch canceled = new CountDownLatch(1);
			this.sleeping.put(session, canceled);
			this.firstSleep.countDown();
			canceled.await();
			return "canceled";
		}
		if (line.startsWith("cancel ")) {
			CountDownLatch canceled = this.sleeping.remove(line.substring("cancel ".length()));
			if (canceled != null) {
				canceled.countDown();
			}
			return "done";
		}
		return session;
	}

	@Override
	public void close() throws IOException {
		this.listener.close();
	}

}
