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
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.SocketException;
import java.net.SocketImpl;
import java.net.SocketOption;
import java.net.UnknownHostException;
import java.nio.channels.SocketChannel;
import java.util.Objects;
import java.util.Set;

import org.cooperativejdbc.WaitStrategy;
import org.jspecify.annotations.Nullable;

/**
 * The {@link SocketImpl} of a {@link CooperativeSocket}. {@link java.net.Socket} on top
 * of it adds the checks of its state, and streams that close it.
 */
final class ChannelSocketImpl extends SocketImpl {

	private final WaitStrategy waitStrategy;

	private final WaitSettings settings;

	private @Nullable Closeable socket; // set once, before create

	private @Nullable CooperativeChannel channel; // set once, by create

	private final Owner owner = new Owner();

	private volatile @Nullable StatementCanceller canceller;

	private volatile int readTimeout;

	ChannelSocketImpl(WaitStrategy waitStrategy, WaitSettings settings) {
		this.waitStrategy = waitStrategy;
		this.settings = settings;
	}

	/**
	 * Set the socket that uses this implementation.
	 */
	void usedBy(Closeable socket) {
		this.socket = socket;
	}

	void cancelWith(StatementCanceller canceller) {
		this.canceller = canceller;
		if (this.channel != null) {
			this.channel.cancelWith(canceller);
		}
	}

	long busyNanos() {
		return (this.channel != null) ? this.channel.busyNanos() : 0;
	}

	long waitingNanos() {
		return (this.channel != null) ? this.channel.waitingNanos() : 0;
	}

	long lastActivity() {
		return (this.channel != null) ? this.channel.lastActivity() : System.nanoTime();
	}

	void ownedBy(@Nullable Thread owner) {
		this.owner.set(owner);
	}

	@Override
	protected void create(boolean stream) throws IOException {
		Closeable socket = (this.socket != null) ? this.socket : this::close;
		CooperativeChannel channel = new CooperativeChannel(socket, this.waitStrategy, this.settings);
		StatementCanceller canceller = this.canceller;
		if (canceller != null) {
			channel.cancelWith(canceller);
		}
		this.channel = channel;
	}

	private CooperativeChannel channel() throws SocketException {
		if (this.channel == null) {
			throw new SocketException("Socket closed");
		}
		return this.channel;
	}

	private SocketChannel open() throws SocketException {
		return channel().open();
	}

	@Override
	protected void connect(String host, int port) throws IOException {
		connect(new InetSocketAddress(host, port), 0);
	}

	@Override
	protected void connect(InetAddress address, int port) throws IOException {
		connect(new InetSocketAddress(address, port), 0);
	}

	@Override
	protected void connect(SocketAddress remote, int timeoutMillis) throws IOException {
		if (!(remote instanceof InetSocketAddress address)) {
			throw new IllegalArgumentException("Unsupported address type");
		}
		try {
			if (address.isUnresolved()) {
				throw new UnknownHostException(address.getHostName());
			}
			this.address = address.getAddress().isAnyLocalAddress() ? InetAddress.getLocalHost() : address.getAddress();
			this.port = address.getPort();
			channel().connect(new InetSocketAddress(this.address, this.port), timeoutMillis);
			this.localport = open().socket().getLocalPort();
		}
		catch (IOException ex) {
			close();
			throw ex;
		}
	}

	@Override
	protected void bind(InetAddress host, int port) throws IOException {
		open().bind(new InetSocketAddress(host, port));
		this.localport = open().socket().getLocalPort();
	}

	@Override
	protected InputStream getInputStream() {
		return new InputStream() {

			@Override
			public int read() throws IOException {
				byte[] single = new byte[1];
				return (read(single, 0, 1) > 0) ? single[0] & 0xff : -1;
			}

			@Override
			public int read(byte[] bytes, int offset, int length) throws IOException {
				Objects.checkFromIndexSize(offset, length, bytes.length);
				return (length != 0) ? channel().read(bytes, offset, length, ChannelSocketImpl.this.readTimeout) : 0;
			}

			@Override
			public int available() throws IOException {
				return ChannelSocketImpl.this.available();
			}

		};
	}

	@Override
	protected OutputStream getOutputStream() {
		return new OutputStream() {

			@Override
			public void write(int value) throws IOException {
				write(new byte[] { (byte) value }, 0, 1);
			}

			@Override
			public void write(byte[] bytes, int offset, int length) throws IOException {
				Objects.checkFromIndexSize(offset, length, bytes.length);
				ChannelSocketImpl.this.owner.check();
				StatementCanceller canceller = ChannelSocketImpl.this.canceller;
				if (canceller != null) {
					canceller.sending(bytes, offset, length);
				}
				channel().write(bytes, offset, length);
			}

		};
	}

	@Override
	protected int available() throws IOException {
		SocketChannel channel = open();
		return channel.socket().isInputShutdown() ? 0 : channel.socket().getInputStream().available();
	}

	@Override
	protected void close() throws IOException {
		if (this.channel != null) {
			this.channel.close();
		}
	}

	@Override
	protected void shutdownInput() throws IOException {
		channel().shutdownInput();
	}

	@Override
	protected void shutdownOutput() throws IOException {
		channel().shutdownOutput();
	}

	@Override
	public void setOption(int option, Object value) throws SocketException {
		SocketChannel channel = open();
		if (option == SO_TIMEOUT) {
			this.readTimeout = (Integer) value;
			return;
		}
		NumberedOptions.set(channel.socket(), option, value);
	}

	@Override
	public Object getOption(int option) throws SocketException {
		SocketChannel channel = open();
		return (option == SO_TIMEOUT) ? this.readTimeout : NumberedOptions.get(channel.socket(), option);
	}

	@Override
	protected Set<SocketOption<?>> supportedOptions() {
		return (this.channel != null) ? this.channel.supportedOptions() : Set.of();
	}

	@Override
	protected <T> void setOption(SocketOption<T> option, T value) throws IOException {
		open().setOption(option, value);
	}

	@Override
	protected <T> T getOption(SocketOption<T> option) throws IOException {
		return open().getOption(option);
	}

	@Override
	protected boolean supportsUrgentData() {
		return true;
	}

	@Override
	protected void sendUrgentData(int data) throws IOException {
		channel().sendUrgentData(data);
	}

	@Override
	protected void listen(int backlog) throws IOException {
		throw new SocketException("Not a server socket");
	}

	@Override
	protected void accept(SocketImpl accepted) throws IOException {
		throw new SocketException("Not a server socket");
	}

}
