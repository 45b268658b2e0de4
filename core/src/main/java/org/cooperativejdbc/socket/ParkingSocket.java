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

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Predicate;

import org.cooperativejdbc.Deadline;
import org.cooperativejdbc.InterruptPolicy;
import org.cooperativejdbc.WaitStrategy;
import org.jspecify.annotations.Nullable;

/**
 * The JDK's own socket, in which a virtual thread parks while it waits, made safe against
 * interrupts and bounded by the deadline of the thread that waits.
 * <p>
 * The JDK closes a socket when a virtual thread is interrupted while it reads (see
 * {@link Socket#getInputStream()}); it does so by calling {@link #close()} on the very
 * thread that reads. This socket declines that one call, clears the interrupt status,
 * reads on and sets the status again when the read has ended. A read that has a deadline
 * uses the read timeout of the socket below, while the driver sees the timeout that it
 * has set. A large write, which might block, is made by a virtual thread that nobody
 * interrupts, if the current thread is virtual or has a deadline.
 *
 * @since 0.1.0
 */
public final class ParkingSocket extends Socket implements DriverSocket {

	/**
	 * The most bytes written before the server's answer that cannot block, because they
	 * fit into the smallest send buffer.
	 */
	private static final int MAX_DIRECT_WRITE = 8 * 1024;

	private final WaitSettings settings;

	private final AnsweredInterrupt answered = new AnsweredInterrupt();

	private final Owner owner = new Owner();

	private final BusyTime reads;

	private final BusyTime writes;

	private volatile @Nullable StatementCanceller canceller;

	private volatile long lastActivity = System.nanoTime();

	private volatile int readTimeout; // of the driver

	private volatile boolean readTimeoutReplaced; // in the socket below

	private volatile long written; // since the last answer

	/**
	 * The virtual threads that read now: one, while others may wait for their turn.
	 */
	private final Set<Thread> readers = ConcurrentHashMap.newKeySet(1);

	private @Nullable InputStream in; // need this socket's monitor

	private @Nullable OutputStream out; // need this socket's monitor

	/**
	 * Create a new unconnected socket.
	 * @param eventLoopThread tells threads that run an event loop, which must not wait
	 * @param interruptPolicy what happens when a virtual thread that waits is interrupted
	 * @param cancelGrace how long to wait for the answer of a canceled statement, before
	 * the socket is closed
	 */
	public ParkingSocket(Predicate<Thread> eventLoopThread, InterruptPolicy interruptPolicy, Duration cancelGrace) {
		this(eventLoopThread, interruptPolicy, cancelGrace, new WaitFigures());
	}

	/**
	 * Create a new unconnected socket.
	 * @param eventLoopThread tells threads that run an event loop, which must not wait
	 * @param interruptPolicy what happens when a virtual thread that waits is interrupted
	 * @param cancelGrace how long to wait for the answer of a canceled statement, before
	 * the socket is closed
	 * @param figures where the socket counts
	 */
	public ParkingSocket(Predicate<Thread> eventLoopThread, InterruptPolicy interruptPolicy, Duration cancelGrace,
			WaitFigures figures) {
		this(new WaitSettings(eventLoopThread, interruptPolicy, cancelGrace, figures));
	}

	/**
	 * Create a new unconnected socket that is not a database driver's. An interrupt does
	 * what it does to the JDK's socket, any thread may wait, and when the deadline of the
	 * thread that waits passes, the socket is closed with a
	 * {@link SocketTimeoutException}.
	 */
	public ParkingSocket() {
		this(WaitSettings.withoutStatements());
	}

	ParkingSocket(WaitSettings settings) {
		this.settings = settings;
		this.reads = new BusyTime(false, settings.figures());
		this.writes = new BusyTime(true, settings.figures());
	}

	@Override
	public void cancelWith(StatementCanceller canceller) {
		this.canceller = canceller;
	}

	@Override
	public long busyNanos() {
		return this.reads.nanos() + this.writes.nanos();
	}

	@Override
	public long waitingNanos() {
		return Math.max(this.reads.goingOnNanos(), this.writes.goingOnNanos());
	}

	@Override
	public long lastActivity() {
		return this.lastActivity;
	}

	@Override
	public void ownedBy(@Nullable Thread owner) {
		this.owner.set(owner);
	}

	/**
	 * Connect, within the timeout and until the grace period, if there is one, after the
	 * deadline of the thread has passed.
	 */
	@Override
	public void connect(SocketAddress endpoint, int timeout) throws IOException {
		this.settings.refuseEventLoopThread();
		Deadline deadline = this.settings.deadline();
		long left = (deadline != null) ? Math.max(0, deadline.leftNanos()) + this.settings.graceNanos()
				: WaitStrategy.NO_TIMEOUT;
		if (timeout < 0 || !isEarlier(left, timeout)) {
			super.connect(endpoint, timeout);
			return;
		}
		try {
			super.connect(endpoint, millis(left));
		}
		catch (SocketTimeoutException ex) {
			if (!this.settings.hasStatements()) {
				closeAfter(ex);
				throw ex;
			}
			SocketException failure = new SocketException("Closed after the deadline: not connected in time", ex);
			closeAfter(failure);
			throw failure;
		}
	}

