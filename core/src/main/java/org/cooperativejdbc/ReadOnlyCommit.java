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
 * How long a thread waits for the COMMIT of a transaction that was begun as read-only and
 * has only read.
 *
 * @since 0.1.0
 */
public enum ReadOnlyCommit {

	/**
	 * Until the server has answered, as the driver does.
	 */
	STANDARD,

	/**
	 * Not at all, if the driver is supported and the COMMIT can fail only together with
	 * its connection. The answer is read together with that of the next statement on the
	 * connection. Other sessions may see the end of the transaction, for example the
	 * release of a lock, a moment after the thread has continued.
	 */
	OVERLAPPED

}
