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
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketOption;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.FutureTask;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;

import javax.net.ssl.SSLSocket;

import org.cooperativejdbc.carrier.EventLoops;
import org.cooperativejdbc.test.TestCertificate;
import org.jspecify.annotations.Nullable;

/**
 * One run of a scenario: makes the sockets, and notes what can be observed in a form that
 * can be compared with another run.
 */
final class ScenarioRun implements AutoCloseable {

	private static final long LIMIT_SECONDS = 30;

	private final SocketKind sockets;

	private final ThreadFactory threads;

	private final boolean endedByInterrupts;

	private final Transport transport;

	private final EventLoops loops;

	private final List<String> outcome = new ArrayList<>();

	private final List<AutoCloseable> resources = new ArrayList<>();

	private final List<Integer> ports = new ArrayList<>();

	private @Nullable Peer peer;

	private @Nullable Socket raw;

	ScenarioRun(SocketKind sockets, ThreadKind threads, Transport transport, EventLoops loops) {
		this.sockets = sockets;
		this.threads = threads.factory(loops);
		this.endedByInterrupts = threads != ThreadKind.PLATFORM && (sockets == SocketKind.JDK || sockets.isClient());
		this.transport = transport;
		this.loops = loops;
	}

	/**
	 * Play the scenario on a thread of the kind.
	 * @return what was observed
	 */
	List<String> play(SocketScenario scenario) throws Exception {
		FutureTask<?> task = new FutureTask<>(() -> {
			scenario.play(this);
			return null;
		});
		Thread thread = this.threads.newThread(task);
		thread.start();
		try {
			task.get(LIMIT_SECONDS, TimeUnit.SECONDS);
		}
		catch (TimeoutException ex) {
			AssertionError hang = new AssertionError(scenario + " hangs after " + this.outcome);
			hang.setStackTrace(thread.getStackTrace());
			throw hang;
		}
		return this.outcome.stream().map(this::withoutPorts).toList();
	}

	private String withoutPorts(String line) {
		String result = line;
		for (Integer port : this.ports) {
			result = result.replaceAll("\\b" + port + "\\b", "<port>");
		}
		return result;
	}

	Socket unconnected() throws IOException {
		Socket socket = this.sockets.create(this.loops);
		this.resources.add(socket);
		return socket;
	}

	/**
	 * Return a socket that is connected to the {@link #peer() peer}, with small buffers.
	 */
	Socket connected() throws IOException {
		return connected(InetAddress.getLoopbackAddress());
	}

	Socket connected(InetAddress address) throws IOException {
		Peer peer = new Peer(this.transport, address);
		this.peer = peer;
		this.resources.add(peer);
		Socket socket = unconnected();
		socket.setSendBufferSize(32 * 1024);
		socket.connect(peer.address());
		this.raw = socket;
		this.ports.add(socket.getPort());
		this.ports.add(socket.getLocalPort());
		socket.setTcpNoDelay(true);
		Socket connected = (this.transport == Transport.TLS) ? encrypted(socket) : socket;
		peer.awaitHandshake();
		return connected;
	}

	private static Socket encrypted(Socket socket) throws IOException {
		SSLSocket encrypted = (SSLSocket) TestCertificate.instance()
			.context()
			.getSocketFactory()
			.createSocket(socket, "localhost", socket.getPort(), true);
		encrypted.startHandshake();
		return encrypted;
	}

	Peer peer() {
		if (this.peer == null) {
			throw new IllegalStateException("Not connected");
		}
		return this.peer;
	}

	/**
	 * Return the socket itself, beneath TLS.
	 */
	Socket raw() {
		if (this.raw == null) {
			throw new IllegalStateException("Not connected");
		}
		return this.raw;
	}

