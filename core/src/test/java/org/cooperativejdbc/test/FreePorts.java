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
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Ports for servers that are stopped and started again, or that cannot choose one
 * themselves. Clients get theirs from a range that begins above these. Each JVM begins
 * elsewhere, and gives each port out once.
 */
public final class FreePorts {

	private static final int FIRST = 21_000;

	private static final int COUNT = 11_000;

	private static final AtomicInteger next = new AtomicInteger((int) (ProcessHandle.current().pid() % 110) * 100);

	private FreePorts() {
	}

	public static int next() throws IOException {
		for (int i = 0; i < COUNT; i++) {
			int port = FIRST + next.getAndIncrement() % COUNT;
			try (ServerSocket socket = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
				return socket.getLocalPort();
			}
			catch (IOException ex) {
				// In use
			}
		}
		throw new IOException("No free port");
	}

}
