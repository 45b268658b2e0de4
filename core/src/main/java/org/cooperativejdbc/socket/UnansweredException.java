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

import java.io.Serial;
import java.net.SocketException;

/**
 * Thrown when a thread has given up waiting, after an interrupt or at its deadline, and
 * the server has not answered the request to cancel within the grace period. The socket
 * is closed. It reaches an application as the cause of the exception of its driver.
 *
 * @since 0.1.0
 */
public final class UnansweredException extends SocketException {

	@Serial
	private static final long serialVersionUID = 1L;

	UnansweredException(String message) {
		super(message);
	}

}
