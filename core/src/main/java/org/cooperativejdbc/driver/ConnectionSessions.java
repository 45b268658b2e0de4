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

package org.cooperativejdbc.driver;

import java.io.IOException;
import java.lang.ref.WeakReference;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.List;

import org.cooperativejdbc.socket.CooperativeSocketFactory;
import org.cooperativejdbc.socket.DriverSocket;
import org.jspecify.annotations.Nullable;

/**
 * The connections on our sockets, by the settings with which their driver makes them and
 * which it gives to the socket factory: an object of its own for each connection, since
 * it parses the URL anew each time.
 *
 * @param <S> the type of the settings
 * @param <C> the type of a connection, or of what stands for it in the driver
 */
final class ConnectionSessions<S, C> {

	private final IdentityMap<S, Session<C>> sessions = new IdentityMap<>();

	private final DriverCalls calls;

	private final KillQuery.Target<C> target;

	ConnectionSessions(DriverCalls calls, KillQuery.Target<C> target) {
		this.calls = calls;
		this.target = target;
	}

	/**
	 * Create the socket of a connection that is being made, whose statements are
	 * canceled. The driver may be about to cancel one itself, with the settings of the
	 * connection that executes it.
	 */
	Socket createSocket(String key, List<InetSocketAddress> servers, S settings) throws IOException {
		Socket socket = new CooperativeSocketFactory(key).createSocket(servers);
		if (socket instanceof DriverSocket driverSocket) {
			Session<C> session = this.sessions.computeIfAbsent(settings, Session::new);
			driverSocket.cancelWith(new KillQuery<>(socket, session::connection, this.target, this.calls));
			if (!this.calls.isKilling()) {
				session.socket = new WeakReference<>(driverSocket);
			}
		}
		return socket;
	}

	/**
	 * Return the socket of a connection, or {@code null} if it is none of ours, and tell
	 * its canceller of the connection.
	 */
	@Nullable DriverSocket socket(S settings, C connection) {
		Session<C> session = this.sessions.get(settings);
		if (session == null) {
			return null;
		}
		session.usedBy(connection);
		return session.socket.get();
	}

	/**
	 * What belongs to a connection. Keeps neither the connection nor its socket.
	 */
	private static final class Session<C> {

		private volatile WeakReference<@Nullable DriverSocket> socket = new WeakReference<>(null);

		private volatile WeakReference<@Nullable C> connection = new WeakReference<>(null);

		@Nullable C connection() {
			return this.connection.get();
		}

		void usedBy(C connection) {
			if (!this.connection.refersTo(connection)) {
				this.connection = new WeakReference<>(connection);
			}
		}

	}

}
