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
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.SocketOption;
import java.net.SocketTimeoutException;
import java.net.StandardSocketOptions;
import java.net.UnixDomainSocketAddress;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;

import jdk.net.ExtendedSocketOptions;
import org.cooperativejdbc.socket.ScenarioRun.Activity;

/**
 * What can happen to a socket. Each scenario notes what it observes and must observe the
 * same on every socket.
 */
enum SocketScenario {

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
		Socket socket = run.unconnected();
		SocketAddress address = run.silentAddress();
		Activity connect = run.start("connect", () -> socket.connect(address, 300)).awaitWait();
		connect.interrupt();
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
	}),

	READ(Scope.BOTH, (run) -> {
		Socket socket = run.connected();
		InputStream in = socket.getInputStream();
		run.peer().write("abcdef");
		run.note("one", () -> in.read());
		byte[] target = "........".getBytes();
		run.note("some", () -> in.readNBytes(target, 2, 3));
		run.note("target", () -> target);
		run.note("rest", () -> in.readNBytes(2));
		run.peer().out().write(new byte[] { 0, (byte) 0x80, (byte) 0xff });
		run.note("values", () -> List.of(in.read(), in.read(), in.read()));
		run.note("same stream", () -> socket.getInputStream() == in);
		run.note("mark", in::markSupported);
		run.note("reset", in::reset);
		run.noteState(socket);
	}),

	READ_WAITS(Scope.BOTH, (run) -> {
		Socket socket = run.connected();
		Activity read = run.start("read", () -> socket.getInputStream().readNBytes(3)).awaitWait();
		run.peer().write("a");
		run.peer().write("b");
		run.peer().write("c");
		read.join();
		run.noteState(socket);
	}),

	READ_OF_NOTHING(Scope.BOTH, (run) -> {
		Socket socket = run.connected();
		InputStream in = socket.getInputStream();
		run.note("no byte wanted", () -> in.read(new byte[0]));
		run.note("no byte wanted", () -> in.read(new byte[3], 3, 0));
		run.peer().shutdownOutput();
		run.note("end", () -> in.read());
		run.note("no byte wanted", () -> in.read(new byte[0]));
		run.noteState(socket);
	}),

	READ_WITH_BAD_ARGUMENTS(Scope.BOTH, (run) -> {
		Socket socket = run.connected();
		InputStream in = socket.getInputStream();
		run.peer().write("abc");
		run.note("null", () -> in.read(null, 0, 1));
		run.note("null", () -> in.read(null));
		run.note("negative offset", () -> in.read(new byte[3], -1, 1));
		run.note("negative length", () -> in.read(new byte[3], 0, -1));
		run.note("beyond", () -> in.read(new byte[3], 2, 2));
		run.note("overflow", () -> in.read(new byte[3], 1, Integer.MAX_VALUE));
		run.note("still there", () -> in.readNBytes(3));
		run.noteState(socket);
	}),

	READ_LARGE(Scope.BOTH, (run) -> {
		Socket socket = run.connected();
		byte[] bytes = ScenarioRun.pattern(3_000_000);
		Activity write = run.start("peer writes", () -> run.peer().out().write(bytes));
		byte[] target = new byte[bytes.length];
		run.note("read", () -> {
			int most = 0;
			int total = 0;
			while (total < target.length) {
				int count = socket.getInputStream().read(target, total, target.length - total);
				most = Math.max(most, count);
				total += count;
			}
			return "at most 128 KiB at once: " + (most <= 128 * 1024);
		});
		run.note("equal", () -> Arrays.equals(bytes, target));
		write.join();
		run.noteState(socket);
	}),

	TIMED_READ_EXPIRES(Scope.BOTH, (run) -> {
		Socket socket = run.connected();
		socket.setSoTimeout(50);
		InputStream in = socket.getInputStream();
		run.noteTimed("read", 50, () -> in.read());
		run.noteTimed("read", 50, () -> in.read(new byte[10], 2, 5));
		run.noteState(socket);
		run.peer().write("abc");
		run.note("usable", () -> in.readNBytes(3));
		run.note("timeout", socket::getSoTimeout);
		socket.setSoTimeout(0);
		Activity read = run.start("untimed", () -> in.readNBytes(1)).awaitWait();
		run.peer().write("d");
		read.join();
		run.noteState(socket);
	}),

	TIMED_READ_CONSUMES_NOTHING_WHEN_IT_EXPIRES(Scope.BOTH, (run) -> {
		Socket socket = run.connected();
		socket.setSoTimeout(50);
		InputStream in = socket.getInputStream();
		byte[] target = "........".getBytes();
		run.peer().write("abc");
		run.awaitAvailable(3);
		run.note("read", () -> in.read(target, 0, 8));
		run.note("read", () -> in.read(target, 3, 5));
		run.note("target", () -> target);
		run.peer().write("defgh");
		run.note("read", () -> in.readNBytes(target, 3, 5));
		run.note("target", () -> target);
		run.noteState(socket);
	}),

	TIMED_READ_GETS_ITS_BYTES(Scope.BOTH, (run) -> {
		Socket socket = run.connected();
		socket.setSoTimeout(20_000);
		Activity read = run.start("read", () -> socket.getInputStream().read()).awaitWait();
		run.peer().write("a");
		read.join();
		run.noteState(socket);
	}),

	TIMED_READS_OF_ONE_MILLISECOND(Scope.BOTH, (run) -> {
		Socket socket = run.connected();
		socket.setSoTimeout(1);
		InputStream in = socket.getInputStream();
		run.noteTimed("20 reads", 20, () -> {
			int expired = 0;
			for (int i = 0; i < 20; i++) {
				try {
					in.read();
				}
				catch (SocketTimeoutException ex) {
					expired++;
				}
			}
			return expired;
		});
		run.peer().write("a");
		run.awaitAvailable(1);
		run.note("usable", () -> in.read());
		run.noteState(socket);
	}),

	TIMEOUT_CHANGES_DURING_A_READ(Scope.PLAINTEXT, (run) -> {
		Socket socket = run.connected();
		Activity read = run.start("read", () -> socket.getInputStream().read()).awaitWait();
		socket.setSoTimeout(1);
		run.note("timeout", socket::getSoTimeout);
		ScenarioRun.pause(50);
		run.note("goes on", () -> !read.isDone());
		run.peer().write("a");
		read.join();
		run.note("next", () -> socket.getInputStream().read());
		run.noteState(socket);
	}),

	TIMED_READ_WAITS_FOR_ANOTHER_READER(Scope.PLAINTEXT, (run) -> {
		Socket socket = run.connected();
		Activity read = run.start("read", () -> socket.getInputStream().read()).awaitWait();
		socket.setSoTimeout(50);
		run.noteTimed("second", 50, () -> socket.getInputStream().read());
		run.peer().write("a");
		read.join();
		run.noteState(socket);
	}),

	TWO_READERS(Scope.PLAINTEXT, (run) -> {
		Socket socket = run.connected();
		Activity first = run.start("first", () -> socket.getInputStream().readNBytes(1)).awaitWait();
		Activity second = run.start("second", () -> socket.getInputStream().readNBytes(1)).awaitWait();
		run.peer().write("a");
		first.join();
		run.note("second waits", () -> !second.isDone());
		run.peer().write("b");
		second.join();
		run.noteState(socket);
	}),

	TWO_READERS_ARE_CLOSED(Scope.PLAINTEXT, (run) -> {
		Socket socket = run.connected();
		Activity first = run.start("first", () -> socket.getInputStream().read()).awaitWait();
		Activity second = run.start("second", () -> socket.getInputStream().read()).awaitWait();
		socket.close();
		first.join();
		second.join();
		run.noteState(socket);
	}),

	END_OF_STREAM_IS_STICKY(Scope.BOTH, (run) -> {
		Socket socket = run.connected();
		InputStream in = socket.getInputStream();
		run.peer().write("abc");
		run.peer().shutdownOutput();
		run.note("bytes", () -> in.readNBytes(3));
		run.note("end", () -> in.read());
		run.note("end", () -> in.read(new byte[3]));
		run.note("available", in::available);
		run.note("skip", () -> in.skip(1));
		run.noteState(socket);
		socket.close();
		run.note("after close", () -> in.read());
		run.note("after close", in::available);
		run.noteState(socket);
	}),

	END_OF_STREAM_ENDS_A_WAIT(Scope.BOTH, (run) -> {
		Socket socket = run.connected();
		Activity read = run.start("read", () -> socket.getInputStream().read()).awaitWait();
		run.peer().end();
		read.join();
		run.noteState(socket);
	}),

	AFTER_THE_PEER_CLOSED_WRITES_FAIL(Scope.PLAINTEXT, (run) -> {
		Socket socket = run.connected();
		run.peer().end();
		run.note("read", () -> socket.getInputStream().read());
		socket.getOutputStream().write(1);
		run.note("write", () -> ScenarioRun.writeForEver(socket.getOutputStream()));
		run.noteState(socket);
		run.note("write", () -> socket.getOutputStream().write(1));
		run.note("read", () -> socket.getInputStream().read());
		run.noteState(socket);
	}),

	RESET_COMES_AFTER_THE_BYTES(Scope.PLAINTEXT, (run) -> {
		Socket socket = run.connected();
		InputStream in = socket.getInputStream();
		run.peer().write("abc");
		run.awaitAvailable(3);
		run.peer().reset();
		run.note("bytes", () -> in.readNBytes(3));
		run.note("reset", () -> in.read());
		run.note("sticky", () -> in.read());
		run.note("sticky", () -> in.read(new byte[3]));
		run.note("available", in::available);
		run.note("write", () -> socket.getOutputStream().write(1));
		run.note("write", () -> socket.getOutputStream().write(1));
		run.noteState(socket);
		run.note("close", socket::close);
		run.noteState(socket);
	}),

	RESET_ENDS_A_READ(Scope.BOTH, (run) -> {
		Socket socket = run.connected();
		Activity read = run.start("read", () -> socket.getInputStream().read()).awaitWait();
		run.peer().reset();
		read.join();
		run.noteState(socket);
		run.noteState(run.raw());
	}),

	RESET_ENDS_A_TIMED_READ(Scope.BOTH, (run) -> {
		Socket socket = run.connected();
		socket.setSoTimeout(20_000);
		Activity read = run.start("read", () -> socket.getInputStream().read()).awaitWait();
		run.peer().reset();
		read.join();
		run.noteState(socket);
		run.noteState(run.raw());
	}),

	RESET_ENDS_A_WRITE(Scope.PLAINTEXT, (run) -> {
		Socket socket = run.connected();
		Activity write = run.start("write", () -> ScenarioRun.writeForEver(socket.getOutputStream())).awaitWait();
		run.peer().reset();
		write.join();
		run.noteState(socket);
	}),

	SHUTDOWN_INPUT(Scope.PLAINTEXT, (run) -> {
		Socket socket = run.connected();
		InputStream in = socket.getInputStream();
		run.peer().write("abc");
		run.awaitAvailable(3);
		run.note("shutdown", socket::shutdownInput);
		run.note("available", in::available);
		run.note("read", () -> in.read());
		run.note("stream", socket::getInputStream);
		run.note("again", socket::shutdownInput);
		run.noteState(socket);
		socket.getOutputStream().write('x');
		run.note("write", () -> run.peer().read(1));
		run.noteState(socket);
	}),

	SHUTDOWN_INPUT_ENDS_A_READ(Scope.PLAINTEXT, (run) -> {
		Socket socket = run.connected();
		InputStream in = socket.getInputStream();
		Activity read = run.start("read", () -> in.read()).awaitWait();
		run.note("shutdown", socket::shutdownInput);
		read.join();
		run.note("read", () -> in.read());
		run.noteState(socket);
	}),

	SHUTDOWN_OUTPUT(Scope.BOTH, (run) -> {
		Socket socket = run.connected();
		OutputStream out = socket.getOutputStream();
		out.write("bye".getBytes());
		run.note("shutdown", socket::shutdownOutput);
		run.note("peer", () -> run.peer().in().readAllBytes());
		run.peer().write("abc");
		run.note("read", () -> socket.getInputStream().readNBytes(3));
		run.note("stream", socket::getOutputStream);
		run.note("write", () -> out.write(1));
		run.note("again", socket::shutdownOutput);
		run.noteState(socket);
	}),

	SHUTDOWN_OUTPUT_ENDS_A_WRITE(Scope.PLAINTEXT, (run) -> {
		Socket socket = run.connected();
		Activity write = run.start("write", () -> ScenarioRun.writeForEver(socket.getOutputStream())).awaitWait();
		run.note("shutdown", socket::shutdownOutput);
		write.join();
		run.noteState(socket);
	}),

	SHUTDOWN_BOTH(Scope.PLAINTEXT, (run) -> {
		Socket socket = run.connected();
		socket.shutdownInput();
		socket.shutdownOutput();
		run.noteState(socket);
		run.note("peer", () -> run.peer().in().read());
		run.note("close", socket::close);
		run.noteState(socket);
		run.note("shutdown", socket::shutdownInput);
		run.note("shutdown", socket::shutdownOutput);
	}),

	AVAILABLE(Scope.PLAINTEXT, (run) -> {
		Socket socket = run.connected();
		InputStream in = socket.getInputStream();
		run.note("nothing", in::available);
		run.peer().write("abcdef");
		run.awaitAvailable(6);
		run.note("all", in::available);
		in.read();
		run.note("less", in::available);
		run.peer().end();
		run.note("rest", in::readAllBytes);
		run.note("end", in::available);
		run.noteState(socket);
	}),

	AVAILABLE_ENCRYPTED(Scope.TLS, (run) -> {
		Socket socket = run.connected();
		InputStream in = socket.getInputStream();
		run.peer().write("abcdef");
		run.note("one", () -> in.read());
		run.note("less", in::available);
		run.note("rest", () -> in.readNBytes(5));
		run.note("nothing", in::available);
		run.noteState(socket);
	}),

	SKIP(Scope.BOTH, (run) -> {
		Socket socket = run.connected();
		InputStream in = socket.getInputStream();
		run.peer().write("abcdef");
		run.awaitAvailable(6);
		run.note("skip", () -> in.skip(2));
		run.note("none", () -> in.skip(0));
		run.note("negative", () -> in.skip(-3));
		run.note("read", () -> in.read());
		run.note("exactly", () -> in.skipNBytes(1));
		run.note("read", () -> in.read());
		run.peer().shutdownOutput();
		run.note("beyond", () -> in.skip(10));
		run.note("end", () -> in.skip(10));
		run.note("end", () -> in.skipNBytes(1));
		run.noteState(socket);
	}),

	SKIP_TIMES_OUT(Scope.BOTH, (run) -> {
		Socket socket = run.connected();
		socket.setSoTimeout(30);
		run.note("skip", () -> socket.getInputStream().skip(2));
		run.noteState(socket);
	}),

	READ_TO_THE_END(Scope.BOTH, (run) -> {
		Socket socket = run.connected();
		byte[] bytes = ScenarioRun.pattern(300_000);
		Activity write = run.start("peer writes", () -> {
			run.peer().out().write(bytes);
			run.peer().shutdownOutput();
		});
		run.note("read", () -> Arrays.equals(socket.getInputStream().readAllBytes(), bytes));
		write.join();
		run.noteState(socket);
	}),

	WRITE(Scope.BOTH, (run) -> {
		Socket socket = run.connected();
		OutputStream out = socket.getOutputStream();
		out.write('a');
		out.write(0x100 + 'b');
		out.write("cd".getBytes());
		out.write("..ef..".getBytes(), 2, 2);
		out.write(new byte[0]);
		out.write(new byte[3], 3, 0);
		out.flush();
		run.note("peer", () -> run.peer().read(6));
		run.note("same stream", () -> socket.getOutputStream() == out);
		run.noteState(socket);
	}),

	WRITE_WITH_BAD_ARGUMENTS(Scope.BOTH, (run) -> {
		Socket socket = run.connected();
		OutputStream out = socket.getOutputStream();
		run.note("null", () -> out.write(null));
		run.note("null", () -> out.write(null, 0, 1));
		run.note("negative offset", () -> out.write(new byte[3], -1, 1));
		run.note("negative length", () -> out.write(new byte[3], 0, -1));
		run.note("beyond", () -> out.write(new byte[3], 2, 2));
		out.write('x');
		run.note("nothing was sent", () -> run.peer().read(1));
		run.noteState(socket);
	}),

	WRITE_LARGE(Scope.BOTH, (run) -> {
		Socket socket = run.connected();
		byte[] bytes = ScenarioRun.pattern(3_000_000);
		Activity write = run.start("write", () -> socket.getOutputStream().write(bytes)).awaitWait();
		run.note("peer", () -> Arrays.equals(run.peer().read(bytes.length), bytes));
		write.join();
		run.noteState(socket);
	}),

	WRITE_HAS_NO_TIMEOUT(Scope.BOTH, (run) -> {
		Socket socket = run.connected();
		socket.setSoTimeout(20);
		byte[] bytes = ScenarioRun.pattern(3_000_000);
		Activity write = run.start("write", () -> socket.getOutputStream().write(bytes)).awaitWait();
		ScenarioRun.pause(60);
		run.note("goes on", () -> !write.isDone());
		run.note("peer", () -> Arrays.equals(run.peer().read(bytes.length), bytes));
		write.join();
		run.noteState(socket);
	}),

	WRITERS_TAKE_TURNS(Scope.PLAINTEXT, (run) -> {
		Socket socket = run.connected();
		byte[] first = new byte[500_000];
		byte[] second = new byte[500_000];
		Arrays.fill(second, (byte) 1);
		Activity one = run.start("first", () -> socket.getOutputStream().write(first)).awaitWait();
		Activity two = run.start("second", () -> socket.getOutputStream().write(second)).awaitWait();
		byte[] bytes = run.peer().read(1_000_000);
		run.note("first", () -> Arrays.equals(Arrays.copyOf(bytes, 500_000), first));
		run.note("second", () -> Arrays.equals(Arrays.copyOfRange(bytes, 500_000, 1_000_000), second));
		one.join();
		two.join();
		run.noteState(socket);
	}),

	READER_AND_WRITER(Scope.BOTH, (run) -> {
		Socket socket = run.connected();
		byte[] bytes = ScenarioRun.pattern(1_000_000);
		Activity echo = run.start("echo", () -> {
			run.peer().in().transferTo(run.peer().out());
			run.peer().shutdownOutput();
		});
		Activity write = run.start("write", () -> {
			socket.getOutputStream().write(bytes);
			return "done";
		});
		run.note("read", () -> Arrays.equals(socket.getInputStream().readNBytes(bytes.length), bytes));
		write.join();
		socket.shutdownOutput();
		run.note("end", () -> socket.getInputStream().read());
		run.noteState(socket);
		echo.join();
	}),

	READER_DOES_NOT_STOP_A_WRITER(Scope.BOTH, (run) -> {
		Socket socket = run.connected();
		Activity read = run.start("read", () -> socket.getInputStream().read()).awaitWait();
		socket.getOutputStream().write('x');
		run.note("peer", () -> run.peer().read(1));
		Activity write = run.start("write", () -> socket.getOutputStream().write(new byte[3_000_000])).awaitWait();
		run.peer().write("a");
		read.join();
		run.note("peer", () -> run.peer().read(3_000_000));
		write.join();
		run.noteState(socket);
	}),

	CLOSE_ENDS_A_READ(Scope.PLAINTEXT, (run) -> {
		Socket socket = run.connected();
		Activity read = run.start("read", () -> socket.getInputStream().read()).awaitWait();
		run.note("close", socket::close);
		read.join();
		run.noteState(socket);
		run.note("peer", () -> run.peer().in().read());
	}),

	/**
	 * JSSE shuts the input down before it closes the socket: whether the reader sees the
	 * end of the stream or a closed socket is chance, on every socket.
	 */
	CLOSE_ENDS_AN_ENCRYPTED_READ(Scope.TLS, (run) -> {
		Socket socket = run.connected();
		Activity read = run.start("read", () -> {
			try {
				return socket.getInputStream().read() == -1;
			}
			catch (IOException ex) {
				return true;
			}
		}).awaitWait();
		run.note("close", socket::close);
		read.join();
		run.noteState(socket);
		run.noteState(run.raw());
		run.note("peer", () -> run.peer().in().read());
	}),

	CLOSE_ENDS_A_TIMED_READ(Scope.PLAINTEXT, (run) -> {
		Socket socket = run.connected();
		socket.setSoTimeout(20_000);
		Activity read = run.start("read", () -> socket.getInputStream().read()).awaitWait();
		run.note("close", socket::close);
		read.join();
		run.noteState(socket);
	}),

	CLOSE_ENDS_A_WRITE(Scope.PLAINTEXT, (run) -> {
		Socket socket = run.connected();
		Activity write = run.start("write", () -> ScenarioRun.writeForEver(socket.getOutputStream())).awaitWait();
		run.note("close", socket::close);
		write.join();
		run.noteState(socket);
	}),

	CLOSE_ENDS_A_READ_AND_A_WRITE(Scope.PLAINTEXT, (run) -> {
		Socket socket = run.connected();
		Activity read = run.start("read", () -> socket.getInputStream().read()).awaitWait();
		Activity write = run.start("write", () -> ScenarioRun.writeForEver(socket.getOutputStream())).awaitWait();
		run.note("close", socket::close);
		read.join();
		write.join();
		run.noteState(socket);
	}),

	ABORT_BENEATH_A_READ(Scope.TLS, (run) -> {
		Socket socket = run.connected();
		Activity read = run.start("read", () -> socket.getInputStream().read()).awaitWait();
		run.note("abort", () -> run.raw().close());
		read.join();
		run.noteState(socket);
		run.noteState(run.raw());
	}),

	ABORT_BENEATH_A_TIMED_READ(Scope.TLS, (run) -> {
		Socket socket = run.connected();
		socket.setSoTimeout(20_000);
		Activity read = run.start("read", () -> socket.getInputStream().read()).awaitWait();
		run.note("abort", () -> run.raw().close());
		read.join();
		run.noteState(socket);
		run.noteState(run.raw());
	}),

	ABORT_BENEATH_A_WRITE(Scope.TLS, (run) -> {
		Socket socket = run.connected();
		Activity write = run.start("write", () -> ScenarioRun.writeForEver(socket.getOutputStream())).awaitWait();
		run.note("abort", () -> run.raw().close());
		write.join();
		run.noteState(socket);
		run.noteState(run.raw());
	}),

	CLOSE_OF_A_STREAM_ENDS_A_READ(Scope.PLAINTEXT, (run) -> {
		Socket socket = run.connected();
		InputStream in = socket.getInputStream();
		Activity read = run.start("read", () -> in.read()).awaitWait();
		run.note("close", () -> socket.getOutputStream().close());
		read.join();
		run.noteState(socket);
		run.note("close", in::close);
	}),

	CLOSE_OF_THE_INPUT(Scope.BOTH, (run) -> {
		Socket socket = run.connected();
		run.note("close", () -> socket.getInputStream().close());
		run.noteState(socket);
		run.noteState(run.raw());
		run.note("peer", () -> run.peer().in().read());
	}),

	CLOSE_TELLS_THE_PEER(Scope.BOTH, (run) -> {
		Socket socket = run.connected();
		socket.getOutputStream().write("bye".getBytes());
		run.note("close", socket::close);
		run.note("again", socket::close);
		run.note("peer", () -> ScenarioRun.readAll(run.peer().in()));
		run.noteState(socket);
	}),

	CLOSE_WITH_BYTES_UNREAD(Scope.PLAINTEXT, (run) -> {
		Socket socket = run.connected();
		run.peer().write("abc");
		run.awaitAvailable(3);
		run.note("close", socket::close);
		run.note("peer", () -> ScenarioRun.readAll(run.peer().in()));
		run.note("peer", () -> ScenarioRun.readAll(run.peer().in()));
	}),

	CLOSE_WITHOUT_LINGER_RESETS(Scope.BOTH, (run) -> {
		Socket socket = run.connected();
		socket.setSoLinger(true, 0);
		run.raw().close();
		run.note("peer", () -> ScenarioRun.readAll(run.peer().in()));
		run.noteState(run.raw());
	}),

	CLOSE_WITHOUT_LINGER_RESETS_DURING_A_READ(Scope.PLAINTEXT, (run) -> {
		Socket socket = run.connected();
		socket.setSoLinger(true, 0);
		Activity read = run.start("read", () -> socket.getInputStream().read()).awaitWait();
		run.raw().close();
		read.join();
		run.note("peer", () -> ScenarioRun.readAll(run.peer().in()));
	}),

	CLOSE_LINGERS(Scope.PLAINTEXT, (run) -> {
		Socket socket = run.connected();
		socket.setSoLinger(true, 5);
		socket.getOutputStream().write("bye".getBytes());
		run.note("close", socket::close);
		run.note("peer", () -> ScenarioRun.readAll(run.peer().in()));
	}),

	CLOSED(Scope.PLAINTEXT, (run) -> {
		Socket socket = run.connected();
		InputStream in = socket.getInputStream();
		OutputStream out = socket.getOutputStream();
		socket.close();
		run.note("read", () -> in.read());
		run.note("read", () -> in.read(new byte[0]));
		run.note("available", in::available);
		run.note("skip", () -> in.skip(1));
		run.note("write", () -> out.write(1));
		run.note("write", () -> out.write(new byte[0]));
		run.note("flush", out::flush);
		run.note("close", in::close);
		run.note("close", out::close);
		run.note("input", socket::getInputStream);
		run.note("output", socket::getOutputStream);
		run.note("connect", () -> socket.connect(run.peer().address()));
		run.note("bind", () -> socket.bind(null));
		run.note("shutdown input", socket::shutdownInput);
		run.note("shutdown output", socket::shutdownOutput);
		run.note("urgent", () -> socket.sendUrgentData(1));
		run.note("port", socket::getPort);
		run.note("local port", socket::getLocalPort);
		run.note("address", socket::getInetAddress);
		run.note("local address", socket::getLocalAddress);
		run.note("remote", socket::getRemoteSocketAddress);
		run.note("local", socket::getLocalSocketAddress);
		run.note("supported", socket::supportedOptions);
		noteOptions(run, socket, socket.supportedOptions());
		setOptions(run, socket);
		run.noteState(socket);
	}),

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
	}),

	INTERRUPT_DURING_A_READ(Scope.INTERRUPTS, (run) -> {
		Socket socket = run.connected();
		Activity read = run.start("read", () -> socket.getInputStream().read()).awaitWait();
		read.interrupt();
		ScenarioRun.pause(30);
		run.note("goes on", () -> !read.isDone());
		if (!read.isDone()) {
			run.peer().write("a");
		}
		read.join();
		run.noteState(socket);
	}),

	INTERRUPTS_DURING_A_READ(Scope.INTERRUPTS, (run) -> {
		Socket socket = run.connected();
		Activity read = run.start("read", () -> socket.getInputStream().read()).awaitWait();
		for (int i = 0; i < 20; i++) {
			read.interrupt();
			ScenarioRun.pause(1);
		}
		if (!read.isDone()) {
			run.peer().write("a");
		}
		read.join();
		run.noteState(socket);
	}),

	INTERRUPT_DURING_A_TIMED_READ(Scope.INTERRUPTS, (run) -> {
		Socket socket = run.connected();
		socket.setSoTimeout(200);
		long start = System.nanoTime();
		Activity read = run.start("read", () -> socket.getInputStream().read()).awaitWait();
		read.interrupt();
		read.join();
		run.note("took its time", () -> System.nanoTime() - start >= TimeUnit.MILLISECONDS.toNanos(180));
		run.noteState(socket);
	}),

	INTERRUPTED_BEFORE_A_READ_THAT_WAITS(Scope.INTERRUPTS, (run) -> {
		Socket socket = run.connected();
		Activity read = run.start("read", () -> {
			Thread.currentThread().interrupt();
			return socket.getInputStream().read();
		}).awaitWait();
		if (!read.isDone()) {
			run.peer().write("a");
		}
		read.join();
		run.noteState(socket);
	}),

	INTERRUPTED_BEFORE_A_READ_THAT_NEED_NOT_WAIT(Scope.BOTH, (run) -> {
		Socket socket = run.connected();
		run.peer().write("a");
		run.awaitAvailable(1);
		run.start("read", () -> {
			Thread.currentThread().interrupt();
			return socket.getInputStream().read();
		}).join();
		run.noteState(socket);
	}),

	INTERRUPT_OF_A_READER_THAT_IS_CLOSED(Scope.INTERRUPTS_IN_PLAINTEXT, (run) -> {
		Socket socket = run.connected();
		Activity read = run.start("read", () -> socket.getInputStream().read()).awaitWait();
		read.interrupt();
		ScenarioRun.pause(10);
		socket.close();
		read.join();
		run.noteState(socket);
	}),

	INTERRUPT_OF_ONE_OF_TWO_READERS(Scope.INTERRUPTS_IN_PLAINTEXT, (run) -> {
		Socket socket = run.connected();
		Activity first = run.start("first", () -> socket.getInputStream().read()).awaitWait();
		Activity second = run.start("second", () -> socket.getInputStream().read()).awaitWait();
		first.interrupt();
		ScenarioRun.pause(30);
		if (!first.isDone()) {
			run.peer().write("aa");
		}
		first.join();
		second.join();
		run.noteState(socket);
	}),

	INTERRUPT_DURING_A_WRITE(Scope.INTERRUPTS_IN_PLAINTEXT, (run) -> {
		Socket socket = run.connected();
		byte[] bytes = ScenarioRun.pattern(3_000_000);
		Activity write = run.start("write", () -> socket.getOutputStream().write(bytes)).awaitWait();
		write.interrupt();
		ScenarioRun.pause(30);
		run.note("goes on", () -> !write.isDone());
		if (!write.isDone()) {
			run.note("peer", () -> Arrays.equals(run.peer().read(bytes.length), bytes));
		}
		write.join();
		run.noteState(socket);
	}),

	INTERRUPTED_BEFORE_A_WRITE_THAT_WAITS(Scope.INTERRUPTS_IN_PLAINTEXT, (run) -> {
		Socket socket = run.connected();
		byte[] bytes = ScenarioRun.pattern(3_000_000);
		Activity write = run.start("write", () -> {
			Thread.currentThread().interrupt();
			socket.getOutputStream().write(bytes);
		}).awaitWait();
		if (!write.isDone()) {
			run.note("peer", () -> Arrays.equals(run.peer().read(bytes.length), bytes));
		}
		write.join();
		run.noteState(socket);
	});

	private final Scope scope;

	private final Script script;

	SocketScenario(Scope scope, Script script) {
		this.scope = scope;
		this.script = script;
	}

	Scope scope() {
		return this.scope;
	}

	void play(ScenarioRun run) throws Exception {
		this.script.play(run);
	}

	private static void noteOptions(ScenarioRun run, Socket socket, Collection<SocketOption<?>> options) {
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

	private static void setOptions(ScenarioRun run, Socket socket) {
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

	/**
	 * Where a scenario makes sense, and what it is compared with.
	 */
	enum Scope {

		PLAINTEXT, TLS, BOTH,

		/**
		 * On a virtual thread the JDK closes its socket when the thread is interrupted.
		 * Ours go on, as the JDK's does on a platform thread.
		 */
		INTERRUPTS,

		INTERRUPTS_IN_PLAINTEXT,

		/**
		 * The same, except that the parking socket is closed as the JDK's is: nothing is
		 * lost yet.
		 */
		INTERRUPTS_WHILE_CONNECTING;

		boolean includes(Transport transport) {
			return switch (this) {
				case BOTH, INTERRUPTS -> true;
				case TLS -> transport == Transport.TLS;
				case PLAINTEXT, INTERRUPTS_IN_PLAINTEXT, INTERRUPTS_WHILE_CONNECTING ->
					transport == Transport.PLAINTEXT;
			};
		}

		boolean interrupts() {
			return name().startsWith("INTERRUPTS");
		}

	}

	@FunctionalInterface
	private interface Script {

		void play(ScenarioRun run) throws Exception;

	}

}
