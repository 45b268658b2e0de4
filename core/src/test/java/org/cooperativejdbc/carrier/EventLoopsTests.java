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
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.channels.SelectionKey;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;

import org.cooperativejdbc.InterruptPolicy;
import org.cooperativejdbc.WaitStrategy;
import org.cooperativejdbc.socket.CooperativeSocket;
import org.cooperativejdbc.test.TestDatabase;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.test.util.ReflectionTestUtils;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests for {@link EventLoops}, on loops of our own and on Netty's.
 */
class EventLoopsTests {

	private static final Duration STALL_THRESHOLD = Duration.ofMillis(50);

	/**
	 * Keeps a loop that only waits for a processor from being relieved.
	 */
	private static final Duration NO_RELIEF = Duration.ofHours(1);

	@Test
	void threadsTakeTurnsOnTheLoopsOfNetty() throws Exception {
		try (Started started = Kind.NETTY.start(2, NO_RELIEF)) {
			ThreadFactory factory = started.loops.threadFactory("t-");
			List<String> carriers = new ArrayList<>();
			for (int i = 0; i < 4; i++) {
				carriers.add(Tasks.run(factory, Tasks::carrier));
			}
			assertThat(carriers).containsExactly("cooperative-jdbc-loop-1", "cooperative-jdbc-loop-2",
					"cooperative-jdbc-loop-1", "cooperative-jdbc-loop-2");
		}
	}

	@ParameterizedTest
	@EnumSource
	void timedReadEndsAtItsTimeoutAndLaterDataIsRead(Kind kind) throws Exception {
		try (Started started = kind.start(1); ServerSocket server = server()) {
			int read = Tasks.run(started.loops.threadFactory("t-"), () -> {
				try (Socket socket = connect(started, server); Socket peer = server.accept()) {
					socket.setSoTimeout(20);
					assertThatExceptionOfType(SocketTimeoutException.class)
						.isThrownBy(() -> socket.getInputStream().read())
						.withMessage("Read timed out");
					peer.getOutputStream().write(7);
					return socket.getInputStream().read();
				}
			});
			assertThat(read).isEqualTo(7);
		}
	}

	@ParameterizedTest
	@EnumSource
	void anyThreadWaitsForTheSameChannel(Kind kind) throws Exception {
		try (Started started = kind.start(1); ServerSocket server = server()) {
			ThreadFactory carried = started.loops.threadFactory("t-");
			try (Socket socket = Tasks.run(carried, () -> connect(started, server)); Socket peer = server.accept()) {
				for (ThreadFactory factory : List.of(carried, Thread.ofPlatform().factory(),
						Thread.ofVirtual().factory(), carried)) {
					CompletableFuture<Integer> read = Tasks.start(factory, () -> socket.getInputStream().read());
					peer.getOutputStream().write(3);
					assertThat(read.get(10, TimeUnit.SECONDS)).isEqualTo(3);
				}
			}
		}
	}

	@ParameterizedTest
	@EnumSource
	void closeByAnotherThreadEndsTheWait(Kind kind) throws Exception {
		try (Started started = kind.start(1); ServerSocket server = server()) {
			ThreadFactory carried = started.loops.threadFactory("t-");
			for (ThreadFactory factory : List.of(carried, Thread.ofPlatform().factory())) {
				Socket socket = Tasks.run(carried, () -> connect(started, server));
				CountDownLatch reading = new CountDownLatch(1);
				CompletableFuture<Integer> read = Tasks.start(factory, () -> {
					reading.countDown();
					return socket.getInputStream().read();
				});
				reading.await();
				socket.close();
				assertThat(read).failsWithin(Duration.ofSeconds(10))
					.withThrowableThat()
					.havingCause()
					.isInstanceOf(SocketException.class)
					.withMessageMatching("Socket (is )?closed");
			}
		}
	}

