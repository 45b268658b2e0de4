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
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadFactory;

/**
 * What stands between a driver and its server: it listens on the loopback interface,
 * serves each client on a thread of its own, and takes all connections with it when it is
 * closed.
 */
public abstract class TcpProxy implements AutoCloseable {

	private final ThreadFactory threads;

	private final ServerSocket listener = new ServerSocket(0, 500, InetAddress.getLoopbackAddress());

	private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();

	protected TcpProxy(ThreadFactory threads) throws IOException {
		this.threads = threads;
		this.threads.newThread(this::accept).start();
	}

	/**
	 * Return where this proxy listens.
	 */
	public final InetSocketAddress address() {
		return (InetSocketAddress) this.listener.getLocalSocketAddress();
	}

	private void accept() {
		while (!this.listener.isClosed()) {
			try {
				Socket client = this.listener.accept();
				this.sockets.add(client);
				inBackground(() -> run(client));
			}
			catch (IOException ex) {
				// Closed
			}
		}
	}

	private void run(Socket client) {
		try {
			client.setTcpNoDelay(true);
			serve(client);
		}
		catch (IOException | InterruptedException ex) {
			// One of the sides has gone
		}
		close(client);
	}

	/**
	 * Serve a client for as long as it is to be connected. Called for none before this
	 * proxy is created, as nobody knows its address.
	 */
	protected abstract void serve(Socket client) throws IOException, InterruptedException;

	/**
	 * Accept no more connections.
	 */
	protected final void refuse() throws IOException {
		this.listener.close();
	}

	/**
	 * Connect to a server, whatever proxies this JVM is told to use.
	 */
	protected final Socket connect(InetSocketAddress server) throws IOException {
		Socket upstream = new Socket(Proxy.NO_PROXY);
		this.sockets.add(upstream);
		upstream.setTcpNoDelay(true);
		upstream.connect(server);
		return upstream;
	}

	protected final void inBackground(Runnable task) {
		this.threads.newThread(task).start();
	}

	/**
	 * Pass on what both sides say, until one of them has gone.
	 */
	protected final void relay(Socket client, Socket upstream) {
		inBackground(() -> pass(client, upstream));
		pass(upstream, client);
	}

	/**
	 * Pass on what one side says until it or the other has gone, and close both.
	 */
	protected final void pass(Socket from, Socket to) {
		try {
			transfer(from.getInputStream(), to.getOutputStream());
		}
		catch (IOException | InterruptedException ex) {
			// One of the sides has gone
		}
		close(from);
		close(to);
	}

	protected void transfer(InputStream in, OutputStream out) throws IOException, InterruptedException {
		in.transferTo(out);
	}

	protected final void close(Socket socket) {
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
	}

}
