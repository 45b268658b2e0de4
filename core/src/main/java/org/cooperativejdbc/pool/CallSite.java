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

package org.cooperativejdbc.pool;

import java.util.List;

import org.jspecify.annotations.Nullable;

/**
 * Reads the stack of a thread that holds a connection.
 */
final class CallSite {

	/**
	 * Methods of the driver that wait for the server, or work on what it sent.
	 */
	private static final String DRIVER = "org.postgresql.";

	/**
	 * Code that calls an application or is called by it, in the order of likelihood.
	 */
	private static final List<String> LIBRARIES = List.of("java.", "org.springframework.", "jdk.", "org.hibernate.",
			"com.zaxxer.hikari.", "javax.", "sun.", "com.sun.", "jakarta.", "org.apache.", "reactor.", "io.netty.",
			"org.eclipse.jetty.", "org.jooq.", "org.mybatis.", "io.micrometer.", "tools.jackson.", "com.fasterxml.",
			"ch.qos.logback.", "org.slf4j.", "org.aspectj.", "kotlin.", "kotlinx.", "okhttp3.", "okio.", "feign.",
			"io.github.resilience4j.", "org.cooperativejdbc.pool.", "org.cooperativejdbc.carrier.",
			"org.cooperativejdbc.socket.", "org.cooperativejdbc.autoconfigure.");

	private CallSite() {
	}

	/**
	 * Return where the database is idle.
	 * @param stack the stack of a thread, which may be empty
	 * @return the method of the application that is executed, or {@code null} if the
	 * driver is at work
	 */
	static @Nullable String idle(StackTraceElement[] stack) {
		String application = null;
		for (StackTraceElement frame : stack) {
			if (frame.getClassName().startsWith(DRIVER)) {
				return null;
			}
			if (application == null && isApplication(frame.getClassName())) {
				application = name(frame);
			}
		}
		return (application != null) ? application : (stack.length > 0) ? name(stack[0]) : null;
	}

	private static boolean isApplication(String className) {
		return !className.contains("$$") && !className.startsWith("$Proxy") && !className.contains(".$Proxy")
				&& LIBRARIES.stream().noneMatch(className::startsWith);
	}

	private static String name(StackTraceElement frame) {
		return frame.getClassName() + "#" + frame.getMethodName();
	}

}
