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

package org.cooperativejdbc.libraries;

import java.io.IOException;
import java.net.URI;

/**
 * A request to a server that answers late.
 */
final class HttpWait implements Wait {

	private static final String ANSWER = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok";

	private final SilentServer server = new SilentServer();

	private final Client client;

	HttpWait(Client client) throws IOException {
		this.client = client;
	}

	@Override
	public Object call() throws Exception {
		return this.client.get(this.server.http());
	}

	@Override
	public void awaitBegun() throws InterruptedException {
		this.server.awaitRequest();
	}

	@Override
	public void end() throws IOException {
		this.server.answer(ANSWER);
	}

	@Override
	public void close() throws IOException {
		this.server.close();
	}

	interface Client {

		Object get(URI uri) throws Exception;

	}

}
