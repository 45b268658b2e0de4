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
import java.io.UncheckedIOException;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

import org.cooperativejdbc.BlockingOnEventLoopException;
import org.cooperativejdbc.InterruptPolicy;
import org.jspecify.annotations.Nullable;

/**
 * The JDK's own socket, in which a virtual thread parks while it waits, made safe against
 * interrupts. The JDK closes a socket when a virtual thread is interrupted while it reads
 * (see {@link Socket#getInputStream()}); it does so by calling {@link #close()} on the
 * very thread that reads. This socket declines that one call, clears the interrupt
 * status, reads on and sets the status again when the read has ended. A large write of a
 * virtual thread, which might block, is made by another one that nobody interrupts.
 *
 * @since 0.1.0
 */
public final class ParkingSocket extends Socket implements DriverSocket {

	/**
	 * The most bytes written before the server's answer that cannot block, because they
	 * fit into the smallest send buffer.
	 */
	private static final int MAX_DIRECT_WRITE = 8 * 1024;

	private final Predicate<Thread> eventLoopThread;

	private final InterruptPolicy interruptPolicy;

	private volatile @Nullable StatementCanceller canceller;

	private final Owner owner = new Owner();

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
	 */
	public ParkingSocket(Predicate<Thread> eventLoopThread, InterruptPolicy interruptPolicy) {
		this.eventLoopThread = eventLoopThread;
		this.interruptPolicy = interruptPolicy;
	}

	@Override
	public void cancelWith(StatementCanceller canceller) {
		this.canceller = canceller;
	}

	@Override
	public long busyNanos() {
		return 0;
	}

	@Override
	public long lastActivity() {
		return System.nanoTime();
	}

	@Override
	public void ownedBy(@Nullable Thread owner) {
		this.owner.set(owner);
	}

	@Override
	public void connect(SocketAddress endpoint, int timeout) throws IOException {
		refuseEventLoopThread();
		super.connect(endpoint, timeout);
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
	public void close() throws IOException {
		Thread thread = Thread.currentThread();
		if (thread.isInterrupted() && this.readers.remove(thread)) {
			return;
		}
		super.close();
	}

	private void refuseEventLoopThread() throws BlockingOnEventLoopException {
		if (runsEventLoop()) {
			throw new BlockingOnEventLoopException(Thread.currentThread());
		}
	}

	/**
	 * Return whether the JDK would close the socket on an interrupt of the current thread
	 * and is kept from it.
	 */
	private boolean survivesInterrupts() {
		return this.interruptPolicy != InterruptPolicy.CLOSE && Thread.currentThread().isVirtual();
	}

	private boolean runsEventLoop() {
		Thread thread = Thread.currentThread();
		return !thread.isVirtual() && this.eventLoopThread.test(thread);
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
			if (survivesInterrupts()) {
				ParkingSocket.this.written = 0;
				return readOn(bytes, offset, length);
			}
			if (runsEventLoop() && available() == 0) {
				refuseEventLoopThread();
			}
			return super.read(bytes, offset, length);
		}

		private int readOn(byte[] bytes, int offset, int length) throws IOException {
			Thread thread = Thread.currentThread();
			int timeoutMillis = timeoutMillis();
			long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(timeoutMillis);
			Interrupts interrupts = null;
			try {
				while (true) {
					boolean before = thread.isInterrupted();
					ParkingSocket.this.readers.add(thread);
					try {
						return super.read(bytes, offset, length);
					}
					catch (SocketException ex) {
						if (!declinedClose()) {
							throw ex;
						}
						interrupts = interrupted(interrupts, before);
						if (timeoutMillis > 0 && System.nanoTime() - deadline >= 0) {
							throw new SocketTimeoutException("Read timed out");
						}
					}
					finally {
						ParkingSocket.this.readers.remove(thread);
					}
				}
			}
			finally {
				if (interrupts != null) {
					interrupts.end();
				}
				else {
					AnsweredInterrupts.removeIfCleared(thread);
				}
			}
		}

		private Interrupts interrupted(@Nullable Interrupts interrupts, boolean before) {
			Interrupts handled = (interrupts != null) ? interrupts
					: new Interrupts(ParkingSocket.this.interruptPolicy, ParkingSocket.this.canceller);
			if (before) {
				handled.beforeWait();
			}
			else {
				handled.afterWait();
			}
			return handled;
		}

		private int timeoutMillis() {
			try {
				return getSoTimeout();
			}
			catch (SocketException ex) {
				return 0; // the socket is closed, as the read will tell
			}
		}

		private boolean declinedClose() {
			return !ParkingSocket.this.readers.contains(Thread.currentThread());
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
			refuseEventLoopThread();
			ParkingSocket.this.owner.check();
			ParkingSocket.this.written += length;
			if (ParkingSocket.this.written > MAX_DIRECT_WRITE && survivesInterrupts()) {
				writeUninterrupted(bytes, offset, length);
			}
			else {
				this.out.write(bytes, offset, length);
			}
		}

		private void writeUninterrupted(byte[] bytes, int offset, int length) throws IOException {
			try {
				CompletableFuture.runAsync(() -> {
					try {
						this.out.write(bytes, offset, length);
					}
					catch (IOException ex) {
						throw new UncheckedIOException(ex);
					}
				}, Thread::startVirtualThread).join();
			}
			catch (CompletionException ex) {
				throw (ex.getCause() instanceof UncheckedIOException failure) ? failure.getCause()
						: new SocketException("Write failed", ex.getCause());
			}
		}

		@Override
		public void close() throws IOException {
			this.out.close();
		}

	}

}
