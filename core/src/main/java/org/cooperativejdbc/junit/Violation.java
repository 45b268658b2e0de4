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

package org.cooperativejdbc.junit;

import org.cooperativejdbc.pool.CallSite;

/**
 * Something that blocked, held or leaked in a test.
 *
 * @param message what was done, by whom and where
 * @param stack the stack of the thread that did it
 */
record Violation(String message, StackTraceElement[] stack) {

	/**
	 * Create a violation.
	 * @param message what was done and by whom, which is followed by the place
	 */
	static Violation of(String message, StackTraceElement[] stack) {
		String place = CallSite.of(stack);
		return new Violation((place != null) ? message + " in " + place : message, stack);
	}

	/**
	 * Return an exception that shows the stack as its own.
	 */
	Throwable toThrowable() {
		Throwable throwable = new Throwable(this.message);
		throwable.setStackTrace(this.stack);
		return throwable;
	}

	static String name(Thread thread) {
		return thread.getName().isEmpty() ? "#" + thread.threadId() : thread.getName();
	}

}
