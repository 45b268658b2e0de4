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

package org.cooperativejdbc.spring;

import java.lang.StackWalker.StackFrame;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;

import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.cooperativejdbc.BlockingOnEventLoopException;
import org.cooperativejdbc.CooperativeJdbc;
import org.cooperativejdbc.door.EventLoopCalls;

/**
 * Recognizes threads that run the I/O of an event loop and must not wait, because all
 * connections of the loop would wait with them.
 *
 * @since 0.1.0
 */
public final class EventLoopGuard implements Predicate<Thread> {

	private static final Log logger = LogFactory.getLog(CooperativeJdbc.class);

	/**
	 * The most warnings, should somebody name threads without end.
	 */
	private static final int MAX_WARNINGS = 16;

	private static final List<String> LIBRARIES = List.of("java.", "javax.", "jdk.", "jakarta.", "com.zaxxer.",
			"org.postgresql.", "org.springframework.", "org.hibernate.", "org.jooq.", "reactor.", "io.netty.",
			"org.cooperativejdbc.spring.", "org.cooperativejdbc.pool.", "org.cooperativejdbc.socket.",
			"org.cooperativejdbc.driver.", "org.cooperativejdbc.door.", "org.cooperativejdbc.reactor.");

	private final EventLoopCalls calls = new EventLoopCalls();

	private final OnEventLoop onEventLoop;

	private final Set<String> warned = ConcurrentHashMap.newKeySet();

	/**
	 * Create a guard.
	 * @param onEventLoop what happens to threads of event loops
	 */
	public EventLoopGuard(OnEventLoop onEventLoop) {
		this.onEventLoop = onEventLoop;
	}

	/**
	 * Return whether the current thread is refused.
	 * @param thread the current thread
	 * @return whether it must not wait
	 */
	@Override
	public boolean test(Thread thread) {
		if (this.onEventLoop == OnEventLoop.ALLOW || !this.calls.test(thread)) {
			return false;
		}
		if (this.onEventLoop == OnEventLoop.WARN) {
			warn(thread);
		}
		return this.onEventLoop == OnEventLoop.FAIL;
	}

	/**
	 * Return who tells of such threads, unless they are allowed to wait.
	 * @return the calls
	 */
	public EventLoopCalls calls() {
		return this.calls;
	}

	private void warn(Thread thread) {
		String kind = thread.getName().replaceAll("\\d+", "#");
		if (this.warned.size() < MAX_WARNINGS && this.warned.add(kind)) {
			logger.warn(new BlockingOnEventLoopException(thread).getMessage() + ": called by " + caller()
					+ ". It does wait, as 'cooperative.jdbc.on-event-loop' is 'warn', and so may others named '" + kind
					+ "'");
			logger.debug("Stack of the call on an event loop", new Throwable(thread.getName()));
		}
	}

	private static String caller() {
		return StackWalker.getInstance()
			.walk((frames) -> frames.filter((frame) -> isApplication(frame.getClassName()))
				.findFirst()
				.map(EventLoopGuard::name)
				.orElse("a library"));
	}

	private static boolean isApplication(String className) {
		return !className.contains("$$") && !className.contains("$Proxy")
				&& LIBRARIES.stream().noneMatch(className::startsWith);
	}

	private static String name(StackFrame frame) {
		return frame.getClassName() + "#" + frame.getMethodName();
	}

}
