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

package org.cooperativejdbc.carrier;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import org.cooperativejdbc.InterruptPolicy;
import org.cooperativejdbc.WaitStrategy;
import org.cooperativejdbc.carrier.EventLoopsTests.Started;
import org.cooperativejdbc.socket.CooperativeSocket;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.Timeout.ThreadMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Many short races on real selectors. A wake-up that is lost is one that never comes: the
 * watch for threads that make no progress, which would hide it, does not look here.
 */
@Timeout(value = 10, unit = TimeUnit.MINUTES, threadMode = ThreadMode.SEPARATE_THREAD)
class EventLoopRaceTests {

	private static final int RACES = Integer.getInteger("races", 20_000);

	private static final Duration NO_RELIEF = Duration.ofHours(1);

	private static final int LIMIT_SECONDS = 30 + RACES / 1000;

	@ParameterizedTest
	@EnumSource
	void threadsWakeEachOther(Group group) throws Exception {
		try (Started started = start(group)) {
			ThreadFactory factory = started.loops().threadFactory("t-");
			Thread[] threads = new Thread[2];
			AtomicInteger turn = new AtomicInteger();
			List<CompletableFuture<Integer>> ended = new ArrayList<>();
			for (int i = 0; i < 2; i++) {
				int me = i;
				CompletableFuture<Integer> end = new CompletableFuture<>();
				ended.add(end);
				threads[i] = factory.newThread(() -> {
					for (int race = 0; race < RACES; race++) {
						while (turn.get() % 2 != me) {
							LockSupport.park();
						}
						turn.incrementAndGet();
						LockSupport.unpark(threads[1 - me]);
					}
					end.complete(me);
				});
			}
			threads[0].start();
			threads[1].start();
			join(ended);
			assertThat(turn).hasValue(2 * RACES);
		}
	}

	@ParameterizedTest
	@EnumSource
	void answersReachTheirReaders(Group group) throws Exception {
		try (Started started = start(group); ServerSocket server = server()) {
			List<CompletableFuture<Integer>> ended = new ArrayList<>();
			for (ThreadFactory factory : List.of(started.loops().threadFactory("t-"), Thread.ofPlatform().factory())) {
				CooperativeSocket client = connect(started, server);
				CooperativeSocket peer = relayed(started, server, ended);
				ended.add(Tasks.start(factory, () -> echo(client, true)));
				ended.add(Tasks.start(started.loops().threadFactory("peer-"), () -> echo(peer, false)));
			}
			join(ended);
		}
	}

	/**
	 * Return a second client, connected to the one that the server has to accept.
	 */
	private static CooperativeSocket relayed(Started started, ServerSocket server,
			List<CompletableFuture<Integer>> ended) throws IOException {
		Socket relayed = server.accept();
		CooperativeSocket peer = connect(started, server);
		Socket other = server.accept();
		ended.add(Tasks.start(Thread.ofVirtual().factory(), () -> relay(relayed, other)));
		ended.add(Tasks.start(Thread.ofVirtual().factory(), () -> relay(other, relayed)));
		return peer;
	}

	private static int relay(Socket from, Socket to) throws IOException {
		for (int race = 0; race < RACES / 4; race++) {
			to.getOutputStream().write(from.getInputStream().read());
		}
		return 0;
	}

	private static int echo(Socket socket, boolean first) throws IOException {
		socket.setTcpNoDelay(true);
		for (int race = 0; race < RACES / 4; race++) {
			if (first) {
				socket.getOutputStream().write(race);
			}
			assertThat(socket.getInputStream().read()).isEqualTo(race & 0xff);
			if (!first) {
				socket.getOutputStream().write(race);
			}
		}
		return 0;
	}

