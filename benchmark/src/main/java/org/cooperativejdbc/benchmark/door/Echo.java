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

package org.cooperativejdbc.benchmark.door;

import java.io.EOFException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;

/**
 * A byte on its way to a platform thread and back.
 */
final class Echo implements Door.Way {

	private final Doors doors;

	private final SocketChannel channel;

	private final SocketChannel peer;

	private final ByteBuffer buffer = ByteBuffer.allocateDirect(1);

	Echo(Doors doors) throws IOException {
		this.doors = doors;
		try (ServerSocketChannel server = ServerSocketChannel.open()) {
			server.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
			this.channel = SocketChannel.open(server.getLocalAddress());
			this.peer = server.accept();
		}
		this.channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
		this.peer.setOption(StandardSocketOptions.TCP_NODELAY, true);
		this.channel.configureBlocking(doors.blocking());
		Thread.ofPlatform().daemon().start(this::echo);
	}

	private void echo() {
		ByteBuffer buffer = ByteBuffer.allocateDirect(1);
		try (this.peer) {
			while (this.peer.read(buffer) != -1) {
				this.peer.write(buffer.flip());
				buffer.clear();
			}
		}
		catch (IOException ex) {
			throw new IllegalStateException(ex);
		}
	}

	@Override
	public void go() throws IOException, InterruptedException {
		while (this.channel.write(this.buffer.clear()) == 0) {
			Thread.onSpinWait();
		}
		if (this.doors.read(this.channel, this.buffer.clear()) == -1) {
			throw new EOFException();
		}
	}

	@Override
	public void close() throws IOException {
		this.channel.close();
	}

}
