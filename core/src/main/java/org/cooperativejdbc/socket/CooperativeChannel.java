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

import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.ref.Cleaner;
import java.net.InetSocketAddress;
import java.net.SocketException;
import java.net.SocketOption;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Collectors;

import org.cooperativejdbc.BlockingOnEventLoopException;
import org.cooperativejdbc.WaitStrategy;
import org.jspecify.annotations.Nullable;

/**
 * Blocking operations on a non-blocking channel: each is tried at once and waits only
 * when the channel is not ready. One thread may read while another writes and a third one
 * closes.
 */
final class CooperativeChannel {

	/**
	 * The most bytes moved by one system call, because the JDK keeps a temporary buffer
	 * of that size for each carrier thread.
	 */
	private static final int MAX_TRANSFER = 128 * 1024;

	/**
	 * After so many answers in a row that were not there yet, the next ones are waited
	 * for without a look; but for one in {@link #EARLY_READ_INTERVAL}.
	 */
	private static final int EARLY_READS = 4;

	private static final int EARLY_READ_INTERVAL = 16;

	/**
	 * Closes the channels of sockets that are dropped without being closed, as the JDK
	 * does for its own.
	 */
	private static final Cleaner cleaner = Cleaner.create();

	private final SocketChannel channel;

	private final Cleaner.Cleanable closer;

	private final WaitStrategy waitStrategy;

	private final WaitSettings settings;

	private final ReentrantLock readLock = new ReentrantLock();

	private final ReentrantLock writeLock = new ReentrantLock();

	private volatile @Nullable Thread reader; // written under readLock

	private volatile @Nullable Thread writer; // written under writeLock

	private volatile boolean closed;

	private final AnsweredInterrupt answered = new AnsweredInterrupt();

	private final Patience readPatience; // needs readLock

	private final Patience writePatience; // needs writeLock

	private final BusyTime reads; // ended under readLock

	private final BusyTime writes; // ended under writeLock

	private final AtomicLong lastActivity = new AtomicLong(System.nanoTime());

	private boolean endOfStream; // need readLock

	private volatile boolean sent; // since the last read

	private int earlyReads; // in vain, in a row; needs readLock

	/**
	 * Open a channel.
	 * @param socket the socket that uses the channel, which is closed when a wait fails
	 */
	CooperativeChannel(Closeable socket, WaitStrategy waitStrategy, WaitSettings settings) throws IOException {
		this.settings = settings;
		this.readPatience = new Patience(settings, this.answered, null, socket);
		this.writePatience = new Patience(settings, null, null, socket);
		this.reads = new BusyTime(false, settings.figures());
		this.writes = new BusyTime(true, settings.figures());
		this.waitStrategy = waitStrategy;
		this.channel = SocketChannel.open();
		this.closer = cleaner.register(this, new Closer(this.channel, waitStrategy));
		this.channel.configureBlocking(false);
	}

	/**
	 * Return the open channel.
	 */
	SocketChannel open() throws SocketException {
		if (this.closed) {
			throw new SocketException("Socket closed");
		}
		return this.channel;
	}

	/**
	 * Return the options of a socket of the JDK, which the channel, open or not, has too.
	 */
	Set<SocketOption<?>> supportedOptions() {
		return this.channel.supportedOptions()
			.stream()
			.filter((option) -> !"SO_OOBINLINE".equals(option.name()))
			.collect(Collectors.toUnmodifiableSet());
	}

	void connect(InetSocketAddress remote, int timeoutMillis) throws IOException {
		this.settings.refuseEventLoopThread();
		long deadline = deadline(timeoutMillis);
		this.readLock.lock();
		try {
			this.answered.forgetIfCleared();
			boolean connected = open().connect(remote);
			while (!connected) {
				await(SelectionKey.OP_CONNECT, deadline, "Connect timed out");
				connected = open().finishConnect();
			}
		}
		catch (IOException ex) {
			throw asSocketException(ex);
		}
		finally {
			ended(SelectionKey.OP_CONNECT);
			this.readLock.unlock();
		}
	}

