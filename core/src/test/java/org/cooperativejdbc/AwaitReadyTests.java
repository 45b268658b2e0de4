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

package org.cooperativejdbc;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.IllegalBlockingModeException;
import java.nio.channels.Pipe;
import java.nio.channels.SelectionKey;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;

import org.cooperativejdbc.carrier.EventLoops;
import org.cooperativejdbc.carrier.NettyEventLoops;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

/**
 * {@link Cooperative#awaitReady}.
 */
@Timeout(60)
class AwaitReadyTests {

	private static final Duration LONG = Duration.ofSeconds(20);

	private static final Duration SHORT = Duration.ofMillis(50);

	@ParameterizedTest
	@EnumSource(ConcurrencyModel.class)
	void manyThreadsWaitForChannelsAtOnce(ConcurrencyModel model) throws Exception {
		int count = (model == ConcurrencyModel.PLATFORM) ? 20 : 400;
		List<Pipe> pipes = new ArrayList<>();
		try (Cooperative cooperative = start(model)) {
			List<CompletableFuture<Integer>> reads = new ArrayList<>();
			for (int i = 0; i < count; i++) {
				Pipe pipe = Pipe.open();
				pipes.add(pipe);
				pipe.source().configureBlocking(false);
				reads.add(cooperative.call(() -> read(pipe.source())));
			}
			for (int i = count - 1; i >= 0; i--) {
				assertThat(reads.get(i)).isNotDone();
				pipes.get(i).sink().write(ByteBuffer.wrap(new byte[] { (byte) i }));
			}
			for (int i = 0; i < count; i++) {
				assertThat(reads.get(i).get(20, TimeUnit.SECONDS)).isEqualTo((byte) i);
			}
		}
		finally {
			for (Pipe pipe : pipes) {
				pipe.source().close();
				pipe.sink().close();
			}
		}
	}

	private static int read(Pipe.SourceChannel source) throws Exception {
		ByteBuffer buffer = ByteBuffer.allocate(1);
		while (source.read(buffer) == 0) {
			Cooperative.awaitReady(source, SelectionKey.OP_READ, LONG);
		}
		return buffer.flip().get();
	}

	/**
	 * Accept and connect, then a reader and a writer of the same channel.
	 */
	@ParameterizedTest
	@EnumSource(ConcurrencyModel.class)
	void everyOperationOfASocket(ConcurrencyModel model) throws Exception {
		int size = 4_000_000;
		try (Cooperative cooperative = start(model); ServerSocketChannel server = ServerSocketChannel.open()) {
			server.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
			server.configureBlocking(false);
			CompletableFuture<SocketChannel> accepted = cooperative.call(() -> {
				SocketChannel channel = server.accept();
				while (channel == null) {
					Cooperative.awaitReady(server, SelectionKey.OP_ACCEPT, LONG);
					channel = server.accept();
				}
				channel.configureBlocking(false);
				return channel;
			});
			SocketChannel client = SocketChannel.open();
			client.configureBlocking(false);
			CompletableFuture<Boolean> connected = cooperative.call(() -> {
				client.connect(server.getLocalAddress());
				while (!client.finishConnect()) {
					Cooperative.awaitReady(client, SelectionKey.OP_CONNECT, LONG);
				}
				return true;
			});
			assertThat(connected.get(20, TimeUnit.SECONDS)).isTrue();
			try (client; SocketChannel peer = accepted.get(20, TimeUnit.SECONDS)) {
				List<CompletableFuture<?>> transfers = new ArrayList<>();
				for (SocketChannel channel : List.of(client, peer)) {
					transfers.add(cooperative.call(() -> write(channel, size)));
					transfers.add(cooperative.call(() -> read(channel, size)));
				}
				for (CompletableFuture<?> transfer : transfers) {
					assertThat(transfer.get(40, TimeUnit.SECONDS)).isEqualTo(size);
				}
			}
		}
	}

	private static int write(SocketChannel channel, int size) throws Exception {
		ByteBuffer buffer = ByteBuffer.allocate(size);
		while (buffer.hasRemaining()) {
			if (channel.write(buffer) == 0) {
				Cooperative.awaitReady(channel, SelectionKey.OP_WRITE, LONG);
			}
		}
		return size;
	}

