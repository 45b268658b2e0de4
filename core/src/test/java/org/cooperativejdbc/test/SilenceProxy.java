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
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Stands between a driver and a server of the tests, and can fall silent: then it passes
 * nothing on, reads nothing and closes nothing, as a server that has gone without a word;
 * new connections are accepted by the kernel.
 */
public final class SilenceProxy extends TcpProxy {

	private final InetSocketAddress server;

	private final String url;

	private final AtomicInteger connects = new AtomicInteger();

	private final CountDownLatch closed = new CountDownLatch(1);

	private volatile Silence silence = Silence.NONE;

	public SilenceProxy(TestDatabase database) throws IOException {
		super(Thread.ofPlatform().daemon().name("silence-proxy-", 0).factory());
		this.server = database.address();
		this.url = database.urlThrough(this);
	}

	public SilenceProxy(ReplicatedServers.Server server) throws IOException {
		super(Thread.ofPlatform().daemon().name("silence-proxy-", 0).factory());
		this.server = server.address();
		this.url = server.urlAt(address());
	}

	public SilenceProxy(Database database) throws IOException {
		super(Thread.ofPlatform().daemon().name("silence-proxy-", 0).factory());
		this.server = database.address();
		this.url = database.url(address());
	}

	/**
	 * Return the URL of the database behind this proxy.
	 */
	public String url() {
		return this.url;
	}

	public void silence(Silence silence) {
		this.connects.set(0);
		this.silence = silence;
	}

	/**
	 * Answer nothing anymore, and refuse new connections, as a machine that is gone does
	 * whose address another one has.
	 */
	public void vanish() throws IOException {
		silence(Silence.ALL);
		refuse();
	}

	/**
	 * Return how often it was connected to since it fell silent.
	 */
	public int connects() {
		return this.connects.get();
	}

	@Override
	protected void serve(Socket client) throws IOException, InterruptedException {
		this.connects.incrementAndGet();
		if (this.silence != Silence.NONE) {
			this.closed.await();
		}
		relay(client, connect(this.server));
	}

	@Override
	protected void transfer(InputStream in, OutputStream out) throws IOException, InterruptedException {
		byte[] buffer = new byte[8192];
		int count;
		while ((count = in.read(buffer)) != -1) {
			if (this.silence == Silence.ALL) {
				this.closed.await();
			}
			out.write(buffer, 0, count);
		}
	}

	@Override
	public void close() throws IOException {
		super.close();
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
