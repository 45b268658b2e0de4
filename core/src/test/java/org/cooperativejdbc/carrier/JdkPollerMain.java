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

package org.cooperativejdbc.carrier;

import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;

import org.jspecify.annotations.Nullable;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * A thread of an event loop is the first to wait for a socket of the JDK. Then the loop
 * computes, and a thread of the JDK's scheduler waits for the same socket.
 */
public final class JdkPollerMain {

	private JdkPollerMain() {
	}

	public static void main(String[] args) throws Exception {
		try (ServerSocket server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
				Socket client = new Socket(server.getInetAddress(), server.getLocalPort());
				Socket peer = server.accept()) {
			EventLoops loops = EventLoops.start(1, Duration.ofHours(1));
			ThreadFactory factory = loops.threadFactory("t-");
			client.setSoTimeout(100);
			Tasks.run(factory, () -> assertThatExceptionOfType(SocketTimeoutException.class)
				.isThrownBy(() -> client.getInputStream().read()));
			client.setSoTimeout(0);
			CountDownLatch computing = new CountDownLatch(1);
			Tasks.start(factory, () -> {
				computing.countDown();
				while (true) {
					Thread.onSpinWait();
				}
			});
			assertThat(computing.await(20, TimeUnit.SECONDS)).isTrue();
			AtomicReference<@Nullable Thread> reader = new AtomicReference<>();
			CompletableFuture<Integer> answer = Tasks.start(Thread.ofVirtual().factory(), () -> {
				reader.set(Thread.currentThread());
				return client.getInputStream().read();
			});
			awaitWaiting(reader);
			peer.getOutputStream().write(42);
			assertThat(answer.get(30, TimeUnit.SECONDS)).isEqualTo(42);
			System.exit(0);
		}
		catch (Throwable ex) {
			ex.printStackTrace(System.out);
			System.exit(1);
		}
	}

	private static void awaitWaiting(AtomicReference<@Nullable Thread> reference) {
		Thread thread = null;
		while (thread == null || thread.getState() != Thread.State.WAITING) {
			thread = reference.get();
			Thread.onSpinWait();
		}
	}

}
