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

package org.cooperativejdbc.socket;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

import javax.net.ssl.SSLSocket;

import org.cooperativejdbc.test.TestCertificate;

/**
 * The other end of the connection of a scenario, a socket of the JDK.
 */
final class Peer implements AutoCloseable {

	private final ServerSocket server;

	private final Transport transport;

	private final CompletableFuture<Socket> raw = new CompletableFuture<>();

	private final CompletableFuture<Socket> socket = new CompletableFuture<>();

	Peer(Transport transport, InetAddress address) throws IOException {
		this.transport = transport;
		this.server = new ServerSocket();
		this.server.setReceiveBufferSize(32 * 1024);
		this.server.bind(new InetSocketAddress(address, 0));
		Thread.ofPlatform().daemon().start(this::accept);
	}

	private void accept() {
		try {
			Socket accepted = this.server.accept();
			accepted.setTcpNoDelay(true);
			this.raw.complete(accepted);
			this.socket.complete((this.transport == Transport.TLS) ? encrypted(accepted) : accepted);
		}
		catch (IOException ex) {
			this.raw.completeExceptionally(ex);
			this.socket.completeExceptionally(ex);
		}
	}

	private static Socket encrypted(Socket accepted) throws IOException {
		SSLSocket socket = (SSLSocket) TestCertificate.instance()
			.context()
			.getSocketFactory()
			.createSocket(accepted, "localhost", accepted.getPort(), true);
		socket.setUseClientMode(false);
		socket.startHandshake();
		return socket;
	}

	InetSocketAddress address() {
		return new InetSocketAddress(this.server.getInetAddress(), this.server.getLocalPort());
	}

	void awaitHandshake() throws IOException {
		get(this.socket);
	}

	InputStream in() throws IOException {
		return get(this.socket).getInputStream();
	}

	OutputStream out() throws IOException {
		return get(this.socket).getOutputStream();
	}

	void write(String text) throws IOException {
		out().write(text.getBytes());
	}

	byte[] read(int count) throws IOException {
		return in().readNBytes(count);
	}

	/**
	 * End the stream; go on reading.
	 */
	void shutdownOutput() throws IOException {
		get(this.socket).shutdownOutput();
	}

	/**
	 * Close the connection in order.
	 */
	void end() throws IOException {
		get(this.socket).close();
	}

	/**
	 * Break the connection: the other end gets a reset.
	 */
	void reset() throws IOException {
		Socket raw = get(this.raw);
		raw.setSoLinger(true, 0);
		raw.close();
	}

	private static Socket get(CompletableFuture<Socket> future) throws IOException {
		try {
			return future.get(20, TimeUnit.SECONDS);
		}
		catch (Exception ex) {
			throw new IOException(ex);
		}
	}

	@Override
	public void close() {
		try {
			this.server.close();
			if (this.raw.isDone() && !this.raw.isCompletedExceptionally()) {
				get(this.raw).close();
			}
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

}
