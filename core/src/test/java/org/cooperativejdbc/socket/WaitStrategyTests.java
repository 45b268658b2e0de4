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
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SelectableChannel;
import java.nio.channels.SelectionKey;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;

import javax.net.ssl.SSLSocket;

import org.cooperativejdbc.BlockingOnEventLoopException;
import org.cooperativejdbc.InterruptPolicy;
import org.cooperativejdbc.WaitStrategy;
import org.cooperativejdbc.carrier.EventLoops;
import org.cooperativejdbc.test.TestCertificate;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Wait strategies that fail, return early or use the socket themselves.
 */
class WaitStrategyTests {

	private static EventLoops loops;

	private final List<AutoCloseable> resources = new ArrayList<>();

	@BeforeAll
	static void startLoops() throws IOException {
		loops = EventLoops.start(1);
	}

	@AfterAll
	static void closeLoops() {
		loops.close();
	}

	@AfterEach
	void closeResources() throws Exception {
		for (AutoCloseable resource : this.resources.reversed()) {
			resource.close();
		}
	}

	@ParameterizedTest
	@EnumSource
	void whateverAWaitThrowsClosesTheSocketAtEachWait(Failure failure) throws Exception {
		for (Transport transport : Transport.values()) {
			for (ThreadKind threads : List.of(ThreadKind.PLATFORM, ThreadKind.VIRTUAL, ThreadKind.CARRIED)) {
				int waits = on(threads, () -> failAtEachWait(failure, transport));
				assertThat(waits).as("%s, %s threads", transport, threads).isGreaterThan(3);
			}
		}
	}

	private int failAtEachWait(Failure failure, Transport transport) throws Exception {
		for (int i = 0;; i++) {
			FailingStrategy strategy = new FailingStrategy(i, failure.create());
			try (Conversation conversation = new Conversation(strategy, transport)) {
				if (!fails(conversation, strategy)) {
					assertThat(strategy.waits).as("a failure was ignored").hasValueLessThanOrEqualTo(i);
					conversation.close();
					conversation.assertClosed();
					return i;
				}
				conversation.assertClosed();
			}
		}
	}

	private static boolean fails(Conversation conversation, FailingStrategy strategy) throws Exception {
		try {
			conversation.run();
			return false;
		}
		catch (SocketException ex) {
			assertThat(ex).hasMessageStartingWith("Wait failed, socket closed: ").hasCause(strategy.failure);
			return true;
		}
	}

	@ParameterizedTest
	@EnumSource
	void waitsThatEndEarlyAreRepeated(Transport transport) throws Exception {
		AtomicInteger early = new AtomicInteger();
		WaitStrategy strategy = new DelegatingStrategy() {

			@Override
			public void await(SelectableChannel channel, int operation, long timeout) throws IOException {
				if (early.incrementAndGet() % 3 == 0) {
					super.await(channel, operation, timeout);
				}
			}

		};
		try (Conversation conversation = new Conversation(strategy, transport)) {
			on(ThreadKind.CARRIED, () -> {
				conversation.run();
				return "done";
			});
		}
		assertThat(early).hasValueGreaterThan(20);
	}

	@Test
	void timedReadWhoseWaitsEndEarlyTakesItsTime() throws Exception {
		Socket socket = connected((channel, operation, timeout) -> Thread.onSpinWait());
		socket.setSoTimeout(100);
		long start = System.nanoTime();
		assertThatExceptionOfType(SocketTimeoutException.class).isThrownBy(() -> socket.getInputStream().read())
			.withMessage("Read timed out");
		assertThat(System.nanoTime() - start).isGreaterThanOrEqualTo(TimeUnit.MILLISECONDS.toNanos(100));
		assertThat(socket.isClosed()).isFalse();
	}

	@Test
	void answersThatAreNeverThereYetAreWaitedForAtOnceButForOneInSixteen() throws Exception {
		AtomicInteger waits = new AtomicInteger();
		AtomicBoolean late = new AtomicBoolean(true);
		Peer peer = peer();
		Socket socket = connected(peer, (channel, operation, timeout) -> {
			if (operation == SelectionKey.OP_READ) {
				waits.incrementAndGet();
				if (late.get()) {
					peer.write("a");
				}
			}
			loops.await(channel, operation, timeout);
		});
		on(ThreadKind.CARRIED, () -> {
			for (int i = 0; i < 4; i++) {
				socket.getOutputStream().write('?');
				assertThat(socket.getInputStream().read()).isEqualTo('a');
			}
			late.set(false);
			peer.write("bcdefghijklmnopqrstu");
			assertThat(socket.getInputStream().read()).isEqualTo('b');
			waits.set(0);
			for (char answer = 'c'; answer <= 't'; answer++) {
				socket.getOutputStream().write('?');
				assertThat(socket.getInputStream().read()).isEqualTo(answer);
			}
			assertThat(waits).as("waits until one look finds that the answer is there").hasValue(12);
			assertThat(socket.getInputStream().read()).isEqualTo('u');
			assertThat(waits).as("waits without a write").hasValue(12);
			return "read";
		});
	}

