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

package org.cooperativejdbc.socket;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.util.concurrent.CompletableFuture;

import org.cooperativejdbc.carrier.EventLoops;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * A driver may drop a socket without closing it. The JDK closes its own when the garbage
 * collector finds it.
 */
class DroppedSocketTests {

	private static EventLoops loops;

	@BeforeAll
	static void startLoops() throws IOException {
		loops = EventLoops.start(1);
	}

	@AfterAll
	static void closeLoops() {
		loops.close();
	}

	@ParameterizedTest
	@EnumSource
	void socketThatIsDroppedIsClosed(SocketKind sockets) throws Exception {
		try (Peer peer = new Peer(Transport.PLAINTEXT, InetAddress.getLoopbackAddress())) {
			useAndDrop(sockets, peer);
			CompletableFuture<Integer> end = CompletableFuture.supplyAsync(() -> read(peer));
			ScenarioRun.await(() -> {
				System.gc();
				return end.isDone();
			});
			assertThat(end).isCompletedWithValue(-1);
		}
	}

	private static void useAndDrop(SocketKind sockets, Peer peer) throws Exception {
		Thread thread = ThreadKind.CARRIED.factory(loops).newThread(() -> {
			try {
				Socket socket = sockets.create(loops);
				socket.connect(peer.address());
				peer.awaitHandshake();
				CompletableFuture.runAsync(() -> answer(peer));
				assertThat(socket.getInputStream().read()).isEqualTo('a');
			}
			catch (IOException ex) {
				throw new AssertionError(ex);
			}
		});
		thread.start();
		thread.join();
	}

	private static void answer(Peer peer) {
		try {
			ScenarioRun.pause(20);
			peer.write("a");
		}
		catch (IOException ex) {
			throw new AssertionError(ex);
		}
	}

	private static int read(Peer peer) {
		try {
			return peer.in().read();
		}
		catch (IOException ex) {
			return -2;
		}
	}

}
