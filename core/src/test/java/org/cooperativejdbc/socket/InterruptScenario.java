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

import java.net.Socket;
import java.util.Arrays;

import org.cooperativejdbc.socket.ScenarioRun.Activity;

/**
 * What can happen to a socket when a thread that reads or writes is interrupted.
 */
enum InterruptScenario implements SocketScenario {

	INTERRUPT_DURING_A_READ(Scope.INTERRUPTS, (run) -> {
		Socket socket = run.connected();
		Activity read = run.start("read", () -> socket.getInputStream().read()).awaitWait();
		read.interrupt();
		run.awaitEffect(read);
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
		run.awaitEffect(read);
		if (!read.isDone()) {
			run.peer().write("a");
		}
		read.join();
		run.noteState(socket);
	}),

	INTERRUPT_DURING_A_TIMED_READ(Scope.INTERRUPTS, (run) -> {
		Socket socket;
		Activity read;
		do {
			Socket connected = run.connected();
			connected.setSoTimeout(200);
			socket = connected;
			read = run.start("read", () -> connected.getInputStream().read()).awaitWait();
		}
		while (!read.interruptWithin(200));
		read.join();
		boolean tookItsTime = read.elapsedMillis() >= 180;
		run.note("took its time", () -> tookItsTime);
		run.noteState(socket);
	}),

	INTERRUPTED_BEFORE_A_READ_THAT_WAITS(Scope.INTERRUPTS, (run) -> {
		Socket socket = run.connected();
		Activity read = run.start("read", () -> {
			Thread.currentThread().interrupt();
			return socket.getInputStream().read();
		}).awaitWait();
		run.awaitEffect(read);
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
		run.awaitEffect(read);
		socket.close();
		read.join();
		run.noteState(socket);
	}),

	INTERRUPT_OF_ONE_OF_TWO_READERS(Scope.INTERRUPTS_IN_PLAINTEXT, (run) -> {
		Socket socket = run.connected();
		Activity first = run.start("first", () -> socket.getInputStream().read()).awaitWait();
		Activity second = run.start("second", () -> socket.getInputStream().read()).awaitWait();
		first.interrupt();
		run.awaitEffect(first);
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
		run.awaitEffect(write);
		run.note("peer", () -> Arrays.equals(run.peer().read(bytes.length), bytes));
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
		run.note("peer", () -> Arrays.equals(run.peer().read(bytes.length), bytes));
		write.join();
		run.noteState(socket);
	});

	private final Plan plan;

	InterruptScenario(Scope scope, Script script) {
		this.plan = new Plan(scope, script);
	}

	@Override
	public Plan plan() {
		return this.plan;
	}

}