	@Override
	public synchronized InputStream getInputStream() throws IOException {
		InputStream in = super.getInputStream();
		if (this.in == null) {
			this.in = new ParkingInputStream(in);
		}
		return this.in;
	}

	@Override
	public synchronized OutputStream getOutputStream() throws IOException {
		OutputStream out = super.getOutputStream();
		if (this.out == null) {
			this.out = new GuardedOutputStream(out);
		}
		return this.out;
	}

	@Override
	public void setSoTimeout(int timeout) throws SocketException {
		super.setSoTimeout(timeout);
		this.readTimeout = timeout;
	}

	@Override
	public int getSoTimeout() throws SocketException {
		super.getSoTimeout();
		return this.readTimeout;
	}

	private void replaceReadTimeout(int millis) {
		this.readTimeoutReplaced = true;
		setTimeoutBelow(millis);
	}

	private void restoreReadTimeout() {
		if (this.readTimeoutReplaced) {
			this.readTimeoutReplaced = false;
			setTimeoutBelow(this.readTimeout);
		}
	}

	private void setTimeoutBelow(int millis) {
		try {
			super.setSoTimeout(millis);
		}
		catch (SocketException ex) {
			// The socket is closed, as the read will tell
		}
	}

	@Override
	public void close() throws IOException {
		Thread thread = Thread.currentThread();
		if (thread.isInterrupted() && this.readers.remove(thread)) {
			return;
		}
		super.close();
	}

	private void closeAfter(Exception failure) {
		try {
			super.close();
		}
		catch (IOException ex) {
			failure.addSuppressed(ex);
		}
	}

	private Patience patience(@Nullable AnsweredInterrupt answered) {
		return new Patience(this.settings, answered, this.canceller, super::close);
	}

	private long patienceLeft(Patience patience) throws SocketException, SocketTimeoutException {
		return patience.beforeWait(Thread.currentThread().isVirtual());
	}

	/**
	 * Return whether the JDK would close the socket on an interrupt of the current thread
	 * and is kept from it.
	 */
	private boolean survivesInterrupts() {
		return this.settings.interruptPolicy() != InterruptPolicy.CLOSE && Thread.currentThread().isVirtual();
	}

	private static boolean isEarlier(long nanos, int timeoutMillis) {
		return nanos != WaitStrategy.NO_TIMEOUT
				&& (timeoutMillis == 0 || nanos < TimeUnit.MILLISECONDS.toNanos(timeoutMillis));
	}

	/**
	 * Return the time in milliseconds, rounded up.
	 */
	private static int millis(long nanos) {
		return (int) Math.min(Integer.MAX_VALUE, TimeUnit.NANOSECONDS.toMillis(nanos) + 1);
	}

	private final class ParkingInputStream extends FilterInputStream {

		private ParkingInputStream(InputStream in) {
			super(in);
		}

		@Override
		public int read() throws IOException {
			byte[] single = new byte[1];
			return (read(single, 0, 1) > 0) ? single[0] & 0xff : -1;
		}

		@Override
		public int read(byte[] bytes, int offset, int length) throws IOException {
			ParkingSocket.this.written = 0;
			if (ParkingSocket.this.settings.isEventLoopThread() && available() == 0) {
				ParkingSocket.this.settings.refuseEventLoopThread();
			}
			long start = System.nanoTime();
			boolean measured = ParkingSocket.this.reads.begin(start);
			ParkingSocket.this.lastActivity = start;
			try {
				return readPatiently(bytes, offset, length, start);
			}
			finally {
				long now = System.nanoTime();
				ParkingSocket.this.lastActivity = now;
				if (measured) {
					ParkingSocket.this.reads.end(now);
				}
			}
		}

		/**
		 * Read for the driver: as often as interrupts and deadlines make it necessary.
		 */
		private int readPatiently(byte[] bytes, int offset, int length, long start) throws IOException {
			ParkingSocket.this.answered.forgetIfCleared();
			int timeout = ParkingSocket.this.readTimeout;
			Patience patience = null;
			try {
				if (isLate() && available() == 0) {
					patience = patience(ParkingSocket.this.answered);
				}
				while (true) {
					limitNextRead(patience, timeout, start);
					try {
						return readUnlessInterrupted(bytes, offset, length);
					}
					catch (SocketTimeoutException ex) {
						if (timeoutLeft(timeout, start) <= 0) {
							throw ex;
						}
					}
					if (patience == null) {
						patience = patience(ParkingSocket.this.answered);
					}
				}
			}
			finally {
				restoreReadTimeout();
				if (patience != null) {
					patience.end(!isClosed());
				}
			}
		}

