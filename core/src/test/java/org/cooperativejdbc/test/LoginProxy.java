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
import java.io.OutputStream;
import java.net.Socket;
import java.time.Duration;

/**
 * Stands between a driver and the server of the {@link TestDatabase} and changes the
 * login: it takes its time, or has no key to cancel statements with, as some managed
 * proxies have none.
 */
public final class LoginProxy extends TcpProxy {

	private final TestDatabase database;

	private final boolean cancelKey;

	private final Duration delay;

	public LoginProxy(TestDatabase database, boolean cancelKey, Duration delay) throws IOException {
		super(Thread.ofPlatform().daemon().name("login-proxy-", 0).factory());
		this.database = database;
		this.cancelKey = cancelKey;
		this.delay = delay;
	}

	/**
	 * Return the URL of the database behind this proxy, without TLS.
	 */
	public String url() {
		return this.database.urlThrough(this) + "?sslmode=disable&gssEncMode=disable";
	}

	@Override
	protected void serve(Socket client) throws IOException, InterruptedException {
		Socket upstream = connect(this.database.address());
		inBackground(() -> pass(client, upstream));
		Thread.sleep(this.delay);
		login(new DataInputStream(upstream.getInputStream()), client.getOutputStream());
		pass(upstream, client);
	}

	private void login(DataInputStream in, OutputStream client) throws IOException {
		int type;
		do {
			type = in.read();
			int length = in.readInt();
			byte[] body = in.readNBytes(length - 4);
			if (type != 'K' || this.cancelKey) {
				client.write(type);
				client.write(new byte[] { (byte) (length >> 24), (byte) (length >> 16), (byte) (length >> 8),
						(byte) length });
				client.write(body);
			}
		}
		while (type != 'Z');
	}

}
