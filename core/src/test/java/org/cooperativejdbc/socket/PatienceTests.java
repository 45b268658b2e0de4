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
import java.net.SocketException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadFactory;

import org.cooperativejdbc.Deadline;
import org.cooperativejdbc.InterruptPolicy;
import org.cooperativejdbc.carrier.EventLoops;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * A wait never lies: whatever goes wrong when it is given up closes the socket.
 */
class PatienceTests {

	private final List<AutoCloseable> resources = new ArrayList<>();

	@AfterEach
	void close() throws Exception {
		for (AutoCloseable resource : this.resources.reversed()) {
			resource.close();
		}
	}

	@ParameterizedTest
	@ValueSource(booleans = { true, false })
	void threadThatCannotBeStartedToCancelClosesTheSocket(boolean parking) throws Exception {
		Socket socket = connected(parking, (task) -> {
			throw new OutOfMemoryError("unable to create native thread");
		}, () -> {
		});
		assertClosed(socket, "unable to create native thread");
	}

	@ParameterizedTest
	@ValueSource(booleans = { true, false })
	void cancellerThatThrowsClosesTheSocket(boolean parking) throws Exception {
		Socket socket = connected(parking, Thread.ofPlatform().factory(), new StatementCanceller() {

			@Override
			public void cancel() {
			}

			@Override
			public Exchange exchange() {
				throw new IllegalStateException("exchange");
			}

		});
		assertClosed(socket, "exchange");
	}

	@ParameterizedTest
	@ValueSource(booleans = { true, false })
	void readTimeoutOfTheDriverIsItsOwn(boolean parking) throws Exception {
		Socket socket = connected(parking, Thread.ofPlatform().factory(), () -> {
		});
		socket.setSoTimeout(60_000);
		try (Deadline.Scope scope = Deadline.after(Duration.ofMillis(50)).enter()) {
			assertThatExceptionOfType(SocketException.class).isThrownBy(() -> socket.getInputStream().read())
				.withMessageContaining("deadline");
		}
		assertThat(socket.isClosed()).isTrue();
	}

	private static void assertClosed(Socket socket, String message) throws IOException {
		try (Deadline.Scope scope = Deadline.after(Duration.ZERO).enter()) {
			assertThatExceptionOfType(SocketException.class).isThrownBy(() -> socket.getInputStream().read())
				.withMessageContaining(message);
		}
		assertThat(socket.isClosed()).isTrue();
	}

	private Socket connected(boolean parking, ThreadFactory cancelThreads, StatementCanceller canceller)
			throws IOException {
		EventLoops loops = EventLoops.start(1);
		this.resources.add(loops);
		Peer peer = new Peer(Transport.PLAINTEXT, InetAddress.getLoopbackAddress());
		this.resources.add(peer);
		WaitSettings settings = new WaitSettings((thread) -> false, InterruptPolicy.CANCEL,
				Duration.ofMillis(200).toNanos(), cancelThreads, new WaitFigures());
		Socket socket = parking ? new ParkingSocket(settings) : new CooperativeSocket(loops, settings);
		this.resources.add(socket);
		((DriverSocket) socket).cancelWith(canceller);
		socket.connect(peer.address());
		return socket;
	}

}
