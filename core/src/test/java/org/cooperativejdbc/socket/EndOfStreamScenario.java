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

import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;

import org.cooperativejdbc.socket.ScenarioRun.Activity;

/**
 * What can happen to a socket when one of the sides ends what it sends, or the
 * connection.
 */
enum EndOfStreamScenario implements SocketScenario {

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
	});

	private final Plan plan;

	EndOfStreamScenario(Scope scope, Script script) {
		this.plan = new Plan(scope, script);
	}

	@Override
	public Plan plan() {
		return this.plan;
	}

}
