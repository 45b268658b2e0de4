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

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicInteger;

import org.postgresql.Driver;
import org.postgresql.PGProperty;

/**
 * Stands between a driver and the server of the {@link TestDatabase}, and can fall
 * silent: then it passes nothing on, reads nothing and closes nothing, as a server that
 * has gone without a word; new connections are accepted by the kernel.
 */
public final class SilenceProxy implements AutoCloseable {

	private final Properties server;

	private final ServerSocket listener;

	private final ThreadFactory threads = Thread.ofPlatform().daemon().name("silence-proxy-", 0).factory();

	private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();

	private final AtomicInteger connects = new AtomicInteger();

	private final CountDownLatch closed = new CountDownLatch(1);

	private volatile Silence silence = Silence.NONE;

	public SilenceProxy(TestDatabase database) throws IOException {
		Properties server = Driver.parseURL(database.url(), null);
		if (server == null) {
			throw new IllegalArgumentException(database.url());
		}
		this.server = server;
		this.listener = new ServerSocket(0, 500, InetAddress.getLoopbackAddress());
		this.threads.newThread(this::accept).start();
	}

	/**
	 * Return the URL of the database behind this proxy.
	 */
	public String url() {
		return "jdbc:postgresql://" + this.listener.getInetAddress().getHostAddress() + ":"
				+ this.listener.getLocalPort() + "/" + PGProperty.PG_DBNAME.getOrDefault(this.server);
	}

	public void silence(Silence silence) {
		this.connects.set(0);
		this.silence = silence;
	}

	/**
	 * Return how often it was connected to since it fell silent.
	 */
	public int connects() {
		return this.connects.get();
	}

	private void accept() {
		while (!this.listener.isClosed()) {
			try {
				Socket client = this.listener.accept();
				this.connects.incrementAndGet();
				this.sockets.add(client);
				boolean silent = this.silence != Silence.NONE;
				this.threads.newThread(() -> connect(client, silent)).start();
			}
			catch (IOException ex) {
				// Closed
			}
		}
	}

	private void connect(Socket client, boolean silent) {
		try {
			if (silent) {
				this.closed.await();
			}
			Socket upstream = new Socket(PGProperty.PG_HOST.getOrDefault(this.server),
					Integer.parseInt(String.valueOf(PGProperty.PG_PORT.getOrDefault(this.server))));
			this.sockets.add(upstream);
			this.threads.newThread(() -> pump(client, upstream)).start();
			pump(upstream, client);
		}
		catch (IOException | InterruptedException ex) {
			close(client);
		}
	}

	private void pump(Socket from, Socket to) {
		try {
			InputStream in = from.getInputStream();
			OutputStream out = to.getOutputStream();
			byte[] buffer = new byte[8192];
			int count;
			while ((count = in.read(buffer)) != -1) {
				if (this.silence == Silence.ALL) {
					this.closed.await();
				}
				out.write(buffer, 0, count);
			}
		}
		catch (IOException | InterruptedException ex) {
			// Closed
		}
		close(from);
		close(to);
	}

	private void close(Socket socket) {
		try {
			socket.close();
		}
		catch (IOException ex) {
			// Closed anyway
		}
		this.sockets.remove(socket);
	}

	@Override
	public void close() throws IOException {
		this.listener.close();
		this.sockets.forEach(this::close);
		this.closed.countDown();
	}

	/**
	 * What is not answered any more.
	 */
	public enum Silence {

		/**
		 * Nothing.
		 */
		NONE,

		/**
		 * New connections, such as the requests to cancel.
		 */
		CONNECTS,

		/**
		 * Everything.
		 */
		ALL

	}

}