	@ParameterizedTest
	@EnumSource
	@ExtendWith(OutputCaptureExtension.class)
	void continuationThatFailsDoesNotEndItsCarrier(Kind kind, CapturedOutput output) throws Exception {
		try (Started started = kind.start(1, NO_RELIEF)) {
			ThreadFactory factory = started.loops.threadFactory("t-");
			String carrier = Tasks.run(factory, Tasks::carrier);
			CompletableFuture<Void> failing = new CompletableFuture<>();
			started.scheduler().execute(() -> {
				failing.complete(null);
				throw new OutOfMemoryError("as the JDK may fail between two threads");
			});
			failing.get(20, TimeUnit.SECONDS);
			assertThat(Tasks.run(factory, Tasks::carrier)).isEqualTo(carrier);
			assertThat(output).contains("A virtual thread may have been lost");
		}
	}

	@ParameterizedTest
	@EnumSource
	void threadsThatHaveNotEndedGoOnWhenTheLoopsEnd(Kind kind) throws Exception {
		for (int round = 0; round < 50; round++) {
			endLoopsWithThreadsThatWait(kind);
		}
	}

	private void endLoopsWithThreadsThatWait(Kind kind) throws Exception {
		CompletableFuture<String> parked = new CompletableFuture<>();
		CompletableFuture<String> waiting = new CompletableFuture<>();
		CompletableFuture<String> timed = new CompletableFuture<>();
		CountDownLatch running = new CountDownLatch(3);
		Thread sleeper;
		try (ServerSocket server = server()) {
			try (Started started = kind.start(1)) {
				ThreadFactory factory = started.loops.threadFactory("t-");
				sleeper = factory.newThread(() -> {
					running.countDown();
					LockSupport.park();
					parked.complete(Tasks.carrier());
				});
				sleeper.start();
				factory.newThread(() -> {
					running.countDown();
					LockSupport.parkNanos(Duration.ofMillis(20).toNanos());
					timed.complete(Tasks.carrier());
				}).start();
				factory.newThread(() -> {
					try (Socket socket = connect(started, server)) {
						running.countDown();
						socket.getInputStream().read();
					}
					catch (Throwable ex) {
						waiting.complete(ex.toString());
					}
				}).start();
				running.await();
			}
			assertThat(waiting.get(10, TimeUnit.SECONDS)).startsWith("java.net.SocketException");
			assertThat(timed.get(10, TimeUnit.SECONDS)).isNotEmpty();
			LockSupport.unpark(sleeper);
			assertThat(parked.get(10, TimeUnit.SECONDS)).startsWith("ForkJoinPool");
		}
	}

	/**
	 * The statement is answered when the loop is pinned, and not before.
	 */
	@ParameterizedTest
	@EnumSource
	void pinnedThreadDoesNotStopTheStatementsOfTheOthers(Kind kind) throws Exception {
		try (Started started = kind.start(1); var other = TestDatabase.instance().connect()) {
			ThreadFactory factory = started.loops.threadFactory("t-");
			try (var connection = Tasks.run(factory, () -> TestDatabase.instance().connect(started.loops));
					var lock = other.createStatement()) {
				lock.execute("select pg_advisory_lock(4713)");
				CompletableFuture<Boolean> statement = Tasks.start(factory, () -> {
					try (var statements = connection.createStatement()) {
						return statements.execute("select pg_advisory_lock(4713)");
					}
				});
				CountDownLatch release = new CountDownLatch(1);
				CompletableFuture<Boolean> pinning = new CompletableFuture<>();
				CompletableFuture<String> pinned = Tasks.start(factory, () -> {
					pinning.complete(true);
					return pin(kind, release);
				});
				assertThat(pinning.get(20, TimeUnit.SECONDS)).isTrue();
				lock.execute("select pg_advisory_unlock(4713)");
				assertThat(statement.get(20, TimeUnit.SECONDS)).isTrue();
				assertThat(pinned).isNotDone();
				assertThat(started.loops.stalls()).isPositive();
				release.countDown();
				assertThat(pinned.get(10, TimeUnit.SECONDS)).isNotEmpty();
			}
		}
	}

