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
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.util.Arrays;
import java.util.List;

import org.cooperativejdbc.socket.ScenarioRun.Activity;

/**
 * What can happen to a socket whose peer sends something, or nothing.
 */
enum ReadScenario implements SocketScenario {

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
	});

	private final Plan plan;

	ReadScenario(Scope scope, Script script) {
		this.plan = new Plan(scope, script);
	}

	@Override
	public Plan plan() {
		return this.plan;
	}

}