	/**
	 * Return an address where nobody listens.
	 */
	InetSocketAddress refusingAddress() throws IOException {
		try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
			this.ports.add(server.getLocalPort());
			return new InetSocketAddress(server.getInetAddress(), server.getLocalPort());
		}
	}

	/**
	 * Return an address that answers no attempt to connect, because its backlog is full.
	 */
	InetSocketAddress silentAddress() throws IOException {
		ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
		this.resources.add(server);
		InetSocketAddress address = new InetSocketAddress(server.getInetAddress(), server.getLocalPort());
		this.ports.add(server.getLocalPort());
		List<SocketChannel> channels = new ArrayList<>();
		for (int i = 0; i < 8; i++) {
			SocketChannel channel = SocketChannel.open();
			this.resources.add(channel);
			channel.configureBlocking(false);
			channel.connect(address);
			channels.add(channel);
		}
		await(() -> channels.stream().filter(ScenarioRun::finishConnect).count() >= 2);
		return address;
	}

	private static boolean finishConnect(SocketChannel channel) {
		try {
			return channel.finishConnect();
		}
		catch (IOException ex) {
			return false;
		}
	}

	void ignorePort(int port) {
		this.ports.add(port);
	}

	/**
	 * Note the result of an action, or what it throws.
	 */
	void note(String label, Callable<?> action) {
		String result = outcomeOf(action);
		synchronized (this.outcome) {
			this.outcome.add(label + ": " + result);
		}
	}

	void note(String label, Action action) {
		note(label, () -> {
			action.run();
			return "done";
		});
	}

	/**
	 * Note whether an action takes at least so long, and not much longer.
	 */
	void noteTimed(String label, long millis, Callable<?> action) {
		long start = System.nanoTime();
		note(label, action);
		long elapsed = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start);
		// The clocks of two processors may differ by a little
		note(label + " took", () -> (elapsed >= millis * 9 / 10) ? ((elapsed < millis + 5000) ? "its time" : "too long")
				: "less than " + millis + " ms: " + elapsed);
	}

	private static String outcomeOf(Callable<?> action) {
		try {
			return text(action.call());
		}
		catch (NullPointerException ex) {
			return ex.getClass().getName(); // its message depends on the compiler
		}
		catch (Throwable ex) {
			return ex.getClass().getName() + ": " + ex.getMessage();
		}
	}

	private static String text(@Nullable Object value) {
		if (value instanceof byte[] bytes) {
			return (bytes.length <= 64) ? new String(bytes, StandardCharsets.ISO_8859_1)
					: bytes.length + " bytes " + Arrays.hashCode(bytes);
		}
		if (value instanceof Collection<?> values) {
			return values.stream()
				.map((element) -> (element instanceof SocketOption<?> option) ? option.name() : text(element))
				.sorted()
				.collect(Collectors.joining(", "));
		}
		return String.valueOf(value);
	}

	/**
	 * Note what a socket says about itself, and the interrupt status.
	 */
	void noteState(Socket socket) {
		note("state",
				() -> List.of("bound=" + socket.isBound(), "connected=" + socket.isConnected(),
						"closed=" + socket.isClosed(), "inputShutdown=" + socket.isInputShutdown(),
						"outputShutdown=" + socket.isOutputShutdown(),
						"interrupted=" + Thread.currentThread().isInterrupted()));
	}

	/**
	 * Start an action on another thread of the kind. What it observed is noted when it is
	 * {@link Activity#join joined}.
	 */
	Activity start(String label, Callable<?> action) {
		return new Activity(label, this.threads, action);
	}

	Activity start(String label, Action action) {
		return start(label, () -> {
			action.run();
			return "done";
		});
	}

	/**
	 * Wait for a state.
	 */
	static void await(BooleanSupplier state) {
		long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(LIMIT_SECONDS);
		while (!state.getAsBoolean()) {
			if (System.nanoTime() - deadline > 0) {
				throw new AssertionError("State not reached");
			}
			LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(1));
		}
	}

	/**
	 * Let time pass in which nothing must happen.
	 */
	static void pause(long millis) {
		long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
		await(() -> System.nanoTime() - deadline > 0);
	}

	/**
	 * Let an interrupt have its effect: wait for the end of what it ends, however long
	 * that takes on a busy machine, and let time pass in which anything else must not
	 * end.
	 */
	void awaitEffect(Activity interrupted) {
		if (this.endedByInterrupts) {
			await(interrupted::isDone);
		}
		else {
			pause(30);
		}
	}

	/**
	 * Return once so many bytes can be read without waiting.
	 */
	void awaitAvailable(int count) {
		await(() -> {
			try {
				return raw().getInputStream().available() >= count;
			}
			catch (IOException ex) {
				throw new AssertionError(ex);
			}
		});
	}

	/**
	 * Write until the write fails.
	 */
	static void writeForEver(OutputStream out) throws IOException {
		byte[] bytes = new byte[64 * 1024];
		while (true) {
			out.write(bytes);
		}
	}

	/**
	 * Read single bytes until a read fails or the stream ends.
	 */
	static String readAll(InputStream in) throws IOException {
		StringBuilder text = new StringBuilder();
		int value;
		while ((value = in.read()) != -1) {
			text.append((char) value);
		}
		return text.toString();
	}

	static byte[] pattern(int length) {
		byte[] bytes = new byte[length];
		for (int i = 0; i < length; i++) {
			bytes[i] = (byte) (i ^ (i >> 8) ^ (i >> 16));
		}
		return bytes;
	}

	@Override
	public void close() throws Exception {
		for (AutoCloseable resource : this.resources.reversed()) {
			resource.close();
		}
	}

	/**
	 * An action on a thread of its own.
	 */
	final class Activity {

		private final String label;

		private final FutureTask<String> task;

		private final Thread thread;

		private final long start = System.nanoTime();

		private Activity(String label, ThreadFactory threads, Callable<?> action) {
			this.label = label;
			this.task = new FutureTask<>(() -> {
				String result = outcomeOf(action);
				return result + (Thread.currentThread().isInterrupted() ? ", interrupted" : "");
			});
			this.thread = threads.newThread(this.task);
			this.thread.start();
		}

		/**
		 * Return once the thread waits for the socket, seen twice in a row.
		 */
		Activity awaitWait() {
			int[] seen = new int[1];
			await(() -> {
				seen[0] = waits() ? seen[0] + 1 : 0;
				return seen[0] == 3 || this.task.isDone();
			});
			return this;
		}

		private boolean waits() {
			Thread.State state = this.thread.getState();
			if (state == Thread.State.WAITING || state == Thread.State.TIMED_WAITING) {
				return true;
			}
			StackTraceElement[] stack = this.thread.getStackTrace();
			return stack.length > 0 && stack[0].isNativeMethod() && stack[0].getClassName().startsWith("sun.nio.ch.");
		}

		void interrupt() {
			this.thread.interrupt();
		}

		/**
		 * Interrupt the thread, and return whether that was within so long after its
		 * start. On a busy machine it may not be.
		 */
		boolean interruptWithin(long millis) {
			this.thread.interrupt();
			return elapsedMillis() < millis;
		}

		long elapsedMillis() {
			return TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - this.start);
		}

		boolean isDone() {
			return this.task.isDone();
		}

		/**
		 * Wait for the end of the action and note it.
		 */
		void join() throws Exception {
			String result;
			try {
				result = this.task.get(LIMIT_SECONDS, TimeUnit.SECONDS);
			}
			catch (TimeoutException ex) {
				AssertionError hang = new AssertionError(this.label + " hangs");
				hang.setStackTrace(this.thread.getStackTrace());
				throw hang;
			}
			ScenarioRun.this.outcome.add(this.label + ": " + result);
		}

	}

	/**
	 * Something that may fail.
	 */
	@FunctionalInterface
	interface Action {

		void run() throws Exception;

	}

}