	private static int read(SocketChannel channel, int size) throws Exception {
		ByteBuffer buffer = ByteBuffer.allocate(size);
		while (buffer.hasRemaining()) {
			if (channel.read(buffer) == 0) {
				Cooperative.awaitReady(channel, SelectionKey.OP_READ, LONG);
			}
		}
		return size;
	}

	@ParameterizedTest
	@EnumSource(ConcurrencyModel.class)
	void waitEndsAtTheTimeoutAtTheDeadlineAndWhenInterrupted(ConcurrencyModel model) throws Exception {
		run(model, (source) -> {
			assertThatExceptionOfType(SocketTimeoutException.class)
				.isThrownBy(() -> Cooperative.awaitReady(source, SelectionKey.OP_READ, SHORT))
				.withMessageContaining("50 ms");
			assertThatExceptionOfType(SocketTimeoutException.class)
				.isThrownBy(() -> Cooperative.within(SHORT, () -> wait(source)));
			assertThatExceptionOfType(SocketTimeoutException.class)
				.isThrownBy(() -> Cooperative.within(Duration.ZERO, () -> wait(source)));
			Thread.currentThread().interrupt();
			assertThatExceptionOfType(InterruptedException.class).isThrownBy(() -> wait(source));
			assertThat(Thread.interrupted()).isFalse();
			Thread thread = Thread.currentThread();
			Thread.ofPlatform().start(() -> {
				while (thread.getState() != Thread.State.TIMED_WAITING && thread.getState() != Thread.State.WAITING) {
					Thread.onSpinWait();
				}
				thread.interrupt();
			});
			assertThatExceptionOfType(InterruptedException.class).isThrownBy(() -> wait(source));
			assertThat(source.isOpen()).isTrue();
		});
	}

	@ParameterizedTest
	@EnumSource(ConcurrencyModel.class)
	void waitsForTheSameChannelComeAndGo(ConcurrencyModel model) throws Exception {
		run(model, (source) -> {
			for (int i = 0; i < 200; i++) {
				Duration timeout = Duration.ofNanos(1 + i * 10_000L);
				assertThatExceptionOfType(SocketTimeoutException.class).isThrownBy(() -> {
					while (true) {
						Cooperative.awaitReady(source, SelectionKey.OP_READ, timeout);
					}
				});
			}
		});
	}

	@ParameterizedTest
	@EnumSource(ConcurrencyModel.class)
	void waitForAChannelThatIsClosedByAnotherThreadEnds(ConcurrencyModel model) throws Exception {
		run(model, (source) -> {
			Thread thread = Thread.currentThread();
			Thread.ofPlatform().start(() -> {
				while (thread.getState() != Thread.State.TIMED_WAITING && thread.getState() != Thread.State.WAITING) {
					Thread.onSpinWait();
				}
				try {
					source.close();
				}
				catch (IOException ex) {
					throw new IllegalStateException(ex);
				}
			});
			Duration longer = Duration.ofMinutes(5);
			assertThatExceptionOfType(ClosedChannelException.class)
				.isThrownBy(() -> Cooperative.awaitReady(source, SelectionKey.OP_READ, longer));
			assertThatExceptionOfType(ClosedChannelException.class)
				.isThrownBy(() -> Cooperative.awaitReady(source, SelectionKey.OP_READ, longer));
		});
	}

	@ParameterizedTest
	@EnumSource(ConcurrencyModel.class)
	void channelThatCannotBeWaitedForIsRefused(ConcurrencyModel model) throws Exception {
		run(model, (source) -> {
			assertThatIllegalArgumentException()
				.isThrownBy(() -> Cooperative.awaitReady(source, SelectionKey.OP_WRITE, LONG));
			assertThatIllegalArgumentException().isThrownBy(() -> Cooperative.awaitReady(source, 0, LONG));
			source.configureBlocking(true);
			assertThatExceptionOfType(IllegalBlockingModeException.class).isThrownBy(() -> wait(source));
		});
	}

