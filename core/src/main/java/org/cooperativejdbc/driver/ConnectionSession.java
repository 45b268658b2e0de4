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

import java.lang.ref.WeakReference;

import org.cooperativejdbc.socket.DriverSocket;
import org.jspecify.annotations.Nullable;

/**
 * What belongs to a connection whose driver gives the socket factory the settings of the
 * connection, an object of its own: it parses the URL anew for each connection. Keeps
 * neither the connection nor its socket.
 *
 * @param <C> the type of the connection, or of what stands for it in the driver
 */
final class ConnectionSession<C> {

	private volatile @Nullable WeakReference<DriverSocket> socket;

	private volatile @Nullable WeakReference<C> connection;

	@Nullable DriverSocket socket() {
		WeakReference<DriverSocket> socket = this.socket;
		return (socket != null) ? socket.get() : null;
	}

	void use(DriverSocket socket) {
		this.socket = new WeakReference<>(socket);
	}

	@Nullable C connection() {
		WeakReference<C> connection = this.connection;
		return (connection != null) ? connection.get() : null;
	}

	void usedBy(C connection) {
		WeakReference<C> known = this.connection;
		if (known == null || !known.refersTo(connection)) {
			this.connection = new WeakReference<>(connection);
		}
	}

}