	int read(byte[] bytes, int offset, int length, int timeoutMillis) throws IOException {
		long deadline = deadline(timeoutMillis);
		lockForReading(deadline);
		try {
			if (this.endOfStream) {
				return -1;
			}
			this.answered.forgetIfCleared();
			ByteBuffer target = ByteBuffer.wrap(bytes, offset, Math.min(length, MAX_TRANSFER));
			int count = tryRead(target);
			while (count == 0) {
				await(SelectionKey.OP_READ, deadline, "Read timed out");
				count = open().read(target);
			}
			if (count == -1) {
				open(); // closed by another thread is not the end of the stream
				this.endOfStream = true;
			}
			return count;
		}
		catch (IOException ex) {
			throw asSocketException(ex);
		}
		finally {
			ended(SelectionKey.OP_READ);
			this.readLock.unlock();
		}
	}

	/**
	 * Read what is there, unless that is probably nothing: the read that follows a write
	 * mostly comes before the answer, and is a system call in vain. Where a server
	 * answers so fast that it does not, it is tried.
	 */
	private int tryRead(ByteBuffer target) throws IOException {
		boolean answer = this.sent && Thread.currentThread().isVirtual();
		this.sent = false;
		if (answer && this.earlyReads >= EARLY_READS && this.earlyReads++ % EARLY_READ_INTERVAL != 0) {
			return 0;
		}
		int count = open().read(target);
		if (answer) {
			this.earlyReads = (count == 0) ? this.earlyReads + 1 : 0;
		}
		return count;
	}

	private void lockForReading(long deadline) throws IOException {
		rejectReentry();
		if (deadline == WaitStrategy.NO_TIMEOUT) {
			this.readLock.lock();
			return;
		}
		boolean interrupted = Thread.interrupted();
		try {
			while (!tryLockForReading(deadline)) {
				interrupted = true;
			}
		}
		finally {
			restoreInterrupt(interrupted);
		}
	}

	/**
	 * Lock, or return {@code false} if the current thread was interrupted.
	 */
	private boolean tryLockForReading(long deadline) throws SocketTimeoutException {
		try {
			if (!this.readLock.tryLock(deadline - System.nanoTime(), TimeUnit.NANOSECONDS)) {
				throw new SocketTimeoutException("Read timed out");
			}
			return true;
		}
		catch (InterruptedException ex) {
			return false;
		}
	}

	void write(byte[] bytes, int offset, int length) throws IOException {
		this.settings.refuseEventLoopThread();
		rejectReentry();
		this.writeLock.lock();
		try {
			ByteBuffer source = ByteBuffer.wrap(bytes, offset, length);
			int end = offset + length;
			this.sent = true;
			this.answered.forgetIfCleared();
			while (source.position() < end) {
				source.limit(Math.min(end, source.position() + MAX_TRANSFER));
				if (open().write(source) == 0) {
					await(SelectionKey.OP_WRITE, WaitStrategy.NO_TIMEOUT, "Write timed out");
				}
			}
		}
		catch (ClosedChannelException ex) {
			throw new SocketException(this.closed ? "Socket closed" : "Broken pipe");
		}
		catch (IOException ex) {
			throw asSocketException(ex);
		}
		finally {
			ended(SelectionKey.OP_WRITE);
			this.writeLock.unlock();
		}
	}

	void sendUrgentData(int data) throws IOException {
		rejectReentry();
		this.writeLock.lock();
		try {
			if (!open().isConnected()) {
				throw new SocketException("Not connected");
			}
			this.channel.socket().sendUrgentData(data);
		}
		catch (IOException ex) {
			throw asSocketException(ex);
		}
		finally {
			this.writeLock.unlock();
		}
	}

