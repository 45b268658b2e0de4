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

package org.cooperativejdbc;

/**
 * What happens to a statement, and to its connection, when the thread that waits for its
 * result is interrupted. In every case the interrupt status of the thread is set when the
 * wait has ended.
 *
 * @since 0.1.0
 */
public enum InterruptPolicy {

	/**
	 * The server is asked to cancel the statement, which then fails with SQLState 57014,
	 * and the connection survives. If the server does not answer within the grace period,
	 * or cannot be asked, the connection is closed. A COMMIT is never canceled, and a
	 * wait for notifications ends at once, with the connection.
	 * <p>
	 * An interrupt cancels one statement of a connection: the one that runs or, if none
	 * does, the next one of the thread; later statements on that connection, such as a
	 * rollback, are left alone as long as the status remains set.
	 */
	CANCEL,

	/**
	 * The statement goes on, and the connection survives.
	 */
	DEFER,

	/**
	 * The connection is closed if the thread is virtual, while the statement goes on in
	 * the server. This is what the JDK's socket does, see
	 * {@link java.net.Socket#getInputStream()}.
	 */
	CLOSE

}
