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

import java.lang.ref.ReferenceQueue;
import java.lang.ref.WeakReference;
import java.sql.Connection;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

import org.cooperativejdbc.socket.DriverSocket;
import org.jspecify.annotations.Nullable;

/**
 * The sockets of connections. Keeps neither: a socket refers to its connection, by the
 * way in which it is canceled, and a connection to its socket.
 */
final class ConnectionSockets {

	private final Map<Key, WeakReference<DriverSocket>> sockets = new ConcurrentHashMap<>();

	private final ReferenceQueue<Connection> dropped = new ReferenceQueue<>();

	void put(Connection connection, DriverSocket socket) {
		for (Object key = this.dropped.poll(); key != null; key = this.dropped.poll()) {
			this.sockets.remove(key);
		}
		this.sockets.put(new Key(connection, this.dropped), new WeakReference<>(socket));
	}

	@Nullable DriverSocket get(Connection connection) {
		WeakReference<DriverSocket> socket = this.sockets.get(new Key(connection, null));
		return (socket != null) ? socket.get() : null;
	}

	/**
	 * A connection by its identity.
	 */
	private static final class Key extends WeakReference<Connection> {

		private final int hash;

		private Key(Connection connection, @Nullable ReferenceQueue<Connection> dropped) {
			super(connection, dropped);
			this.hash = System.identityHashCode(connection);
		}

		@Override
		public boolean equals(@Nullable Object other) {
			if (this == other) {
				return true;
			}
			Connection connection = get();
			return connection != null && other instanceof Key key && key.refersTo(connection);
		}

		@Override
		public int hashCode() {
			return this.hash;
		}

	}

}
