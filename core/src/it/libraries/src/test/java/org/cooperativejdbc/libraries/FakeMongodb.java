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

import java.io.DataInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;

import org.bson.BsonDocument;
import org.bson.RawBsonDocument;
import org.bson.codecs.BsonDocumentCodec;

/**
 * A server that speaks as much of MongoDB's protocol as it takes to be asked something,
 * and answers that when it is told to.
 */
final class FakeMongodb implements AutoCloseable {

	private static final int HEADER_LENGTH = 16;

	/**
	 * The header, flags and the kind of the only section.
	 */
	private static final int PREFIX_LENGTH = HEADER_LENGTH + 5;

	private static final int OP_MSG = 2013;

	private static final BsonDocument HELLO = BsonDocument.parse("""
			{ok: 1, helloOk: true, isWritablePrimary: true, minWireVersion: 0, maxWireVersion: 25,
			maxBsonObjectSize: 16777216, maxMessageSizeBytes: 48000000, maxWriteBatchSize: 100000}""");

	private static final BsonDocument OK = BsonDocument.parse("{ok: 1}");

	private final ServerSocket listener;

	private final List<Socket> connections = new CopyOnWriteArrayList<>();

	private final CountDownLatch asked = new CountDownLatch(1);

	private final CountDownLatch answer = new CountDownLatch(1);

	FakeMongodb() throws IOException {
		this.listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
		Thread.ofPlatform().daemon().name("fake-mongodb").start(this::accept);
	}

	private void accept() {
		try {
			while (true) {
				Socket connection = this.listener.accept();
				this.connections.add(connection);
				Thread.ofPlatform().daemon().name("fake-mongodb-connection").start(() -> serve(connection));
			}
		}
		catch (IOException ex) {
			// Closed
		}
	}

	private void serve(Socket connection) {
		try {
			DataInputStream in = new DataInputStream(connection.getInputStream());
			while (true) {
				ByteBuffer message = littleEndian(new byte[Integer.reverseBytes(in.readInt())]);
				in.readFully(message.array(), Integer.BYTES, message.capacity() - Integer.BYTES);
				int request = message.getInt(Integer.BYTES);
				byte[] reply = littleEndian(encode(answerTo(command(message)))).putInt(Integer.BYTES * 2, request)
					.array();
				connection.getOutputStream().write(reply);
			}
		}
		catch (IOException | InterruptedException ex) {
			// Closed
		}
	}

	private static String command(ByteBuffer message) {
		return new RawBsonDocument(message.array(), PREFIX_LENGTH, message.getInt(PREFIX_LENGTH)).getFirstKey();
	}

	private BsonDocument answerTo(String command) throws InterruptedException {
		if (command.equals("ping")) {
			this.asked.countDown();
			this.answer.await();
		}
		return command.equals("hello") ? HELLO : OK;
	}

	private static byte[] encode(BsonDocument document) {
		ByteBuffer bson = new RawBsonDocument(document, new BsonDocumentCodec()).getByteBuffer().asNIO();
		int length = PREFIX_LENGTH + bson.remaining();
		return littleEndian(new byte[length]).putInt(length)
			.putInt(Integer.BYTES * 3, OP_MSG)
			.position(PREFIX_LENGTH)
			.put(bson)
			.array();
	}

	private static ByteBuffer littleEndian(byte[] bytes) {
		return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
	}

	String url() {
		return "mongodb://localhost:" + this.listener.getLocalPort();
	}

	void awaitRequest() throws InterruptedException {
		this.asked.await();
	}

	void answer() {
		this.answer.countDown();
	}

	@Override
	public void close() throws IOException {
		this.listener.close();
		for (Socket connection : this.connections) {
			connection.close();
		}
	}

}
