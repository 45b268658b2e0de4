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
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;

import org.cooperativejdbc.InterruptPolicy;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests for {@link CooperativeSocketFactory}.
 */
class CooperativeSocketFactoryTests {

	private String key;

	private CooperativeSocketFactory factory;

	@BeforeEach
	void register() {
		this.key = CooperativeSocketFactory
			.register(() -> new ParkingSocket((thread) -> false, InterruptPolicy.DEFER, Duration.ofSeconds(5)));
		this.factory = new CooperativeSocketFactory(this.key);
	}

	@AfterEach
	void unregister() {
		CooperativeSocketFactory.unregister(this.key);
		System.clearProperty("socksProxyHost");
	}

	@Test
	void createsTheRegisteredSocket() throws IOException {
		try (Socket socket = this.factory.createSocket()) {
			assertThat(socket).isExactlyInstanceOf(ParkingSocket.class);
			assertThat(socket.isConnected()).isFalse();
		}
	}

	@Test
	void withASocksProxyTheSocketIsTheJdks() throws IOException {
		System.setProperty("socksProxyHost", "proxy.invalid");
		try (Socket socket = this.factory.createSocket()) {
			assertThat(socket).isExactlyInstanceOf(Socket.class);
		}
	}

	@Test
	void unknownKeyIsRefusedWhenASocketIsCreated() {
		CooperativeSocketFactory unknown = new CooperativeSocketFactory("unknown");
		assertThatExceptionOfType(IOException.class).isThrownBy(() -> unknown.createSocket())
			.withMessageNotContaining(this.key)
			.withMessageNotContaining("unknown");
	}

	@Test
	void unregisteredKeyIsRefused() {
		CooperativeSocketFactory.unregister(this.key);
		CooperativeSocketFactory unregistered = new CooperativeSocketFactory(this.key);
		assertThatExceptionOfType(IOException.class).isThrownBy(() -> unregistered.createSocket());
	}

	@Test
	void factoryOfAConnectionCreatesSocketsToCancelStatementsEvenWhenUnregistered() throws IOException {
		CooperativeSocketFactory.unregister(this.key);
		try (Socket socket = this.factory.createSocket()) {
			assertThat(socket).isExactlyInstanceOf(ParkingSocket.class);
		}
	}

	@Test
	void createsConnectedSockets() throws IOException {
		InetAddress local = InetAddress.getLoopbackAddress();
		try (ServerSocket server = new ServerSocket(0, 50, local)) {
			int port = server.getLocalPort();
			assertConnected(this.factory.createSocket(local.getHostAddress(), port), port);
			assertConnected(this.factory.createSocket(local.getHostAddress(), port, local, 0), port);
			assertConnected(this.factory.createSocket(local, port), port);
			assertConnected(this.factory.createSocket(local, port, local, 0), port);
		}
	}

	private static void assertConnected(Socket socket, int port) throws IOException {
		try (socket) {
			assertThat(socket).isExactlyInstanceOf(ParkingSocket.class);
			assertThat(socket.getPort()).isEqualTo(port);
		}
	}

}
