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
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadFactory;

import org.postgresql.Driver;
import org.postgresql.PGProperty;

/**
 * Stands between a driver and the server of the {@link TestDatabase} and changes the
 * login: it takes its time, or has no key to cancel statements with, as some managed
 * proxies have none.
 */
public final class LoginProxy implements AutoCloseable {

	private final Properties server;

	private final ServerSocket listener;

	private final boolean cancelKey;

	private final Duration delay;

	private final ThreadFactory threads = Thread.ofPlatform().daemon().name("login-proxy-", 0).factory();

	private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();

	public LoginProxy(TestDatabase database, boolean cancelKey, Duration delay) throws IOException {
		Properties server = Driver.parseURL(database.url(), null);
		if (server == null) {
			throw new IllegalArgumentException(database.url());
		}
		this.server = server;
		this.cancelKey = cancelKey;
		this.delay = delay;
		this.listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
		this.threads.newThread(this::accept).start();
	}

	/**
	 * Return the URL of the database behind this proxy, without TLS.
	 */
	public String url() {
		return "jdbc:postgresql://" + this.listener.getInetAddress().getHostAddress() + ":"
				+ this.listener.getLocalPort() + "/" + PGProperty.PG_DBNAME.getOrDefault(this.server)
				+ "?sslmode=disable&gssEncMode=disable";
	}

	private void accept() {
		while (!this.listener.isClosed()) {
			try {
				Socket client = this.listener.accept();
				this.sockets.add(client);
				this.threads.newThread(() -> serve(client)).start();
			}
			catch (IOException ex) {
				// Closed
			}
		}
	}

	private void serve(Socket client) {
		try (client;
				Socket upstream = new Socket(PGProperty.PG_HOST.getOrDefault(this.server),
						Integer.parseInt(String.valueOf(PGProperty.PG_PORT.getOrDefault(this.server))))) {
			client.setTcpNoDelay(true);
			upstream.setTcpNoDelay(true);
			this.sockets.add(upstream);
			this.threads.newThread(() -> pass(client, upstream)).start();
			DataInputStream in = new DataInputStream(upstream.getInputStream());
			Thread.sleep(this.delay);
			login(in, client.getOutputStream());
			in.transferTo(client.getOutputStream());
		}
		catch (IOException | InterruptedException ex) {
			// Closed
		}
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

	private static void pass(Socket from, Socket to) {
		try (to) {
			from.getInputStream().transferTo(to.getOutputStream());
		}
		catch (IOException ex) {
			// Closed
		}
	}

	@Override
	public void close() throws IOException {
		this.listener.close();
		for (Socket socket : this.sockets) {
			socket.close();
		}
	}

}
