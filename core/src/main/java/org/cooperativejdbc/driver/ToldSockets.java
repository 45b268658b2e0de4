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
import java.net.Socket;
import java.util.function.Supplier;

import org.cooperativejdbc.socket.CooperativeSocketFactory.SocketSupplier;
import org.cooperativejdbc.socket.DriverSocket;
import org.cooperativejdbc.socket.StatementCanceller;

/**
 * Supplies sockets that are told how a statement is canceled, or what a thread waits for,
 * as soon as they are made.
 *
 * @param sockets supplies sockets
 * @param cancellers supplies one for each of them
 */
record ToldSockets(SocketSupplier sockets, Supplier<StatementCanceller> cancellers) implements SocketSupplier {

	@Override
	public Socket get() throws IOException {
		return told(this.sockets.get());
	}

	@Override
	public Socket getProxied() throws IOException {
		return told(this.sockets.getProxied());
	}

	private Socket told(Socket socket) {
		if (socket instanceof DriverSocket driverSocket) {
			driverSocket.cancelWith(this.cancellers.get());
		}
		return socket;
	}

}