	/**
	 * Wait until the channel may be ready, or the thread has lost its {@link Patience}.
	 */
	private void await(int operation, long deadline, String timeoutMessage) throws IOException {
		this.settings.refuseEventLoopThread();
		long now = System.nanoTime();
		long timeout = deadline;
		if (deadline != WaitStrategy.NO_TIMEOUT) {
			timeout = deadline - now;
			if (timeout <= 0) {
				throw new SocketTimeoutException(timeoutMessage);
			}
		}
		timeout = Math.min(timeout, patience(operation).beforeWait(true));
		if (busy(operation).begin(now)) {
			this.lastActivity.setOpaque(now);
		}
		waiting(operation, Thread.currentThread());
		try {
			this.waitStrategy.await(open(), operation, timeout);
		}
		catch (Throwable ex) {
			throw this.closed ? new SocketException("Socket closed") : patience(operation).failed(ex);
		}
		finally {
			waiting(operation, null);
		}
	}

	private Patience patience(int operation) {
		return (operation == SelectionKey.OP_WRITE) ? this.writePatience : this.readPatience;
	}

	private BusyTime busy(int operation) {
		return (operation == SelectionKey.OP_WRITE) ? this.writes : this.reads;
	}

	/**
	 * End an operation, whatever came of it.
	 */
	private void ended(int operation) {
		long now = System.nanoTime();
		busy(operation).end(now);
		this.lastActivity.setOpaque(now);
		patience(operation).end(!this.closed);
	}

	private void waiting(int operation, @Nullable Thread thread) {
		if (operation == SelectionKey.OP_WRITE) {
			this.writer = thread;
		}
		else {
			this.reader = thread;
		}
	}

	void shutdownInput() throws IOException {
		open().shutdownInput();
		LockSupport.unpark(this.reader);
	}

	void shutdownOutput() throws IOException {
		open().shutdownOutput();
		LockSupport.unpark(this.writer);
	}

	void cancelWith(StatementCanceller canceller) {
		this.readPatience.cancelWith(canceller);
		this.writePatience.cancelWith(canceller);
	}

	long busyNanos() {
		return this.reads.nanos() + this.writes.nanos();
	}

	long waitingNanos() {
		return Math.max(this.reads.goingOnNanos(), this.writes.goingOnNanos());
	}

	long lastActivity() {
		return this.lastActivity.getOpaque();
	}

	/**
	 * Close the channel. Threads that wait for it are woken once the channel is closed,
	 * so that they find it closed.
	 */
	void close() throws IOException {
		synchronized (this) {
			if (this.closed) {
				return;
			}
			this.closed = true;
		}
		try {
			this.closer.clean();
		}
		catch (UncheckedIOException ex) {
			throw ex.getCause();
		}
		finally {
			LockSupport.unpark(this.reader);
			LockSupport.unpark(this.writer);
		}
	}

	/**
	 * A thread that waits for this channel must not use it again before the wait has
	 * ended, or the bytes of two operations would be mixed.
	 */
	private void rejectReentry() throws SocketException {
		if (this.readLock.isHeldByCurrentThread() || this.writeLock.isHeldByCurrentThread()) {
			throw new SocketException("Socket is in use by the current thread");
		}
	}

	private static void restoreInterrupt(boolean interrupted) {
		if (interrupted) {
			Thread.currentThread().interrupt();
		}
	}

	private static long deadline(int timeoutMillis) {
		return (timeoutMillis > 0) ? System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(timeoutMillis)
				: WaitStrategy.NO_TIMEOUT;
	}

	/**
	 * Drivers tell errors by type, as the JDK's socket throws them: what a channel throws
	 * in addition becomes a {@link SocketException}.
	 */
	private static IOException asSocketException(IOException ex) {
		if (ex instanceof ClosedChannelException) {
			return new SocketException("Socket closed");
		}
		if (ex instanceof SocketException || ex instanceof SocketTimeoutException
				|| ex instanceof BlockingOnEventLoopException) {
			return ex;
		}
		return new SocketException(ex.getMessage(), ex);
	}

	/**
	 * Closes a channel, once. Must not refer to the socket.
	 */
	private record Closer(SocketChannel channel, WaitStrategy waitStrategy) implements Runnable {

		@Override
		public void run() {
			try {
				this.channel.close();
			}
			catch (IOException ex) {
				throw new UncheckedIOException(ex);
			}
			finally {
				this.waitStrategy.closed(this.channel);
			}
		}

	}

}