	@Test
	void waitKnowsTheTimeThatRemains() throws Exception {
		List<Long> timeouts = new ArrayList<>();
		Socket socket = connected(new DelegatingStrategy() {

			@Override
			public void await(SelectableChannel channel, int operation, long timeout) throws IOException {
				assertThat(channel.isBlocking()).isFalse();
				if (operation == SelectionKey.OP_READ) {
					timeouts.add(timeout);
				}
				super.await(channel, operation, (timeout == NO_TIMEOUT) ? timeout : timeout / 2);
			}

		});
		socket.setSoTimeout(200);
		assertThatExceptionOfType(SocketTimeoutException.class).isThrownBy(() -> socket.getInputStream().read());
		assertThat(timeouts).hasSizeGreaterThan(1);
		assertThat(timeouts.getFirst()).isLessThanOrEqualTo(TimeUnit.MILLISECONDS.toNanos(200));
		for (int i = 1; i < timeouts.size(); i++) {
			assertThat(timeouts.get(i)).isPositive().isLessThan(timeouts.get(i - 1));
		}
	}

	@Test
	void waitBeginsWithTheInterruptStatusClear() throws Exception {
		AtomicReference<Boolean> interrupted = new AtomicReference<>();
		Peer peer = peer();
		Socket socket = connected(peer, new DelegatingStrategy() {

			@Override
			public void await(SelectableChannel channel, int operation, long timeout) throws IOException {
				if (operation == SelectionKey.OP_READ) {
					interrupted.set(Thread.currentThread().isInterrupted());
					peer.write("a");
				}
				super.await(channel, operation, timeout);
			}

		});
		boolean status = on(ThreadKind.CARRIED, () -> {
			Thread.currentThread().interrupt();
			assertThat(socket.getInputStream().read()).isEqualTo('a');
			return Thread.currentThread().isInterrupted();
		});
		assertThat(interrupted).hasValue(false);
		assertThat(status).isTrue();
	}

	@Test
	void failedWaitKeepsTheInterruptStatus() throws Exception {
		Socket socket = connected((channel, operation, timeout) -> {
			if (operation == SelectionKey.OP_READ) {
				throw new IOException("broken");
			}
			loops.await(channel, operation, timeout);
		});
		boolean status = on(ThreadKind.CARRIED, () -> {
			Thread.currentThread().interrupt();
			assertThatExceptionOfType(SocketException.class).isThrownBy(() -> socket.getInputStream().read());
			return Thread.currentThread().isInterrupted();
		});
		assertThat(status).isTrue();
	}

	@Test
	void strategyThatUsesTheSocketItWaitsForIsRefused() throws Exception {
		Peer peer = peer();
		List<String> refusals = new ArrayList<>();
		AtomicReference<Socket> socket = new AtomicReference<>();
		CountDownLatch waits = new CountDownLatch(2);
		socket.set(connected(peer, new DelegatingStrategy() {

			@Override
			public void await(SelectableChannel channel, int operation, long timeout) throws IOException {
				if (operation != SelectionKey.OP_CONNECT) {
					attempt(() -> socket.get().getInputStream().read());
					attempt(() -> {
						socket.get().getOutputStream().write('?');
						return "written";
					});
					attempt(() -> {
						socket.get().sendUrgentData('?');
						return "sent";
					});
					if (operation == SelectionKey.OP_READ) {
						peer.write("a");
					}
					waits.countDown();
				}
				super.await(channel, operation, timeout);
			}

			private void attempt(Callable<?> action) {
				try {
					refusals.add(String.valueOf(action.call()));
				}
				catch (Exception ex) {
					refusals.add(ex.getClass().getSimpleName() + ": " + ex.getMessage());
				}
			}

		}));
		assertThat(socket.get().getInputStream().read()).isEqualTo('a');
		assertThat(refusals).hasSize(3).containsOnly("SocketException: Socket is in use by the current thread");
		refusals.clear();
		byte[] bytes = ScenarioRun.pattern(20_000_000);
		CompletableFuture<byte[]> received = CompletableFuture.supplyAsync(() -> {
			await(waits);
			return read(peer, bytes.length);
		});
		socket.get().getOutputStream().write(bytes);
		assertThat(received.get(30, TimeUnit.SECONDS)).isEqualTo(bytes);
		assertThat(refusals).isNotEmpty().containsOnly("SocketException: Socket is in use by the current thread");
	}

