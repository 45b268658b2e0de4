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

import java.util.Collections;
import java.util.Map;
import java.util.WeakHashMap;

/**
 * The threads whose interrupt status is set because of an interrupt that has already
 * cancelled a statement, so that it cancels no other one, such as the rollback that
 * follows. A thread whose status is found clear is no longer among them.
 */
final class AnsweredInterrupts {

	private static final Map<Thread, Boolean> threads = Collections.synchronizedMap(new WeakHashMap<>());

	private static volatile boolean empty = true;

	private AnsweredInterrupts() {
	}

	static void add(Thread thread) {
		threads.put(thread, true);
		empty = false;
	}

	static void removeIfCleared(Thread thread) {
		if (!empty && !thread.isInterrupted()) {
			threads.remove(thread);
			empty = threads.isEmpty();
		}
	}

	static boolean contains(Thread thread) {
		return !empty && threads.containsKey(thread);
	}

}
