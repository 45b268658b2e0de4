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

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.UnaryOperator;

import org.jspecify.annotations.Nullable;

/**
 * A connection pooler in front of the server of the {@link TestDatabase}, as PgBouncer
 * is: it tells drivers a process of its own making. In transaction mode all of its
 * connections share one backend, which each of them has for a transaction.
 */
public final class PoolerProxy extends TcpProxy {

	private static final int SSL_REQUEST = 80877103;

	private static final int CANCEL_REQUEST = 80877102;

	private static final int FAKE_PROCESS = 0x7654_3210;

	private final TestDatabase database;

	private final boolean transactionMode;

	private final UnaryOperator<byte[]> toServer;

	private final AtomicInteger cancels = new AtomicInteger();

	private @Nullable Backend shared;

	/**
	 * Start a pooler.
	 * @param transactionMode whether connections share a backend
	 * @param toServer changes the messages that go to the server
	 */
	public PoolerProxy(TestDatabase database, boolean transactionMode, UnaryOperator<byte[]> toServer)
			throws IOException {
		super(Thread.ofVirtual().name("pooler-", 0).factory());
		this.database = database;
		this.transactionMode = transactionMode;
		this.toServer = toServer;
	}

	/**
	 * Return the URL of the database behind this pooler.
	 */
	public String url() {
		return this.database.urlThrough(this);
	}

	/**
	 * Return how many requests to cancel have come, none of which was passed on yet.
	 */
	public int cancels() {
		return this.cancels.get();
	}

	@Override
	protected void serve(Socket client) throws IOException {
		DataInputStream in = new DataInputStream(client.getInputStream());
		OutputStream out = client.getOutputStream();
		byte[] startup = startup(in);
		while (ByteBuffer.wrap(startup).getInt(4) == SSL_REQUEST) {
			out.write('N');
			startup = startup(in);
		}
		if (ByteBuffer.wrap(startup).getInt(4) == CANCEL_REQUEST) {
			this.cancels.incrementAndGet();
			return;
		}
		Backend backend = backend(startup, in, out);
		relay(in, out, backend);
	}

	private synchronized Backend backend(byte[] startup, DataInputStream in, OutputStream out) throws IOException {
		Backend backend = this.shared;
		if (backend == null || !this.transactionMode) {
			backend = new Backend(startup, in, out);
			this.shared = backend;
		}
		else {
			out.write(backend.welcome.toByteArray());
		}
		return backend;
	}

	/**
	 * Pass a client's messages on up to one that the server answers with ReadyForQuery,
	 * then its answers up to that, for as long as a transaction goes on.
	 */
	private void relay(DataInputStream in, OutputStream out, Backend backend) throws IOException {
		while (true) {
			byte[] message = message(in);
			backend.lock.lock();
			try {
				boolean transaction = true;
				while (transaction) {
					if (message[0] == 'X') {
						return;
					}
					backend.out.write(this.toServer.apply(message));
					if (message[0] == 'S' || message[0] == 'Q') {
						transaction = backend.answer(out);
					}
					if (transaction) {
						message = message(in);
					}
				}
			}
			finally {
				backend.lock.unlock();
			}
		}
	}

	private static byte[] startup(DataInputStream in) throws IOException {
		int length = in.readInt();
		byte[] message = new byte[length];
		ByteBuffer.wrap(message).putInt(length);
		in.readFully(message, 4, length - 4);
		return message;
	}

	private static byte[] message(DataInputStream in) throws IOException {
		int type = in.read();
		if (type == -1) {
			throw new EOFException();
		}
		int length = in.readInt();
		byte[] message = new byte[length + 1];
		ByteBuffer.wrap(message).put((byte) type).putInt(length);
		in.readFully(message, 5, length - 4);
		return message;
	}

	private final class Backend {

		private final ReentrantLock lock = new ReentrantLock(true);

		private final DataInputStream in;

		private final OutputStream out;

		private final ByteArrayOutputStream welcome = new ByteArrayOutputStream();

		/**
		 * Let a client log in, and note what the server says to it.
		 */
		private Backend(byte[] startup, DataInputStream clientIn, OutputStream clientOut) throws IOException {
			Socket socket = PoolerProxy.this.connect(PoolerProxy.this.database.address());
			this.in = new DataInputStream(socket.getInputStream());
			this.out = socket.getOutputStream();
			this.out.write(startup);
			byte[] message;
			do {
				message = message(this.in);
				boolean question = message[0] == 'R' && ByteBuffer.wrap(message).getInt(5) != 0;
				if (message[0] == 'K') {
					ByteBuffer.wrap(message).putInt(5, FAKE_PROCESS);
				}
				clientOut.write(message);
				if (!question) {
					this.welcome.write(message);
				}
				else if (ByteBuffer.wrap(message).getInt(5) != 12) {
					this.out.write(message(clientIn));
				}
			}
			while (message[0] != 'Z');
		}

		/**
		 * Pass answers on, and return whether a transaction goes on.
		 */
		private boolean answer(OutputStream client) throws IOException {
			byte[] message;
			do {
				message = message(this.in);
				client.write(message);
			}
			while (message[0] != 'Z');
			return message[5] != 'I';
		}

	}

}