	@Test
	@ExtendWith(OutputCaptureExtension.class)
	void stallThatLastsIsLoggedOnceInOneLineWithThePlaceOfTheCulprit(CapturedOutput output) throws Exception {
		try (Started started = Kind.SELECTOR.start(1)) {
			CountDownLatch release = new CountDownLatch(1);
			Pinned.release = release;
			CompletableFuture<String> pinned = Tasks.start(started.loops.threadFactory("t-"),
					() -> PinnedForLong.value);
			long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
			while (!output.getOut().contains("EventLoopsTests$Pinned.pin(")) {
				assertThat(System.nanoTime()).isLessThan(deadline);
				Thread.onSpinWait();
			}
			release.countDown();
			pinned.get(10, TimeUnit.SECONDS);
			assertThat(output.getOut()).containsOnlyOnce("'cooperative-jdbc-loop-1' has made no progress for ")
				.doesNotContain("\tat ");
		}
	}

	/**
	 * A lock passes to a thread that the loop carries while the loop's own thread waits
	 * for the same lock. Without help neither would ever run again.
	 */
	@Test
	void lockThatPassesFromALoopToAThreadItCarriesIsNoDeadlock() throws Exception {
		try (Started started = Kind.NETTY.start(1)) {
			ReentrantLock lock = new ReentrantLock();
			ThreadFactory factory = started.loops.threadFactory("t-");
			lock.lock();
			CompletableFuture<String> carried = Tasks.start(factory, () -> locked(lock));
			awaitQueueLength(lock, 1);
			CompletableFuture<String> loop = new CompletableFuture<>();
			started.netty().group().execute(() -> loop.complete(locked(lock)));
			awaitQueueLength(lock, 2);
			lock.unlock();
			assertThat(carried.get(20, TimeUnit.SECONDS)).isNotEmpty();
			assertThat(loop.get(20, TimeUnit.SECONDS)).isNotEmpty();
		}
	}

	/**
	 * A selector does not wait while there is interest in the connect of a channel that
	 * is connected, and never reports it.
	 */
	@ParameterizedTest
	@EnumSource
	void waitForAConnectThatEndsEarlyDoesNotKeepTheLoopBusy(Kind kind) throws Exception {
		try (Started started = kind.start(1); ServerSocketChannel server = ServerSocketChannel.open()) {
			server.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
			List<SocketChannel> channels = Tasks.run(started.loops.threadFactory("t-"),
					() -> connectAll(started, server));
			long before = started.cpuNanos();
			long end = System.nanoTime() + Duration.ofMillis(300).toNanos();
			while (System.nanoTime() < end) {
				LockSupport.parkNanos(end - System.nanoTime());
			}
			assertThat(Duration.ofNanos(started.cpuNanos() - before)).isLessThan(Duration.ofMillis(100));
			for (SocketChannel channel : channels) {
				channel.close();
			}
		}
	}

	private static List<SocketChannel> connectAll(Started started, ServerSocketChannel server) throws IOException {
		List<SocketChannel> channels = new ArrayList<>();
		for (int i = 0; i < 20; i++) {
			SocketChannel channel = SocketChannel.open();
			channel.configureBlocking(false);
			channel.connect(server.getLocalAddress());
			LockSupport.unpark(Thread.currentThread());
			started.loops.await(channel, SelectionKey.OP_CONNECT, WaitStrategy.NO_TIMEOUT);
			while (!channel.finishConnect()) {
				Thread.onSpinWait();
			}
			channels.add(channel);
		}
		return channels;
	}

