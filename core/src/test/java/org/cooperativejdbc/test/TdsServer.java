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
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.SSLSocketFactory;

/**
 * Stands in for SQL Server, as far as its driver needs to log in and to have a statement
 * answered: it is no database. A statement with {@code WAITFOR} in it, and a COMMIT while
 * they are held, is answered when a test says so, or when it is canceled.
 *
 * @see <a href=
 * "https://learn.microsoft.com/en-us/openspecs/windows_protocols/ms-tds/">MS-TDS</a>
 */
public final class TdsServer extends TcpProxy {

	private static final int BATCH = 0x01;

	private static final int REPLY = 0x04;

	private static final int ATTENTION = 0x06;

	private static final int LOGIN = 0x10;

	private static final int PRELOGIN = 0x12;

	private static final int LAST_PACKET = 0x01;

	private static final int HEADER = 8;

	private static final String TRUST = trust();

	private final Encryption encryption;

	private final Set<Session> waiting = ConcurrentHashMap.newKeySet();

	private final AtomicInteger attentions = new AtomicInteger();

	private volatile boolean silent;

	private volatile boolean commitsHeld;

	public TdsServer(Encryption encryption) throws IOException {
		super(Thread.ofVirtual().name("tds-", 0).factory());
		this.encryption = encryption;
	}

	/**
	 * Return the URL for the driver.
	 */
	public String url() {
		return "jdbc:sqlserver://localhost:" + address().getPort() + ";databaseName=test;user=test;password=test;"
				+ this.encryption.options;
	}

	/**
	 * Answer nothing from now on.
	 */
	public void silence() {
		this.silent = true;
	}

	public void holdCommits() {
		this.commitsHeld = true;
	}

	/**
	 * Return how many sessions wait for an answer.
	 */
	public int waiting() {
		return this.waiting.size();
	}

	/**
	 * Return how many requests to cancel have come.
	 */
	public int attentions() {
		return this.attentions.get();
	}

	/**
	 * Answer all who wait.
	 */
	public void answer() throws IOException {
		this.commitsHeld = false;
		for (Session session : this.waiting) {
			if (this.waiting.remove(session)) {
				session.reply(row());
			}
		}
	}

	@Override
	protected void serve(Socket client) throws IOException {
		Socket socket = (this.encryption == Encryption.STRICT) ? encrypted(client) : client;
		Session session = new Session(socket);
		try {
			while (session.next()) {
				if (!this.silent) {
					handle(session);
				}
			}
		}
		finally {
			this.waiting.remove(session);
		}
	}

	private void handle(Session session) throws IOException {
		switch (session.type) {
			case PRELOGIN -> {
				session.reply(prelogin(this.encryption == Encryption.TRUE));
				if (this.encryption == Encryption.TRUE) {
					PacketSocket packets = new PacketSocket(session.socket);
					session.use(encrypted(packets));
					packets.end();
				}
			}
			case LOGIN -> session.reply(loginAnswer());
			case BATCH -> batch(session, new String(session.payload, StandardCharsets.UTF_16LE));
			case ATTENTION -> {
				this.attentions.incrementAndGet();
				if (this.waiting.remove(session)) {
					session.reply(done(0, 0));
				}
				session.reply(done(0x20, 0));
			}
			default -> throw new IOException("Unknown message " + session.type);
		}
	}

	private void batch(Session session, String sql) throws IOException {
		if (sql.contains("WAITFOR") || (this.commitsHeld && sql.contains("COMMIT"))) {
			this.waiting.add(session);
		}
		else {
			session.reply(row());
		}
	}

	private static SSLSocket encrypted(Socket socket) throws IOException {
		SSLSocketFactory factory = TestCertificate.instance().context().getSocketFactory();
		SSLSocket encrypted = (SSLSocket) factory.createSocket(socket, "localhost", socket.getPort(), false);
		encrypted.setUseClientMode(false);
		SSLParameters parameters = encrypted.getSSLParameters();
		parameters.setApplicationProtocols(new String[] { "tds/8.0" });
		if (socket instanceof PacketSocket) {
			parameters.setProtocols(new String[] { "TLSv1.2" });
		}
		encrypted.setSSLParameters(parameters);
		encrypted.startHandshake();
		return encrypted;
	}

	private static byte[] prelogin(boolean encrypt) {
		return new byte[] { 0, 0, 11, 0, 6, 1, 0, 17, 0, 1, (byte) 0xff, 16, 0, 0, 0, 0, 0, (byte) (encrypt ? 1 : 2) };
	}

	private static byte[] loginAnswer() {
		ByteBuffer bytes = buffer();
		bytes.put((byte) 0xe3).putShort((short) 8).put((byte) 7).put((byte) 5); // collation
		bytes.put(new byte[] { 0x09, 0x04, (byte) 0xd0, 0x00, 0x34, 0 });
		String program = "Microsoft SQL Server";
		bytes.put((byte) 0xad).putShort((short) (10 + 2 * program.length())).put((byte) 1);
		bytes.put(new byte[] { 0x74, 0, 0, 4 }).put((byte) program.length());
		bytes.put(program.getBytes(StandardCharsets.UTF_16LE)).put(new byte[] { 16, 0, 0, 0 });
		bytes.put(done(0, 0));
		return written(bytes);
	}

