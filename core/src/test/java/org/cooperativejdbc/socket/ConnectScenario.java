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

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;

import org.cooperativejdbc.socket.ScenarioRun.Activity;

/**
 * What can happen to a socket when it is bound and connected, and before.
 */
enum ConnectScenario implements SocketScenario {

	CONNECT_GIVES_ADDRESSES(Scope.PLAINTEXT, (run) -> {
		Socket socket = run.connected();
		run.note("inet address", socket::getInetAddress);
		run.note("port", socket::getPort);
		run.note("local port", socket::getLocalPort);
		run.note("local address", socket::getLocalAddress);
		run.note("local socket address", socket::getLocalSocketAddress);
		run.note("remote socket address", socket::getRemoteSocketAddress);
		run.note("channel", socket::getChannel);
		run.note("text", () -> socket.toString().replaceFirst("^.*\\[", "["));
		run.noteState(socket);
	}),

	CONNECT_REFUSED(Scope.PLAINTEXT, (run) -> {
		Socket socket = run.unconnected();
		SocketAddress address = run.refusingAddress();
		run.note("connect", () -> socket.connect(address));
		run.noteState(socket);
		run.note("again", () -> socket.connect(address));
	}),

	CONNECT_REFUSED_WITH_A_TIMEOUT(Scope.PLAINTEXT, (run) -> {
		Socket socket = run.unconnected();
		SocketAddress address = run.refusingAddress();
		run.note("connect", () -> socket.connect(address, 5000));
		run.noteState(socket);
	}),

	CONNECT_TIMES_OUT(Scope.PLAINTEXT, (run) -> {
		Socket socket = run.unconnected();
		SocketAddress address = run.silentAddress();
		run.noteTimed("connect", 60, () -> {
			socket.connect(address, 60);
			return "connected";
		});
		run.noteState(socket);
		run.note("again", () -> socket.connect(address, 60));
	}),

	CONNECT_TO_AN_UNRESOLVED_HOST(Scope.PLAINTEXT, (run) -> {
		Socket socket = run.unconnected();
		run.note("connect", () -> socket.connect(InetSocketAddress.createUnresolved("no.such.host.invalid", 5432)));
		run.noteState(socket);
	}),

	CONNECT_IS_CLOSED_BY_ANOTHER_THREAD(Scope.PLAINTEXT, (run) -> {
		Socket socket = run.unconnected();
		SocketAddress address = run.silentAddress();
		Activity connect = run.start("connect", () -> socket.connect(address)).awaitWait();
		socket.close();
		connect.join();
		run.noteState(socket);
	}),

	TIMED_CONNECT_IS_CLOSED_BY_ANOTHER_THREAD(Scope.PLAINTEXT, (run) -> {
		Socket socket = run.unconnected();
		SocketAddress address = run.silentAddress();
		Activity connect = run.start("connect", () -> socket.connect(address, 20_000)).awaitWait();
		socket.close();
		connect.join();
		run.noteState(socket);
	}),

	CONNECT_IS_INTERRUPTED(Scope.INTERRUPTS_WHILE_CONNECTING, (run) -> {
		SocketAddress address = run.silentAddress();
		Socket socket;
		Activity connect;
		do {
			Socket connecting = run.unconnected();
			socket = connecting;
			connect = run.start("connect", () -> connecting.connect(address, 300)).awaitWait();
		}
		while (!connect.interruptWithin(300));
		connect.join();
		run.noteState(socket);
	}),

	CONNECT_TWICE(Scope.PLAINTEXT, (run) -> {
		Socket socket = run.connected();
		run.note("again", () -> socket.connect(run.peer().address()));
		run.noteState(socket);
	}),

	CONNECT_WITH_BAD_ARGUMENTS(Scope.PLAINTEXT, (run) -> {
		Socket socket = run.unconnected();
		run.note("null", () -> socket.connect(null));
		run.note("negative timeout", () -> socket.connect(run.refusingAddress(), -1));
		run.note("other address", () -> socket.connect(UnixDomainSocketAddress.of("/socket")));
		run.noteState(socket);
	}),

