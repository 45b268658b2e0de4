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

import java.io.DataInputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.time.Duration;

/**
 * Passes everything on to a PostgreSQL server without TLS, or to a pooler, but requests
 * to cancel a statement only after a while.
 */
public final class CancelDelayProxy extends TcpProxy {

	private static final int CANCEL_REQUEST = 80877102;

	private final InetSocketAddress server;

	private final InetSocketAddress cancelServer;

	private final Duration delay;

	private final boolean hasty;

	/**
	 * Start one.
	 * @param hasty whether the client of a request is told that it was served before it
	 * is passed on, which the server itself does not do
	 */
	public CancelDelayProxy(InetSocketAddress server, Duration delay, boolean hasty) throws IOException {
		this(server, server, delay, hasty);
	}

	/**
	 * Start one that passes requests to cancel on to another server, as a load balancer
	 * may do.
	 */
	public CancelDelayProxy(InetSocketAddress server, InetSocketAddress cancelServer) throws IOException {
		this(server, cancelServer, Duration.ZERO, false);
	}

	private CancelDelayProxy(InetSocketAddress server, InetSocketAddress cancelServer, Duration delay, boolean hasty)
			throws IOException {
		super(Thread.ofVirtual().name("cancel-delay-proxy-", 0).factory());
		this.server = server;
		this.cancelServer = cancelServer;
		this.delay = delay;
		this.hasty = hasty;
	}

	@Override
	protected void serve(Socket client) throws IOException, InterruptedException {
		byte[] start = startup(new DataInputStream(client.getInputStream()));
		if (ByteBuffer.wrap(start).getInt(4) == CANCEL_REQUEST) {
			if (this.hasty) {
				close(client);
			}
			Thread.sleep(this.delay);
			try (Socket upstream = connect(this.cancelServer)) {
				upstream.getOutputStream().write(start);
				upstream.getInputStream().read();
			}
			return;
		}
		Socket upstream = connect(this.server);
		upstream.getOutputStream().write(start);
		relay(client, upstream);
	}

	/**
	 * PgBouncer refuses a first message that comes in parts.
	 */
	private static byte[] startup(DataInputStream in) throws IOException {
		int length = in.readInt();
		byte[] message = new byte[length];
		ByteBuffer.wrap(message).putInt(length);
		in.readFully(message, 4, length - 4);
		return message;
	}

}
