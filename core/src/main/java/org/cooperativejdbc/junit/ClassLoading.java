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

/**
 * Recognizes threads that load a class, or wait for one that another thread loads. The
 * JVM lets no virtual thread leave its carrier meanwhile, whatever the code does, and
 * right after the start it takes long. A thread that initializes a class is none of them:
 * it runs code that can do better.
 */
final class ClassLoading {

	private static final String COOPERATIVE = "org.cooperativejdbc.";

	private ClassLoading() {
	}

	/**
	 * Return whether a thread is in a class loader. One that waits for a database there
	 * is as good as in any other code.
	 * @param stack its stack
	 */
	static boolean isIn(StackTraceElement[] stack) {
		for (StackTraceElement frame : stack) {
			if (frame.getClassName().startsWith(COOPERATIVE)) {
				return false;
			}
			if (frame.getMethodName().equals("loadClass") && frame.getClassName().equals("java.lang.ClassLoader")) {
				return true;
			}
		}
		return false;
	}

}
