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
import java.util.stream.Stream;

import org.jspecify.annotations.Nullable;

/**
 * Reads where in an application a thread is.
 *
 * @since 0.1.0
 */
public final class CallSite {

	/**
	 * Code that calls an application or is called by it, in the order of likelihood.
	 */
	private static final List<String> LIBRARIES = List.of("java.", "org.springframework.", "jdk.", "org.hibernate.",
			"com.zaxxer.hikari.", "javax.", "sun.", "com.sun.", "jakarta.", "org.apache.", "reactor.", "io.netty.",
			"org.eclipse.jetty.", "org.jooq.", "org.mybatis.", "io.micrometer.", "tools.jackson.", "com.fasterxml.",
			"ch.qos.logback.", "org.slf4j.", "org.aspectj.", "kotlin.", "kotlinx.", "okhttp3.", "okio.", "feign.",
			"io.github.resilience4j.", "org.postgresql.", "org.flywaydb.", "liquibase.", "org.quartz.", "org.junit.",
			"org.cooperativejdbc.pool.", "org.cooperativejdbc.carrier.", "org.cooperativejdbc.socket.",
			"org.cooperativejdbc.driver.", "org.cooperativejdbc.door.", "org.cooperativejdbc.spring.",
			"org.cooperativejdbc.autoconfigure.");

	/**
	 * Code that calls one task after the other.
	 */
	private static final List<String> SCHEDULERS = List.of("java.", "jdk.", "jakarta.", "kotlin.", "kotlinx.",
			"reactor.", "io.netty.", "io.vertx.", "scala.", "org.apache.coyote.", "org.apache.catalina.",
			"org.apache.tomcat.", "org.eclipse.jetty.");

	private CallSite() {
	}

	/**
	 * Return the method of the application that is executed.
	 * @param stack the stack of a thread
	 * @return {@code class#method}, the topmost one if none is the application's, or
	 * {@code null} if the stack is empty
	 */
	public static @Nullable String of(StackTraceElement[] stack) {
		return Stream.of(stack)
			.filter((frame) -> isApplication(frame.getClassName()))
			.findFirst()
			.or(() -> Stream.of(stack).findFirst())
			.map(CallSite::name)
			.orElse(null);
	}

	/**
	 * Return the method of the application that the current thread executes. A proxy that
	 * ends a transaction after the method has returned counts as the method.
	 * @return {@code class#method}, or {@code null} if there is none of the application's
	 */
	static @Nullable String current() {
		return StackWalker.getInstance()
			.walk((frames) -> frames.filter((frame) -> isApplication(target(frame.getClassName())))
				.findFirst()
				.map((frame) -> target(frame.getClassName()) + "#" + frame.getMethodName())
				.orElse(null));
	}

	private static String target(String className) {
		int proxy = className.indexOf("$$");
		return (proxy > 0) ? className.substring(0, proxy) : className;
	}

	/**
	 * Return where a thread asks for a connection, and from where in the application that
	 * was called: the one that holds a connection already.
	 */
	static String nested(StackTraceElement[] stack) {
		List<String> sites = Stream.of(stack)
			.filter((frame) -> isApplication(target(frame.getClassName())))
			.map((frame) -> target(frame.getClassName()) + "#" + frame.getMethodName())
			.distinct()
			.limit(2)
			.toList();
		return sites.isEmpty() ? "unknown code" : String.join(", called from ", sites);
	}

	/**
	 * Return whether a thread is still in the call of a method in which it was earlier,
	 * because the stacks part where that method has gone on. They part otherwise where
	 * one task has ended and another one been called.
	 * @param earlier where the thread was
	 * @param now where it is
	 */
	static boolean isStillIn(StackTraceElement[] earlier, StackTraceElement[] now) {
		int common = 1;
		while (common <= Math.min(earlier.length, now.length)) {
			StackTraceElement then = earlier[earlier.length - common];
			StackTraceElement frame = now[now.length - common];
			if (!frame.equals(then)) {
				return frame.getClassName().equals(then.getClassName())
						&& frame.getMethodName().equals(then.getMethodName())
						&& !"invokeSuspend".equals(frame.getMethodName())
						&& SCHEDULERS.stream().noneMatch(frame.getClassName()::startsWith);
			}
			common++;
		}
		return false;
	}

	private static boolean isApplication(String className) {
		return !className.contains("$$") && !className.startsWith("$Proxy") && !className.contains(".$Proxy")
				&& LIBRARIES.stream().noneMatch(className::startsWith);
	}

	private static String name(StackTraceElement frame) {
		return frame.getClassName() + "#" + frame.getMethodName();
	}

}
