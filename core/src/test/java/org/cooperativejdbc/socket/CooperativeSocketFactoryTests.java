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
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.ProxySelector;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.URI;
import java.time.Duration;
import java.util.List;

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
	void serverThatIsNoneOfTheProxysHasTheRegisteredSocket() throws IOException {
		System.setProperty("socksProxyHost", "proxy.invalid");
		InetSocketAddress local = InetSocketAddress.createUnresolved("localhost", 5432);
		InetSocketAddress remote = InetSocketAddress.createUnresolved("db.invalid", 5432);
		try (Socket direct = this.factory.createSocket(List.of(local));
				Socket proxied = this.factory.createSocket(List.of(local, remote))) {
			assertThat(direct).isExactlyInstanceOf(ParkingSocket.class);
			assertThat(proxied).isExactlyInstanceOf(Socket.class);
		}
		assertThat(CooperativeSocketFactory.proxied(this.key)).isOne();
	}

	@Test
	void proxySelectorOfTheApplicationIsAsked() throws IOException {
		ProxySelector selector = ProxySelector.getDefault();
		InetSocketAddress server = InetSocketAddress.createUnresolved("db.invalid", 5432);
		try {
			ProxySelector.setDefault(ProxySelector.of(null));
			try (Socket direct = this.factory.createSocket(List.of(server))) {
				assertThat(direct).isExactlyInstanceOf(ParkingSocket.class);
			}
			ProxySelector.setDefault(new SocksSelector());
			try (Socket proxied = this.factory.createSocket(List.of(server))) {
				assertThat(proxied).isExactlyInstanceOf(Socket.class);
			}
		}
		finally {
			ProxySelector.setDefault(selector);
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

	private static final class SocksSelector extends ProxySelector {

		@Override
		public List<Proxy> select(URI uri) {
			assertThat(uri).hasScheme("socket");
			return List.of(new Proxy(Proxy.Type.SOCKS, InetSocketAddress.createUnresolved("proxy.invalid", 1080)));
		}

		@Override
		public void connectFailed(URI uri, SocketAddress address, IOException ex) {
		}

	}

}
