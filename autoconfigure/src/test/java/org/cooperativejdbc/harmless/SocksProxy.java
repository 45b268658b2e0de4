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

package org.cooperativejdbc.harmless;

import java.io.DataInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicInteger;

import org.cooperativejdbc.test.TcpProxy;

/**
 * SOCKS 5 without authentication.
 */
final class SocksProxy extends TcpProxy {

	private final AtomicInteger connects = new AtomicInteger();

	SocksProxy() throws IOException {
		super(Thread.ofPlatform().daemon().name("socks-proxy-", 0).factory());
	}

	int connects() {
		return this.connects.get();
	}

	@Override
	protected void serve(Socket client) throws IOException {
		DataInputStream in = new DataInputStream(client.getInputStream());
		in.readUnsignedByte();
		in.skipNBytes(in.readUnsignedByte());
		client.getOutputStream().write(new byte[] { 5, 0 });
		in.skipNBytes(3);
		byte[] host = switch (in.readUnsignedByte()) {
			case 1 -> in.readNBytes(4);
			case 4 -> in.readNBytes(16);
			default -> in.readNBytes(in.readUnsignedByte());
		};
		InetAddress address = (host.length == 4 || host.length == 16) ? InetAddress.getByAddress(host)
				: InetAddress.getByName(new String(host, StandardCharsets.US_ASCII));
		Socket upstream = connect(new InetSocketAddress(address, in.readUnsignedShort()));
		this.connects.incrementAndGet();
		client.getOutputStream().write(new byte[] { 5, 0, 0, 1, 0, 0, 0, 0, 0, 0 });
		relay(client, upstream);
	}

}