	private static void await(CountDownLatch latch) {
		try {
			latch.await();
		}
		catch (InterruptedException ex) {
			throw new IllegalStateException(ex);
		}
	}

	@Test
	void strategyMayCloseTheSocket() throws Exception {
		AtomicReference<Socket> socket = new AtomicReference<>();
		AtomicInteger closed = new AtomicInteger();
		socket.set(connected(new DelegatingStrategy() {

			@Override
			public void await(SelectableChannel channel, int operation, long timeout) throws IOException {
				if (operation == SelectionKey.OP_READ) {
					socket.get().close();
				}
				super.await(channel, operation, timeout);
			}

			@Override
			public void closed(SelectableChannel channel) {
				assertThat(channel.isOpen()).isFalse();
				closed.incrementAndGet();
				super.closed(channel);
			}

		}));
		assertThatExceptionOfType(SocketException.class).isThrownBy(() -> socket.get().getInputStream().read())
			.withMessage("Socket closed");
		socket.get().close();
		assertThat(closed).hasValue(1);
	}

	@ParameterizedTest
	@EnumSource(names = { "PARKING", "COOPERATIVE" })
	void eventLoopThreadIsRefusedBeforeAByteIsSent(SocketKind sockets) throws Exception {
		Thread loop = Thread.currentThread();
		Peer peer = peer();
		Socket socket = (sockets == SocketKind.PARKING)
				? new ParkingSocket((thread) -> thread == loop, InterruptPolicy.DEFER, Duration.ofSeconds(5))
				: new CooperativeSocket(loops, (thread) -> thread == loop, InterruptPolicy.DEFER,
						Duration.ofSeconds(5));
		this.resources.add(socket);
		assertThatExceptionOfType(BlockingOnEventLoopException.class).isThrownBy(() -> socket.connect(peer.address()))
			.withMessageContaining("'" + loop.getName() + "'");
		Socket another = (sockets == SocketKind.PARKING)
				? new ParkingSocket((thread) -> thread == loop, InterruptPolicy.DEFER, Duration.ofSeconds(5))
				: new CooperativeSocket(loops, (thread) -> thread == loop, InterruptPolicy.DEFER,
						Duration.ofSeconds(5));
		this.resources.add(another);
		on(ThreadKind.VIRTUAL, () -> {
			another.connect(peer.address());
			return "connected";
		});
		InputStream in = another.getInputStream();
		OutputStream out = another.getOutputStream();
		assertThatExceptionOfType(BlockingOnEventLoopException.class).isThrownBy(() -> out.write('?'));
		assertThatExceptionOfType(BlockingOnEventLoopException.class).isThrownBy(() -> in.read());
		on(ThreadKind.VIRTUAL, () -> {
			out.write('a');
			return "written";
		});
		assertThat(peer.read(1)).isEqualTo(new byte[] { 'a' });
		peer.write("b");
		on(ThreadKind.VIRTUAL, () -> {
			ScenarioRun.await(() -> available(in) == 1);
			return "there";
		});
		assertThat(in.read()).isEqualTo('b');
	}

	private static int available(InputStream in) {
		try {
			return in.available();
		}
		catch (IOException ex) {
			throw new AssertionError(ex);
		}
	}

	private static byte[] read(Peer peer, int count) {
		try {
			return peer.read(count);
		}
		catch (IOException ex) {
			throw new AssertionError(ex);
		}
	}

	private Peer peer() throws IOException {
		Peer peer = new Peer(Transport.PLAINTEXT, InetAddress.getLoopbackAddress());
		this.resources.add(peer);
		return peer;
	}

	private Socket connected(WaitStrategy strategy) throws Exception {
		return connected(peer(), strategy);
	}

	private Socket connected(Peer peer, WaitStrategy strategy) throws Exception {
		Socket socket = new CooperativeSocket(strategy, (thread) -> false, InterruptPolicy.DEFER,
				Duration.ofSeconds(5));
		this.resources.add(socket);
		socket.setSendBufferSize(32 * 1024);
		socket.connect(peer.address());
		return socket;
	}

