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

import java.net.Socket;
import java.net.SocketException;
import java.net.SocketOptions;

/**
 * The numbered options of {@link SocketOptions}, by which {@link Socket} talks to its
 * implementation, set on and read from the socket adaptor of a channel.
 */
final class NumberedOptions {

	private NumberedOptions() {
	}

	static void set(Socket adaptor, int option, Object value) throws SocketException {
		switch (option) {
			case SocketOptions.TCP_NODELAY -> adaptor.setTcpNoDelay((Boolean) value);
			case SocketOptions.SO_KEEPALIVE -> adaptor.setKeepAlive((Boolean) value);
			case SocketOptions.SO_REUSEADDR -> adaptor.setReuseAddress((Boolean) value);
			case SocketOptions.SO_OOBINLINE -> adaptor.setOOBInline((Boolean) value);
			case SocketOptions.SO_SNDBUF -> adaptor.setSendBufferSize((Integer) value);
			case SocketOptions.SO_RCVBUF -> adaptor.setReceiveBufferSize((Integer) value);
			case SocketOptions.IP_TOS -> adaptor.setTrafficClass((Integer) value);
			// Socket passes Boolean.FALSE to switch lingering off
			case SocketOptions.SO_LINGER ->
				adaptor.setSoLinger(value instanceof Integer, (value instanceof Integer seconds) ? seconds : 0);
			default -> throw new SocketException("Unknown option " + option);
		}
	}

	static Object get(Socket adaptor, int option) throws SocketException {
		return switch (option) {
			case SocketOptions.TCP_NODELAY -> adaptor.getTcpNoDelay();
			case SocketOptions.SO_KEEPALIVE -> adaptor.getKeepAlive();
			case SocketOptions.SO_REUSEADDR -> adaptor.getReuseAddress();
			case SocketOptions.SO_OOBINLINE -> adaptor.getOOBInline();
			case SocketOptions.SO_SNDBUF -> adaptor.getSendBufferSize();
			case SocketOptions.SO_RCVBUF -> adaptor.getReceiveBufferSize();
			case SocketOptions.IP_TOS -> adaptor.getTrafficClass();
			case SocketOptions.SO_LINGER -> adaptor.getSoLinger();
			case SocketOptions.SO_BINDADDR -> adaptor.getLocalAddress();
			default -> throw new SocketException("Unknown option " + option);
		};
	}

}