	CONNECT_TO_THE_WILDCARD_ADDRESS(Scope.PLAINTEXT, (run) -> {
		try (ServerSocket server = new ServerSocket(0)) {
			Socket socket = run.unconnected();
			run.ignorePort(server.getLocalPort());
			run.note("connect", () -> socket.connect(new InetSocketAddress(server.getLocalPort())));
			run.ignorePort(socket.getLocalPort());
			run.note("address", socket::getRemoteSocketAddress);
			run.note("local address", socket::getLocalAddress);
			run.noteState(socket);
		}
	}),

	CONNECT_OVER_IPV6(Scope.BOTH, (run) -> {
		InetAddress address = InetAddress.getByName("::1");
		Socket socket = run.connected(address);
		run.peer().write("hello");
		run.note("read", () -> socket.getInputStream().readNBytes(5));
		run.note("address", () -> socket.getInetAddress() instanceof Inet6Address);
		run.note("remote", socket::getRemoteSocketAddress);
		run.note("local", socket::getLocalSocketAddress);
		run.note("traffic class", socket::getTrafficClass);
		run.note("set traffic class", () -> socket.setTrafficClass(0x10));
		run.note("traffic class", socket::getTrafficClass);
		run.noteState(socket);
	}),

	BIND_AND_CONNECT(Scope.PLAINTEXT, (run) -> {
		Socket socket = run.unconnected();
		run.note("bind", () -> socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0)));
		run.ignorePort(socket.getLocalPort());
		run.note("local", socket::getLocalSocketAddress);
		run.noteState(socket);
		run.note("again", () -> socket.bind(null));
		try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
			run.ignorePort(server.getLocalPort());
			run.note("connect", () -> socket.connect(server.getLocalSocketAddress()));
			run.note("local", socket::getLocalSocketAddress);
			run.note("bind", () -> socket.bind(null));
			run.noteState(socket);
		}
	}),

	BIND_FAILS(Scope.PLAINTEXT, (run) -> {
		Socket socket = run.unconnected();
		try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
			run.ignorePort(server.getLocalPort());
			run.note("in use", () -> socket.bind(server.getLocalSocketAddress()));
			run.noteState(socket);
			run.note("unresolved", () -> socket.bind(InetSocketAddress.createUnresolved("no.such.host.invalid", 0)));
			run.note("other address", () -> socket.bind(UnixDomainSocketAddress.of("/socket")));
			run.note("foreign", () -> socket.bind(new InetSocketAddress("203.0.113.1", 0)));
			run.noteState(socket);
			run.note("connect", () -> socket.connect(server.getLocalSocketAddress()));
			run.noteState(socket);
		}
	}),

	BIND_TO_ANY(Scope.PLAINTEXT, (run) -> {
		Socket socket = run.unconnected();
		run.note("bind", () -> socket.bind(null));
		run.ignorePort(socket.getLocalPort());
		run.note("local", socket::getLocalSocketAddress);
		run.note("address", socket::getLocalAddress);
		run.noteState(socket);
	}),

	UNCONNECTED(Scope.PLAINTEXT, (run) -> {
		Socket socket = run.unconnected();
		run.noteState(socket);
		run.note("input", socket::getInputStream);
		run.note("output", socket::getOutputStream);
		run.note("shutdown input", socket::shutdownInput);
		run.note("shutdown output", socket::shutdownOutput);
		run.note("port", socket::getPort);
		run.note("local port", socket::getLocalPort);
		run.note("address", socket::getInetAddress);
		run.note("local address", socket::getLocalAddress);
		run.note("remote", socket::getRemoteSocketAddress);
		run.note("local", socket::getLocalSocketAddress);
		run.note("urgent", () -> socket.sendUrgentData(1));
		run.note("close", socket::close);
		run.noteState(socket);
		run.note("local address", socket::getLocalAddress);
	});

	private final Plan plan;

	ConnectScenario(Scope scope, Script script) {
		this.plan = new Plan(scope, script);
	}

	@Override
	public Plan plan() {
		return this.plan;
	}

}
