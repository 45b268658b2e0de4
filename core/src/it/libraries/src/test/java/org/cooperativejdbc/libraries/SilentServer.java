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

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * A server that reads what it is sent and says nothing until it is told to.
 */
final class SilentServer implements AutoCloseable {

	private final ServerSocket listener;

	private final List<Socket> connections = new CopyOnWriteArrayList<>();

	private final CountDownLatch request = new CountDownLatch(1);

	SilentServer() throws IOException {
		this.listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
		Thread.ofPlatform().daemon().name("silent-server").start(this::accept);
	}

	private void accept() {
		try {
			while (true) {
				Socket connection = this.listener.accept();
				this.connections.add(connection);
				Thread.ofPlatform().daemon().name("silent-connection").start(() -> read(connection));
			}
		}
		catch (IOException ex) {
			// Closed
		}
	}

	private void read(Socket connection) {
		try {
			while (connection.getInputStream().read() != -1) {
				this.request.countDown();
			}
		}
		catch (IOException ex) {
			// Closed
		}
	}

	int port() {
		return this.listener.getLocalPort();
	}

	URI http() {
		return URI.create("http://localhost:" + port() + "/");
	}

	/**
	 * Wait until something has been sent.
	 */
	void awaitRequest() throws InterruptedException {
		if (!this.request.await(30, TimeUnit.SECONDS)) {
			throw new AssertionError("Nothing was sent");
		}
	}

	void answer(String answer) throws IOException {
		for (Socket connection : this.connections) {
			connection.getOutputStream().write(answer.getBytes(StandardCharsets.US_ASCII));
		}
	}

	@Override
	public void close() throws IOException {
		this.listener.close();
		for (Socket connection : this.connections) {
			connection.close();
		}
	}

}
