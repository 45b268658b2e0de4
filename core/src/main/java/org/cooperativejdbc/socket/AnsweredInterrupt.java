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

import org.jspecify.annotations.Nullable;

/**
 * Whether the interrupt status of the current thread is set because of an interrupt that
 * has already canceled a statement on a socket, so that it cancels no later one there,
 * such as the rollback that follows. Each thread remembers the socket; the socket
 * remembers only whether it has to look.
 */
final class AnsweredInterrupt {

	private static final ThreadLocal<@Nullable Object> answered = new ThreadLocal<>();

	/**
	 * Stands for the socket, which a thread must not keep.
	 */
	private final Object socket = new Object();

	private volatile boolean remembered;

	/**
	 * Forget what the current thread remembers, of whatever socket: the work that its
	 * interrupt was meant for has ended.
	 */
	static void forget() {
		answered.remove();
	}

	/**
	 * Forget once the status is seen clear. Called before each operation of the socket.
	 */
	void forgetIfCleared() {
		if (this.remembered && !Thread.currentThread().isInterrupted()) {
			this.remembered = false;
			forget();
		}
	}

	void remember() {
		answered.set(this.socket);
		this.remembered = true;
	}

	boolean isRemembered() {
		return this.remembered && answered.get() == this.socket;
	}

}