	/**
	 * Netty's remedy for selectors that keep returning without a reason.
	 */
	@Test
	void connectionsSurviveThatNettyExchangesItsSelector() throws Exception {
		try (Started started = Kind.NETTY.start(1)) {
			ThreadFactory factory = started.loops.threadFactory("t-");
			try (var connection = Tasks.run(factory, () -> TestDatabase.instance().connect(started.loops))) {
				Tasks.run(factory, () -> select(connection));
				Object ioHandler = Started.field(started.scheduler(), "ioHandler");
				started.netty()
					.group()
					.submit(() -> ReflectionTestUtils.invokeMethod(ioHandler, "rebuildSelector0"))
					.get();
				assertThat(Tasks.run(factory, () -> select(connection))).isTrue();
			}
		}
	}

	private static boolean select(Connection connection) throws SQLException {
		try (Statement statement = connection.createStatement()) {
			return statement.execute("select pg_sleep(0.01)");
		}
	}

	private static void awaitQueueLength(ReentrantLock lock, int length) {
		long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
		while (lock.getQueueLength() < length) {
			assertThat(System.nanoTime()).isLessThan(deadline);
			Thread.onSpinWait();
		}
	}

	private static String locked(ReentrantLock lock) {
		lock.lock();
		try {
			return Thread.currentThread().toString();
		}
		finally {
			lock.unlock();
		}
	}

	private static String pin(Kind kind, CountDownLatch release) {
		Pinned.release = release;
		return (kind == Kind.SELECTOR) ? PinnedBySelector.value : PinnedByNetty.value;
	}

	private static ServerSocket server() throws IOException {
		return new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
	}

	private static Socket connect(Started started, ServerSocket server) throws IOException {
		Socket socket = new CooperativeSocket(started.loops, (thread) -> false, InterruptPolicy.DEFER,
				Duration.ofSeconds(5));
		socket.connect(new InetSocketAddress(server.getInetAddress(), server.getLocalPort()));
		return socket;
	}

	enum Kind {

		SELECTOR {

			@Override
			Started start(int threads, Duration stallThreshold) throws IOException {
				EventLoops loops = EventLoops.start(threads, stallThreshold);
				return new Started(loops, loops);
			}

		},

		NETTY {

			@Override
			Started start(int threads, Duration stallThreshold) throws IOException {
				NettyEventLoops netty = new NettyEventLoops(threads, stallThreshold);
				return new Started(netty, netty);
			}

		};

		Started start(int threads) throws IOException {
			return start(threads, STALL_THRESHOLD);
		}

		abstract Started start(int threads, Duration stallThreshold) throws IOException;

	}

	record Started(EventLoops loops, AutoCloseable closeable) implements AutoCloseable {

		CarrierScheduler scheduler() {
			return this.loops.scheduler();
		}

		/**
		 * Return the processor time that the threads of the loops have taken.
		 */
		long cpuNanos() {
			return Thread.getAllStackTraces()
				.keySet()
				.stream()
				.filter((thread) -> thread.getName().startsWith("cooperative-jdbc-"))
				.mapToLong((thread) -> ManagementFactory.getThreadMXBean().getThreadCpuTime(thread.threadId()))
				.sum();
		}

		private static Object field(Object target, String name) {
			return Objects.requireNonNull(ReflectionTestUtils.getField(target, name));
		}

		NettyEventLoops netty() {
			return (NettyEventLoops) this.closeable;
		}

		@Override
		public void close() throws Exception {
			this.closeable.close();
		}

	}

	/**
	 * A class initializer is a native frame: a virtual thread in it cannot unmount.
	 */
	static final class Pinned {

		static volatile CountDownLatch release = new CountDownLatch(0);

		static String pin() {
			try {
				release.await(30, TimeUnit.SECONDS);
			}
			catch (InterruptedException ex) {
				throw new IllegalStateException(ex);
			}
			return "initialized";
		}

	}

	static final class PinnedBySelector {

		static final String value = Pinned.pin();

	}

	static final class PinnedForLong {

		static final String value = Pinned.pin();

	}

	static final class PinnedByNetty {

		static final String value = Pinned.pin();

	}

}