	@ParameterizedTest
	@EnumSource
	void timeoutsThatRaceWithAnswersLoseNone(Group group) throws Exception {
		try (Started started = start(group); ServerSocket server = server()) {
			CooperativeSocket client = connect(started, server);
			Socket peer = server.accept();
			client.setSoTimeout(1);
			join(List.of(Tasks.start(started.loops().threadFactory("t-"), () -> readInSpiteOfTimeouts(client)),
					Tasks.start(Thread.ofPlatform().factory(), () -> {
						for (int race = 0; race < RACES / 40; race++) {
							LockSupport.parkNanos(950_000 + race % 10 * 10_000);
							peer.getOutputStream().write(race);
						}
						return 0;
					})));
		}
	}

	private static int readInSpiteOfTimeouts(Socket socket) throws IOException {
		int timeouts = 0;
		for (int race = 0; race < RACES / 40;) {
			try {
				assertThat(socket.getInputStream().read()).isEqualTo(race & 0xff);
				race++;
			}
			catch (SocketTimeoutException ex) {
				timeouts++;
			}
		}
		return timeouts;
	}

	@ParameterizedTest
	@EnumSource
	void closeThatRacesWithAReadEndsIt(Group group) throws Exception {
		try (Started started = start(group); ServerSocket server = server()) {
			ThreadFactory factory = started.loops().threadFactory("t-");
			for (int race = 0; race < RACES / 10; race++) {
				CooperativeSocket client = connect(started, server);
				try (Socket peer = server.accept()) {
					ThreadFactory threads = (race % 4 == 0) ? Thread.ofPlatform().factory() : factory;
					CompletableFuture<Integer> read = Tasks.start(threads, () -> {
						assertThatExceptionOfType(SocketException.class)
							.isThrownBy(() -> client.getInputStream().read())
							.withMessageMatching("Socket (is )?closed");
						return 0;
					});
					IntStream.range(0, race % 100 * 20).forEach((spin) -> Thread.onSpinWait());
					client.close();
					join(List.of(read));
				}
			}
		}
	}

	@ParameterizedTest
	@EnumSource
	void firstWaitsOfAChannelRaceWithEachOther(Group group) throws Exception {
		try (Started started = start(group); ServerSocket server = server()) {
			ThreadFactory factory = started.loops().threadFactory("t-");
			for (int race = 0; race < RACES / 2; race++) {
				try (SocketChannel channel = SocketChannel.open(server.getLocalSocketAddress());
						Socket peer = server.accept()) {
					channel.configureBlocking(false);
					List<CompletableFuture<Integer>> waits = Stream.of(SelectionKey.OP_READ, SelectionKey.OP_WRITE)
						.map((operation) -> Tasks.start(factory, () -> {
							started.loops().await(channel, operation, WaitStrategy.NO_TIMEOUT);
							return operation;
						}))
						.toList();
					peer.getOutputStream().write(race);
					join(waits);
				}
			}
		}
	}

	private static Started start(Group group) throws IOException {
		if (group == Group.NETTY) {
			NettyEventLoops netty = new NettyEventLoops(2, NO_RELIEF);
			return new Started(netty, netty);
		}
		EventLoops loops = EventLoops.start((group == Group.TWO_CARRIERS) ? 2 : 5, NO_RELIEF);
		return new Started(loops, loops);
	}

	private static ServerSocket server() throws IOException {
		return new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
	}

	private static CooperativeSocket connect(Started started, ServerSocket server) throws IOException {
		CooperativeSocket socket = new CooperativeSocket(started.loops(), (thread) -> false, InterruptPolicy.DEFER,
				Duration.ofSeconds(5));
		socket.connect(new InetSocketAddress(server.getInetAddress(), server.getLocalPort()));
		return socket;
	}

	private static void join(List<CompletableFuture<Integer>> ended) throws Exception {
		for (CompletableFuture<Integer> end : ended) {
			end.get(LIMIT_SECONDS, TimeUnit.SECONDS);
		}
	}

	enum Group {

		TWO_CARRIERS,

		/**
		 * More than this machine may have processors.
		 */
		FIVE_CARRIERS,

		/**
		 * Two loops of Netty, with a thread each.
		 */
		NETTY

	}

}
