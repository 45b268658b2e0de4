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
 * How long a thread waits that commits a transaction which was begun as read-only and has
 * only read.
 *
 * @since 0.1.0
 */
public enum ReadOnlyCommit {

	/**
	 * As long as the driver does: until the server has answered.
	 */
	STANDARD,

	/**
	 * Not at all, where the driver has a support for it and the COMMIT cannot fail unless
	 * its connection does. The answer is read along with that of the next statement on
	 * the connection. Others may see a moment later than the thread goes on that the
	 * transaction has ended, for example by a lock that it has held.
	 */
	OVERLAPPED

}
