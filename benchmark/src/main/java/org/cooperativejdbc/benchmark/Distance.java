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

package org.cooperativejdbc.benchmark;

import java.io.Closeable;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.CancelledKeyException;
import java.nio.channels.ClosedSelectorException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * A server that is further away: what passes through arrives half a round trip later. One
 * thread receives and another one sends, so that it costs little where there are few
 * processors.
 */
final class Distance implements Closeable {

	private static final int BUFFER_BYTES = 64 * 1024;

	private final ServerSocketChannel listener;

	private final InetSocketAddress server;

	private final long halfNanos;

	private final Selector selector = Selector.open();

	private final BlockingQueue<Passing> passing = new LinkedBlockingQueue<>();

	private Distance(ServerSocketChannel listener, int serverPort, int roundTripMillis) throws IOException {
		this.listener = listener;
		this.server = new InetSocketAddress("localhost", serverPort);
		this.halfNanos = TimeUnit.MILLISECONDS.toNanos(roundTripMillis) / 2;
	}

	/**
	 * Put a server at a distance.
	 * @param serverPort where it listens
	 * @param roundTripMillis how long a round trip takes in addition
	 */
	static Distance of(int serverPort, int roundTripMillis) throws IOException {
		Distance distance = new Distance(ServerSocketChannel.open().bind(new InetSocketAddress("0.0.0.0", 0)),
				serverPort, roundTripMillis);
		distance.listener.configureBlocking(false).register(distance.selector, SelectionKey.OP_ACCEPT);
		Thread.ofPlatform().daemon().start(distance::receive);
		Thread.ofPlatform().daemon().start(distance::send);
		return distance;
	}

	int port() throws IOException {
		return ((InetSocketAddress) this.listener.getLocalAddress()).getPort();
	}

	private void receive() {
		ByteBuffer buffer = ByteBuffer.allocateDirect(BUFFER_BYTES);
		try {
			while (this.listener.isOpen()) {
				this.selector.select((key) -> receive(key, buffer));
			}
		}
		catch (ClosedSelectorException ex) {
			// Closed
		}
		catch (IOException ex) {
			ex.printStackTrace();
		}
	}

	private void receive(SelectionKey key, ByteBuffer buffer) {
		try {
			if (key.isAcceptable()) {
				accept();
				return;
			}
			SocketChannel from = (SocketChannel) key.channel();
			int count = from.read(buffer.clear());
			if (count == -1) {
				key.cancel();
			}
			byte[] bytes = new byte[Math.max(0, count)];
			buffer.flip().get(bytes);
			this.passing.add(new Passing((SocketChannel) key.attachment(), bytes, System.nanoTime() + this.halfNanos));
		}
		catch (IOException | CancelledKeyException ex) {
			key.cancel();
		}
	}

	private void accept() throws IOException {
		SocketChannel client = this.listener.accept();
		SocketChannel server = SocketChannel.open(this.server);
		register(client, server);
		register(server, client);
	}

	private void register(SocketChannel from, SocketChannel to) throws IOException {
		from.setOption(StandardSocketOptions.TCP_NODELAY, true);
		from.configureBlocking(false).register(this.selector, SelectionKey.OP_READ, to);
	}

	private void send() {
		try {
			while (this.listener.isOpen()) {
				Passing next = this.passing.take();
				long wait;
				while ((wait = next.due() - System.nanoTime()) > 0) {
					LockSupport.parkNanos(wait);
				}
				next.send();
			}
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
	}

	@Override
	public void close() throws IOException {
		this.listener.close();
		this.selector.close();
	}

	/**
	 * Bytes on their way.
	 *
	 * @param bytes none of them is the end
	 * @param due when they arrive, as of {@link System#nanoTime()}
	 */
	private record Passing(SocketChannel to, byte[] bytes, long due) {

		void send() {
			try {
				if (this.bytes.length == 0) {
					this.to.close();
				}
				ByteBuffer buffer = ByteBuffer.wrap(this.bytes);
				while (buffer.hasRemaining()) {
					if (this.to.write(buffer) == 0) {
						Thread.onSpinWait();
					}
				}
			}
			catch (IOException ex) {
				// The end that it came from will notice
			}
		}

	}

}