		private boolean isLate() {
			Deadline deadline = ParkingSocket.this.settings.deadline();
			return deadline != null && deadline.leftNanos() <= 0;
		}

		private void limitNextRead(@Nullable Patience patience, int timeout, long start) throws IOException {
			long left;
			if (patience != null) {
				left = Math.min(patienceLeft(patience), timeoutLeft(timeout, start));
				if (left <= 0) {
					throw new SocketTimeoutException("Read timed out");
				}
			}
			else {
				Deadline deadline = ParkingSocket.this.settings.deadline();
				left = (deadline != null) ? Math.max(1, deadline.leftNanos()) : WaitStrategy.NO_TIMEOUT;
			}
			if (isEarlier(left, timeout)) {
				replaceReadTimeout(millis(left));
			}
			else {
				restoreReadTimeout();
			}
		}

		private static long timeoutLeft(int timeout, long start) {
			return (timeout > 0) ? TimeUnit.MILLISECONDS.toNanos(timeout) - (System.nanoTime() - start)
					: WaitStrategy.NO_TIMEOUT;
		}

		/**
		 * Read, or throw a {@link SocketTimeoutException} also when an interrupt ended
		 * the read.
		 */
		private int readUnlessInterrupted(byte[] bytes, int offset, int length) throws IOException {
			if (!survivesInterrupts()) {
				return super.read(bytes, offset, length);
			}
			Thread thread = Thread.currentThread();
			ParkingSocket.this.readers.add(thread);
			try {
				return super.read(bytes, offset, length);
			}
			catch (SocketException ex) {
				if (ParkingSocket.this.readers.contains(thread)) {
					throw ex;
				}
				throw new SocketTimeoutException("Read timed out");
			}
			finally {
				ParkingSocket.this.readers.remove(thread);
			}
		}

	}

	private final class GuardedOutputStream extends OutputStream {

		private final OutputStream out;

		private GuardedOutputStream(OutputStream out) {
			this.out = out;
		}

		@Override
		public void write(int value) throws IOException {
			write(new byte[] { (byte) value }, 0, 1);
		}

		@Override
		public void write(byte[] bytes, int offset, int length) throws IOException {
			ParkingSocket.this.settings.refuseEventLoopThread();
			ParkingSocket.this.owner.check();
			ParkingSocket.this.answered.forgetIfCleared();
			StatementCanceller canceller = ParkingSocket.this.canceller;
			if (canceller != null) {
				canceller.sending(bytes, offset, length);
			}
			ParkingSocket.this.written += length;
			if (ParkingSocket.this.written > MAX_DIRECT_WRITE && mayGiveUp()) {
				writePatiently(bytes, offset, length);
			}
			else {
				this.out.write(bytes, offset, length);
			}
			ParkingSocket.this.lastActivity = System.nanoTime();
		}

		private boolean mayGiveUp() {
			return survivesInterrupts() || ParkingSocket.this.settings.deadline() != null;
		}

		private void writePatiently(byte[] bytes, int offset, int length) throws IOException {
			long start = System.nanoTime();
			boolean measured = ParkingSocket.this.writes.begin(start);
			ParkingSocket.this.lastActivity = start;
			Patience patience = patience(null);
			try {
				await(startWrite(bytes, offset, length, patience), patience);
			}
			finally {
				patience.end(!isClosed());
				if (measured) {
					ParkingSocket.this.writes.end(System.nanoTime());
				}
			}
		}

		private CompletableFuture<Void> startWrite(byte[] bytes, int offset, int length, Patience patience)
				throws SocketException {
			CompletableFuture<Void> written = new CompletableFuture<>();
			try {
				Thread.startVirtualThread(() -> {
					try {
						this.out.write(bytes, offset, length);
						written.complete(null);
					}
					catch (Throwable ex) {
						written.completeExceptionally(ex);
					}
				});
			}
			catch (Throwable ex) {
				throw patience.failed(ex);
			}
			return written;
		}

		private void await(CompletableFuture<Void> written, Patience patience) throws IOException {
			while (true) {
				long left = patienceLeft(patience);
				try {
					if (left == WaitStrategy.NO_TIMEOUT) {
						written.get();
					}
					else {
						written.get(left, TimeUnit.NANOSECONDS);
					}
					return;
				}
				catch (InterruptedException ex) {
					Thread.currentThread().interrupt();
				}
				catch (TimeoutException ex) {
					// Ask the patience again
				}
				catch (ExecutionException ex) {
					throw (ex.getCause() instanceof IOException failure) ? failure : patience.failed(ex);
				}
			}
		}

		@Override
		public void close() throws IOException {
			this.out.close();
		}

	}

}
