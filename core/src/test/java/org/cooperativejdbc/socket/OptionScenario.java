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

import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketOption;
import java.net.StandardSocketOptions;
import java.util.Collection;
import java.util.Comparator;

import jdk.net.ExtendedSocketOptions;

/**
 * What the options of a socket are, and what can be set.
 */
enum OptionScenario implements SocketScenario {

	OPTIONS_BEFORE_CONNECT(Scope.PLAINTEXT, (run) -> {
		Socket socket = run.unconnected();
		run.note("supported", socket::supportedOptions);
		Collection<SocketOption<?>> options = socket.supportedOptions();
		noteOptions(run, socket, options);
		setOptions(run, socket);
		noteOptions(run, socket, options);
		try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
			socket.connect(server.getLocalSocketAddress());
			noteOptions(run, socket, options);
		}
	}),

	OPTIONS(Scope.BOTH, (run) -> {
		Socket socket = run.connected();
		run.note("supported", () -> run.raw().supportedOptions());
		setOptions(run, socket);
		noteOptions(run, socket, run.raw().supportedOptions());
		run.noteState(socket);
		socket.setSoTimeout(0);
		run.peer().write("abc");
		run.note("usable", () -> socket.getInputStream().readNBytes(3));
	}),

	OPTIONS_WITH_BAD_VALUES(Scope.PLAINTEXT, (run) -> {
		Socket socket = run.connected();
		run.note("timeout", () -> socket.setSoTimeout(-1));
		run.note("send buffer", () -> socket.setSendBufferSize(0));
		run.note("receive buffer", () -> socket.setReceiveBufferSize(-1));
		run.note("linger", () -> socket.setSoLinger(true, -1));
		run.note("traffic class", () -> socket.setTrafficClass(256));
		run.note("traffic class", () -> socket.setTrafficClass(-1));
		run.note("null option", () -> socket.setOption(null, 1));
		run.note("null option", () -> socket.getOption(null));
		run.note("null value", () -> socket.setOption(StandardSocketOptions.SO_RCVBUF, null));
		run.note("negative", () -> socket.setOption(StandardSocketOptions.SO_RCVBUF, -1));
		run.note("negative", () -> socket.setOption(StandardSocketOptions.SO_SNDBUF, -1));
		run.note("negative", () -> socket.setOption(StandardSocketOptions.IP_TOS, -1));
		run.note("foreign", () -> socket.setOption(StandardSocketOptions.SO_BROADCAST, true));
		run.note("foreign", () -> socket.getOption(StandardSocketOptions.IP_MULTICAST_TTL));
		run.note("negative", () -> socket.setOption(ExtendedSocketOptions.TCP_KEEPIDLE, -1));
		run.note("negative", () -> socket.setOption(ExtendedSocketOptions.TCP_KEEPINTERVAL, 0));
		run.note("huge", () -> socket.setOption(ExtendedSocketOptions.TCP_KEEPCOUNT, 100_000));
		run.note("read only", () -> socket.setOption(ExtendedSocketOptions.SO_INCOMING_NAPI_ID, 1));
		run.noteState(socket);
	}),

	URGENT_DATA(Scope.PLAINTEXT, (run) -> {
		Socket socket = run.connected();
		socket.getOutputStream().write('a');
		run.note("urgent", () -> socket.sendUrgentData('!'));
		socket.getOutputStream().write('b');
		run.note("peer", () -> run.peer().read(2));
		socket.setOOBInline(true);
		run.note("inline", socket::getOOBInline);
		run.noteState(socket);
	});

	private final Plan plan;

	OptionScenario(Scope scope, Script script) {
		this.plan = new Plan(scope, script);
	}

	@Override
	public Plan plan() {
		return this.plan;
	}

	static void noteOptions(ScenarioRun run, Socket socket, Collection<SocketOption<?>> options) {
		run.note("timeout", socket::getSoTimeout);
		run.note("no delay", socket::getTcpNoDelay);
		run.note("linger", socket::getSoLinger);
		run.note("inline", socket::getOOBInline);
		run.note("send buffer", socket::getSendBufferSize);
		run.note("receive buffer", socket::getReceiveBufferSize);
		run.note("keep alive", socket::getKeepAlive);
		run.note("traffic class", socket::getTrafficClass);
		run.note("reuse address", socket::getReuseAddress);
		options.stream()
			.filter((option) -> option != ExtendedSocketOptions.SO_INCOMING_NAPI_ID)
			.sorted(Comparator.comparing(SocketOption::name))
			.forEach((option) -> run.note(option.name(), () -> socket.getOption(option)));
	}

	static void setOptions(ScenarioRun run, Socket socket) {
		run.note("timeout", () -> socket.setSoTimeout(1234));
		run.note("no delay", () -> socket.setTcpNoDelay(true));
		run.note("no delay", socket::getTcpNoDelay);
		run.note("no delay", () -> socket.setTcpNoDelay(false));
		run.note("linger", () -> socket.setSoLinger(true, 100_000));
		run.note("linger", socket::getSoLinger);
		run.note("linger", () -> socket.setSoLinger(false, 3));
		run.note("linger", socket::getSoLinger);
		run.note("linger", () -> socket.setOption(StandardSocketOptions.SO_LINGER, 7));
		run.note("inline", () -> socket.setOOBInline(true));
		run.note("send buffer", () -> socket.setSendBufferSize(20_000));
		run.note("receive buffer", () -> socket.setReceiveBufferSize(30_000));
		run.note("keep alive", () -> socket.setKeepAlive(true));
		run.note("traffic class", () -> socket.setTrafficClass(0x08));
		run.note("reuse address", () -> socket.setReuseAddress(true));
		run.note("performance", () -> socket.setPerformancePreferences(1, 2, 3));
		run.note("reuse port", () -> socket.setOption(StandardSocketOptions.SO_REUSEPORT, true));
		run.note("tos", () -> socket.setOption(StandardSocketOptions.IP_TOS, 0x10));
		run.note("keep idle", () -> socket.setOption(ExtendedSocketOptions.TCP_KEEPIDLE, 30));
		run.note("keep interval", () -> socket.setOption(ExtendedSocketOptions.TCP_KEEPINTERVAL, 5));
		run.note("keep count", () -> socket.setOption(ExtendedSocketOptions.TCP_KEEPCOUNT, 4));
		run.note("quick ack", () -> socket.setOption(ExtendedSocketOptions.TCP_QUICKACK, true));
	}

}
