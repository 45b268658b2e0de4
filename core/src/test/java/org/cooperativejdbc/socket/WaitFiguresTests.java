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
import java.net.Socket;
import java.net.SocketException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

import org.cooperativejdbc.BlockingOnEventLoopException;
import org.cooperativejdbc.Deadline;
import org.cooperativejdbc.InterruptPolicy;
import org.cooperativejdbc.carrier.EventLoops;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests for {@link WaitFigures}.
 */
@Timeout(60)
class WaitFiguresTests {

	private static final Duration GRACE = Duration.ofMillis(500);

	private static final Duration LONG_GRACE = Duration.ofMinutes(5);

	private final WaitFigures figures = new WaitFigures();

	private final Queue<Long> waits = new ConcurrentLinkedQueue<>();

	private final List<AutoCloseable> resources = new ArrayList<>();

	@AfterEach
	void close() throws Exception {
		for (AutoCloseable resource : this.resources.reversed()) {
			resource.close();
		}
	}

	@ParameterizedTest
	@ValueSource(booleans = { true, false })
	void waitIsSeenWhileItGoesOnAndToldWhenItHasEnded(boolean parking) throws Exception {
		Peer peer = peer();
		Socket socket = connected(parking, peer, LONG_GRACE, (thread) -> false);
		this.figures.onWait((nanos) -> {
			throw new IllegalStateException("on purpose");
		});
		FutureTask<Integer> first = read(socket);
		awaitWait(socket, first);
		peer.write("a");
		assertThat(first.get(20, TimeUnit.SECONDS)).isEqualTo('a');
		this.figures.close();
		this.figures.onWait(this.waits::add);
		this.figures.onWait(this.waits::add);
		FutureTask<Integer> second = read(socket);
		awaitWait(socket, second);
		peer.write("b");
		assertThat(second.get(20, TimeUnit.SECONDS)).isEqualTo('b');
		assertThat(this.waits).hasSize(2).allMatch((nanos) -> nanos >= TimeUnit.MILLISECONDS.toNanos(20));
		assertThat(((DriverSocket) socket).waitingNanos()).isZero();
		this.figures.close();
		peer.write("c");
		assertThat(read(socket).get(20, TimeUnit.SECONDS)).isEqualTo('c');
		assertThat(this.waits).hasSize(2);
	}

	@ParameterizedTest
	@ValueSource(booleans = { true, false })
	void statementsThatAreCanceledAreCountedByTheirCause(boolean parking) throws Exception {
		Peer peer = peer();
		Socket socket = connected(parking, peer, LONG_GRACE, (thread) -> false);
		((DriverSocket) socket).cancelWith(() -> peer.write("canceled"));
		FutureTask<Integer> late = new FutureTask<>(() -> {
			try (Deadline.Scope scope = Deadline.after(Duration.ofMillis(20)).enter()) {
				return socket.getInputStream().read(new byte[100]);
			}
		});
		Thread.startVirtualThread(late);
		assertThat(late.get(20, TimeUnit.SECONDS)).isPositive();
		assertThat(this.figures.deadlines()).isEqualTo(1);
		assertThat(this.figures.interrupts()).isZero();
		FutureTask<Integer> interrupted = new FutureTask<>(() -> {
			Thread.currentThread().interrupt();
			return socket.getInputStream().read(new byte[100]);
		});
		while (socket.getInputStream().available() > 0) {
			socket.getInputStream().skip(1);
		}
		Thread.startVirtualThread(interrupted);
		assertThat(interrupted.get(20, TimeUnit.SECONDS)).isPositive();
		assertThat(this.figures.deadlines()).isEqualTo(1);
		assertThat(this.figures.interrupts()).isEqualTo(1);
		assertThat(this.figures.unanswered()).isZero();
	}

	@ParameterizedTest
	@ValueSource(booleans = { true, false })
	void connectionsThatAreClosedForWantOfAnAnswerAreCounted(boolean parking) throws Exception {
		Socket socket = connected(parking, peer(), GRACE, (thread) -> false);
		((DriverSocket) socket).cancelWith(() -> {
		});
		try (Deadline.Scope scope = Deadline.after(Duration.ZERO).enter()) {
			assertThatExceptionOfType(SocketException.class).isThrownBy(() -> socket.getInputStream().read())
				.withMessageContaining("the server has not answered in time");
		}
		assertThat(this.figures.deadlines()).isEqualTo(1);
		assertThat(this.figures.unanswered()).isEqualTo(1);
	}

	@ParameterizedTest
	@ValueSource(booleans = { true, false })
	void waitsThatAreRefusedOnEventLoopsAreCounted(boolean parking) throws Exception {
		Thread loop = Thread.currentThread();
		Peer peer = peer();
		FutureTask<Socket> connect = new FutureTask<>(
				() -> connected(parking, peer, LONG_GRACE, (thread) -> thread == loop));
		Thread.ofPlatform().start(connect);
		Socket socket = connect.get(20, TimeUnit.SECONDS);
		assertThat(this.figures.refused()).isZero();
		assertThatExceptionOfType(BlockingOnEventLoopException.class)
			.isThrownBy(() -> socket.getOutputStream().write(1));
		assertThatExceptionOfType(BlockingOnEventLoopException.class).isThrownBy(() -> socket.getInputStream().read());
		assertThat(this.figures.refused()).isEqualTo(2);
	}

	private static FutureTask<Integer> read(Socket socket) {
		FutureTask<Integer> read = new FutureTask<>(() -> socket.getInputStream().read());
		Thread.startVirtualThread(read);
		return read;
	}

	private static void awaitWait(Socket socket, FutureTask<?> task) {
		while (((DriverSocket) socket).waitingNanos() < TimeUnit.MILLISECONDS.toNanos(20)) {
			assertThat(task.isDone()).isFalse();
			Thread.onSpinWait();
		}
	}

	private Peer peer() throws Exception {
		Peer peer = new Peer(Transport.PLAINTEXT, InetAddress.getLoopbackAddress());
		this.resources.add(peer);
		return peer;
	}

	private Socket connected(boolean parking, Peer peer, Duration grace, Predicate<Thread> eventLoopThread)
			throws Exception {
		EventLoops loops = EventLoops.start(1);
		this.resources.add(loops);
		Socket socket = parking ? new ParkingSocket(eventLoopThread, InterruptPolicy.CANCEL, grace, this.figures)
				: new CooperativeSocket(loops, eventLoopThread, InterruptPolicy.CANCEL, grace, this.figures);
		this.resources.add(socket);
		socket.connect(peer.address());
		return socket;
	}

}
