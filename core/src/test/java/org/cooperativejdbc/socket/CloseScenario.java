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
import java.net.Socket;

import org.cooperativejdbc.socket.ScenarioRun.Activity;

/**
 * What can happen to a socket that is closed, and what it does then.
 */
enum CloseScenario implements SocketScenario {

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
		OptionScenario.noteOptions(run, socket, socket.supportedOptions());
		OptionScenario.setOptions(run, socket);
		run.noteState(socket);
	});

	private final Plan plan;

	CloseScenario(Scope scope, Script script) {
		this.plan = new Plan(scope, script);
	}

	@Override
	public Plan plan() {
		return this.plan;
	}

}
