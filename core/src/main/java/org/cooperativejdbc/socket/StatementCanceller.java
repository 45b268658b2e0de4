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

import java.time.Duration;

/**
 * Asks the server to cancel the statement that runs on a connection, from another thread
 * and over another connection.
 *
 * @since 0.1.0
 */
@FunctionalInterface
public interface StatementCanceller {

	/**
	 * Ask the server to cancel, and return when it can no longer affect a later
	 * statement. If no statement runs, nothing happens.
	 * @throws Exception if the server could not be asked; the statement then continues
	 */
	void cancel() throws Exception;

	/**
	 * Return whether the server may be asked more than once. A request that is delayed on
	 * its way to the server could hit a later statement.
	 * @return whether requests are repeated until the statement has ended
	 */
	default boolean isRepeatable() {
		return true;
	}

	/**
	 * Return whether the server still answers somebody. Asked while a COMMIT is waited
	 * for whose thread has given up, on another thread.
	 * @param timeout how long the server may take
	 * @return {@code false} if there was no answer at all; by default the server is taken
	 * to answer
	 */
	default boolean isServerAnswering(Duration timeout) {
		return true;
	}

	/**
	 * Return what the current thread waits for on the connection. Called by the thread
	 * that waits, when it is interrupted or its deadline passes.
	 * @return the exchange with the server that is under way
	 */
	default Exchange exchange() {
		return Exchange.STATEMENT;
	}

	/**
	 * Called before bytes are sent, by the thread that sends them, so that the
	 * implementation can find out from them what the thread will wait for. Must be quick
	 * and must not throw.
	 * @param bytes holds the bytes, which must not be changed
	 * @param offset where they begin
	 * @param length how many there are
	 */
	default void sending(byte[] bytes, int offset, int length) {
	}

	/**
	 * What a thread waits for.
	 */
	enum Exchange {

		/**
		 * The result of a statement, which can be canceled.
		 */
		STATEMENT,

		/**
		 * The end of a transaction that commits. It is not canceled, because a COMMIT
		 * that waits for a synchronous standby would report success before the data is
		 * safe. The connection is not closed, because that would leave the outcome
		 * unknown, unless the server {@linkplain #isServerAnswering answers nobody}.
		 */
		COMMIT,

		/**
		 * The answer to something else, such as a rollback or a setting. It is not
		 * canceled, because it is short, and the wait is limited by the grace period.
		 */
		HOUSEKEEPING,

		/**
		 * Something that was not requested, such as notifications. There is nothing to
		 * cancel, so the connection is closed.
		 */
		NOTHING

	}

}