	private static <T> T on(ThreadKind threads, Callable<T> action) throws Exception {
		CompletableFuture<T> result = new CompletableFuture<>();
		threads.factory(loops).newThread(() -> {
			try {
				result.complete(action.call());
			}
			catch (Throwable ex) {
				result.completeExceptionally(ex);
			}
		}).start();
		return result.get(60, TimeUnit.SECONDS);
	}

	/**
	 * What a wait may throw.
	 */
	enum Failure {

		CHECKED(() -> new IOException("checked")), TIMEOUT(() -> new SocketTimeoutException("timeout")),
		CLOSED(ClosedChannelException::new), RUNTIME(() -> new IllegalStateException("runtime")),
		ERROR(() -> new AssertionError("error")), SNEAKY(() -> new InterruptedException("sneaky"));

		private final Supplier<Throwable> throwable;

		Failure(Supplier<Throwable> throwable) {
			this.throwable = throwable;
		}

		Throwable create() {
			return this.throwable.get();
		}

	}

	private static class DelegatingStrategy implements WaitStrategy {

		@Override
		public void await(SelectableChannel channel, int operation, long timeout) throws IOException {
			loops.await(channel, operation, timeout);
		}

		@Override
		public void closed(SelectableChannel channel) {
			loops.closed(channel);
		}

	}

	private static final class FailingStrategy extends DelegatingStrategy {

		private final AtomicInteger waits = new AtomicInteger();

		private final int failing;

		private final Throwable failure;

		private FailingStrategy(int failing, Throwable failure) {
			this.failing = failing;
			this.failure = failure;
		}

		@Override
		public void await(SelectableChannel channel, int operation, long timeout) throws IOException {
			if (this.waits.getAndIncrement() == this.failing) {
				FailingStrategy.<RuntimeException>sneakyThrow(this.failure);
			}
			super.await(channel, operation, timeout);
		}

		@SuppressWarnings("unchecked")
		private static <T extends Throwable> void sneakyThrow(Throwable failure) throws T {
			throw (T) failure;
		}

	}

	/**
	 * A connection whose waits are those of a query: to connect, for answers with and
	 * without a timeout, and to write more than the buffers take.
	 */
	private static final class Conversation implements AutoCloseable {

		private final Peer peer;

		private final Transport transport;

		private final Socket raw;

		private Socket socket;

		Conversation(WaitStrategy strategy, Transport transport) throws IOException {
			this.peer = new Peer(transport, InetAddress.getLoopbackAddress());
			this.transport = transport;
			this.raw = new CooperativeSocket(strategy, (thread) -> false, InterruptPolicy.DEFER, Duration.ofSeconds(5));
			this.socket = this.raw;
		}

		void run() throws Exception {
			this.raw.setSendBufferSize(32 * 1024);
			this.raw.connect(this.peer.address());
			CompletableFuture<?> answers = CompletableFuture.runAsync(this::answer,
					(task) -> Thread.ofPlatform().daemon().start(task));
			if (this.transport == Transport.TLS) {
				SSLSocket encrypted = (SSLSocket) TestCertificate.instance()
					.context()
					.getSocketFactory()
					.createSocket(this.raw, "localhost", this.raw.getPort(), true);
				this.socket = encrypted;
				encrypted.startHandshake();
			}
			for (int i = 0; i < 6; i++) {
				this.socket.setSoTimeout((i % 2 == 0) ? 20_000 : 0);
				this.socket.getOutputStream().write(i);
				assertThat(this.socket.getInputStream().read()).isEqualTo(i);
			}
			byte[] bytes = ScenarioRun.pattern(250_000);
			this.socket.getOutputStream().write(bytes);
			assertThat(this.socket.getInputStream().read()).isEqualTo('.');
			answers.get(20, TimeUnit.SECONDS);
		}

		private void answer() {
			try {
				for (int i = 0; i < 6; i++) {
					byte[] question = this.peer.read(1);
					ScenarioRun.pause(1);
					this.peer.out().write(question);
				}
				ScenarioRun.pause(2);
				assertThat(Arrays.equals(this.peer.read(250_000), ScenarioRun.pattern(250_000))).isTrue();
				this.peer.write(".");
			}
			catch (IOException ex) {
				// The conversation has failed, as it should
			}
		}

		void assertClosed() {
			assertThat(this.raw.isClosed()).isTrue();
			assertThatExceptionOfType(SocketException.class).isThrownBy(() -> this.raw.getInputStream());
			assertThatExceptionOfType(IOException.class).isThrownBy(() -> this.socket.getOutputStream().write(1));
		}

		@Override
		public void close() throws IOException {
			this.socket.close();
			this.raw.close();
			this.peer.close();
		}

	}

}