	@Test
	void threadOfAnEventLoopIsRefusedAndWhatItCarriesIsNot() throws Exception {
		Pipe pipe = Pipe.open();
		try (NettyEventLoops loops = new NettyEventLoops(1, EventLoops.DEFAULT_STALL_THRESHOLD);
				Cooperative cooperative = Cooperative.start(CooperativeOptions.defaults(), loops);
				Pipe.SourceChannel source = pipe.source();
				Pipe.SinkChannel sink = pipe.sink()) {
			source.configureBlocking(false);
			loops.group()
				.submit(() -> assertThatIllegalStateException().isThrownBy(() -> wait(source))
					.withMessageContaining("Cooperative.awaitReady"))
				.get(20, TimeUnit.SECONDS);
			CompletableFuture<Integer> read = cooperative.call(() -> read(source));
			sink.write(ByteBuffer.wrap(new byte[] { 7 }));
			assertThat(read.get(20, TimeUnit.SECONDS)).isEqualTo(7);
		}
	}

	@ParameterizedTest
	@EnumSource(ConcurrencyModel.class)
	void waitThatBeginsAfterCloseEnds(ConcurrencyModel model) throws Exception {
		CountDownLatch closed = new CountDownLatch(1);
		CompletableFuture<Object> call;
		Pipe pipe = Pipe.open();
		try (Pipe.SourceChannel source = pipe.source(); Pipe.SinkChannel sink = pipe.sink()) {
			source.configureBlocking(false);
			try (Cooperative cooperative = Cooperative.start(CooperativeOptions.defaults()
				.withModel(model)
				.withCloseTimeout(Duration.ZERO)
				.withCancelGrace(Duration.ofMillis(50)))) {
				call = cooperative.call(() -> {
					while (closed.getCount() > 0) {
						try {
							closed.await();
						}
						catch (InterruptedException ex) {
							continue;
						}
					}
					while (true) {
						Cooperative.awaitReady(source, SelectionKey.OP_READ, SHORT);
					}
				});
			}
			closed.countDown();
			assertThatExceptionOfType(ExecutionException.class).isThrownBy(() -> call.get(40, TimeUnit.SECONDS))
				.withCauseInstanceOf(IOException.class);
			assertThat(sink.isOpen()).isTrue();
		}
	}

	@Test
	void noThreadIsLeftWhenNobodyWaits() throws Exception {
		run(ConcurrencyModel.VIRTUAL, (source) -> assertThatExceptionOfType(SocketTimeoutException.class)
			.isThrownBy(() -> Cooperative.awaitReady(source, SelectionKey.OP_READ, SHORT)));
		long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
		while (pollers() > 0 && System.nanoTime() < end) {
			Thread.onSpinWait();
		}
		assertThat(pollers()).isZero();
		run(ConcurrencyModel.EVENT_LOOP, (source) -> {
			assertThatExceptionOfType(SocketTimeoutException.class)
				.isThrownBy(() -> Cooperative.awaitReady(source, SelectionKey.OP_READ, SHORT));
			assertThat(pollers()).as("threads but for the carrier").isZero();
		});
		run(ConcurrencyModel.VIRTUAL, (source) -> assertThatExceptionOfType(SocketTimeoutException.class)
			.isThrownBy(() -> Cooperative.awaitReady(source, SelectionKey.OP_READ, SHORT)));
	}

	private static long pollers() {
		return Thread.getAllStackTraces()
			.keySet()
			.stream()
			.filter((thread) -> thread.getName().equals("cooperative-jdbc-channels"))
			.count();
	}

	/**
	 * A wait may end early, as after an interrupt that came before it.
	 */
	private static Void wait(Pipe.SourceChannel source) throws Exception {
		long end = System.nanoTime() + LONG.toNanos();
		while (System.nanoTime() < end) {
			Cooperative.awaitReady(source, SelectionKey.OP_READ, LONG);
		}
		throw new AssertionError("ready");
	}

	private static Cooperative start(ConcurrencyModel model) {
		return Cooperative.start(CooperativeOptions.defaults().withModel(model).withThreads(2));
	}

	private static void run(ConcurrencyModel model, Task task) throws Exception {
		Pipe pipe = Pipe.open();
		try (Cooperative cooperative = start(model);
				Pipe.SourceChannel source = pipe.source();
				Pipe.SinkChannel sink = pipe.sink()) {
			source.configureBlocking(false);
			cooperative.call(() -> {
				task.run(source);
				return sink;
			}).get(40, TimeUnit.SECONDS);
		}
	}

	private interface Task {

		void run(Pipe.SourceChannel source) throws Exception;

	}

}
