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

import java.io.OutputStream;
import java.net.Socket;
import java.util.Arrays;

import org.cooperativejdbc.socket.ScenarioRun.Activity;

/**
 * What can happen to a socket that sends something.
 */
enum WriteScenario implements SocketScenario {

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
	});

	private final Plan plan;

	WriteScenario(Scope scope, Script script) {
		this.plan = new Plan(scope, script);
	}

	@Override
	public Plan plan() {
		return this.plan;
	}

}
