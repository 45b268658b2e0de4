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
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

import org.cooperativejdbc.BlockingOnEventLoopException;
import org.jspecify.annotations.Nullable;

/**
 * The JDK's own socket, in which a virtual thread parks while it waits, made safe against
 * interrupts. The JDK closes a socket when a virtual thread is interrupted while it reads
 * (see {@link Socket#getInputStream()}); it does so by calling {@link #close()} on the
 * very thread that reads. This socket declines that one call, clears the interrupt
 * status, reads on and sets the status again when the read has ended.
 *
 * @since 0.1.0
 */
public final class ParkingSocket extends Socket {

	private final Predicate<Thread> eventLoopThread;

	/**
	 * The virtual threads that read now: one, while others may wait for their turn.
	 */
	private final Set<Thread> readers = ConcurrentHashMap.newKeySet(1);

	private @Nullable InputStream in; // need this socket's monitor

	private @Nullable OutputStream out; // need this socket's monitor

	/**
	 * Create a new unconnected socket.
	 * @param eventLoopThread tells threads that run an event loop, which must not wait
	 */
	public ParkingSocket(Predicate<Thread> eventLoopThread) {
		this.eventLoopThread = eventLoopThread;
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
			if (!Thread.currentThread().isVirtual()) {
				if (runsEventLoop() && available() == 0) {
					refuseEventLoopThread();
				}
				return super.read(bytes, offset, length);
			}
			int timeoutMillis = timeoutMillis();
			long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(timeoutMillis);
			boolean interrupted = false;
			try {
				while (true) {
					ParkingSocket.this.readers.add(Thread.currentThread());
					try {
						return super.read(bytes, offset, length);
					}
					catch (SocketException ex) {
						if (!declinedClose()) {
							throw ex;
						}
						interrupted |= Thread.interrupted();
						if (timeoutMillis > 0 && System.nanoTime() - deadline >= 0) {
							throw new SocketTimeoutException("Read timed out");
						}
					}
					finally {
						ParkingSocket.this.readers.remove(Thread.currentThread());
					}
				}
			}
			finally {
				if (interrupted) {
					Thread.currentThread().interrupt();
				}
			}
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
			this.out.write(bytes, offset, length);
		}

		@Override
		public void close() throws IOException {
			this.out.close();
		}

	}

}