	/**
	 * One row with the number one.
	 */
	private static byte[] row() {
		ByteBuffer bytes = buffer();
		bytes.put((byte) 0x81).putShort((short) 1).putInt(0).putShort((short) 0).put((byte) 0x38).put((byte) 0);
		bytes.put((byte) 0xd1).putInt(1).put(done(0x10, 1));
		return written(bytes);
	}

	private static byte[] done(int status, int rows) {
		return written(buffer().put((byte) 0xfd).putShort((short) status).putShort((short) 0xc1).putLong(rows));
	}

	private static ByteBuffer buffer() {
		return ByteBuffer.allocate(200).order(ByteOrder.LITTLE_ENDIAN);
	}

	private static byte[] written(ByteBuffer buffer) {
		byte[] bytes = new byte[buffer.position()];
		buffer.flip().get(bytes);
		return bytes;
	}

	private static byte[] packet(int type, byte[] payload) {
		int length = HEADER + payload.length;
		return ByteBuffer.allocate(length)
			.put((byte) type)
			.put((byte) LAST_PACKET)
			.putShort((short) length)
			.putInt(0)
			.put(payload)
			.array();
	}

	private static String trust() {
		try {
			Path directory = Files.createTempDirectory("tds");
			return ";trustStoreType=PKCS12;trustStorePassword=changeit;trustStore="
					+ TestCertificate.instance().writeTrustStore(directory.resolve("trust.p12"));
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	/**
	 * How connections are encrypted.
	 */
	public enum Encryption {

		FALSE("encrypt=false"),

		/**
		 * The handshake is in packets of the protocol, what follows is not.
		 */
		TRUE("encrypt=true" + TRUST),

		/**
		 * From the first byte on.
		 */
		STRICT("encrypt=strict" + TRUST);

		private final String options;

		Encryption(String options) {
			this.options = options;
		}

	}

	/**
	 * A connection.
	 */
	private static final class Session {

		private Socket socket;

		private DataInputStream in;

		private int type;

		private byte[] payload = {};

		private Session(Socket socket) throws IOException {
			this.socket = socket;
			this.in = new DataInputStream(socket.getInputStream());
		}

		private void use(Socket encrypted) throws IOException {
			this.socket = encrypted;
			this.in = new DataInputStream(encrypted.getInputStream());
		}

		/**
		 * Read the next message.
		 */
		private boolean next() throws IOException {
			ByteArrayOutputStream message = new ByteArrayOutputStream();
			int status;
			do {
				this.type = this.in.read();
				if (this.type < 0) {
					return false;
				}
				status = this.in.readUnsignedByte();
				int length = this.in.readUnsignedShort();
				this.in.readInt();
				message.write(this.in.readNBytes(length - HEADER));
			}
			while ((status & LAST_PACKET) == 0);
			this.payload = message.toByteArray();
			return true;
		}

		private synchronized void reply(byte[] tokens) throws IOException {
			OutputStream out = this.socket.getOutputStream();
			out.write(packet(REPLY, tokens));
			out.flush();
		}

	}

	/**
	 * Sends and receives the handshake in packets: what is sent until something is to be
	 * received is a message.
	 */
	private static final class PacketSocket extends Socket {

		private final Socket socket;

		private final ByteArrayOutputStream message = new ByteArrayOutputStream();

		private boolean ended;

		private int rest; // of the packet that is being received

		private PacketSocket(Socket socket) {
			this.socket = socket;
		}

		@Override
		public boolean isConnected() {
			return true;
		}

		private void send() throws IOException {
			if (this.message.size() > 0) {
				this.socket.getOutputStream().write(packet(PRELOGIN, this.message.toByteArray()));
				this.message.reset();
			}
		}

		/**
		 * Pass on as they are what follows.
		 */
		private void end() throws IOException {
			send();
			this.ended = true;
		}

		@Override
		public InputStream getInputStream() throws IOException {
			DataInputStream in = new DataInputStream(this.socket.getInputStream());
			return new InputStream() {

				@Override
				public int read() throws IOException {
					byte[] one = new byte[1];
					return (read(one, 0, 1) > 0) ? one[0] & 0xff : -1;
				}

				@Override
				public int read(byte[] bytes, int offset, int length) throws IOException {
					if (PacketSocket.this.ended) {
						return in.read(bytes, offset, length);
					}
					if (PacketSocket.this.rest == 0) {
						send();
						in.readShort();
						PacketSocket.this.rest = in.readUnsignedShort() - HEADER;
						in.readInt();
					}
					int count = in.read(bytes, offset, Math.min(length, PacketSocket.this.rest));
					PacketSocket.this.rest -= Math.max(0, count);
					return count;
				}

			};
		}

		@Override
		public OutputStream getOutputStream() throws IOException {
			OutputStream out = this.socket.getOutputStream();
			return new OutputStream() {

				@Override
				public void write(int single) throws IOException {
					write(new byte[] { (byte) single }, 0, 1);
				}

				@Override
				public void write(byte[] bytes, int offset, int length) throws IOException {
					if (PacketSocket.this.ended) {
						out.write(bytes, offset, length);
					}
					else {
						PacketSocket.this.message.write(bytes, offset, length);
					}
				}

			};
		}

	}

}
