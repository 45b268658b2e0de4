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

package org.cooperativejdbc.driver;

import java.lang.StackWalker.StackFrame;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Stream;

import org.cooperativejdbc.socket.StatementCanceller.Exchange;

/**
 * Tells what a thread waits for from the methods of the driver between the socket and
 * whoever has called the driver, such as a connection pool.
 *
 * @param prefix how the names of the driver's classes begin
 * @param commits the methods that commit
 * @param logins the methods that log in, or look for the server, perhaps in the middle of
 * a statement
 * @param kills tells the methods with which the driver itself cancels a statement
 * @param connections how the names of the classes begin whose other methods are none of
 * statements
 * @param proxies how the names of the classes begin that stand for others, and say
 * nothing
 */
record DriverCalls(String prefix, Set<String> commits, Set<String> logins, Predicate<StackFrame> kills,
		List<String> connections, List<String> proxies) {

	/**
	 * Streams of the JDK between those of the driver, encrypting ones included.
	 */
	private static final List<String> STREAMS = List.of("java.io.", "sun.security.ssl.");

	private static final StackWalker stack = StackWalker.getInstance();

	/**
	 * Return whether the driver cancels a statement itself, over a second connection.
	 */
	boolean isKilling() {
		return stack.walk((frames) -> frames.anyMatch(this.kills));
	}

	/**
	 * Return what the current thread waits for.
	 */
	Exchange exchange() {
		return stack.walk(this::exchange);
	}

	private Exchange exchange(Stream<StackFrame> frames) {
		List<StackFrame> calls = frames.dropWhile((frame) -> !isDriver(frame))
			.takeWhile((frame) -> isDriver(frame) || STREAMS.stream().anyMatch(frame.getClassName()::startsWith))
			.filter(this::isDriver)
			.toList();
		if (calls.isEmpty() || contains(calls, this.logins) || calls.stream().anyMatch(this.kills)) {
			return Exchange.HOUSEKEEPING;
		}
		if (contains(calls, this.commits)) {
			return Exchange.COMMIT;
		}
		String entry = calls.reversed()
			.stream()
			.map(StackFrame::getClassName)
			.filter((type) -> this.proxies.stream().noneMatch(type::startsWith))
			.findFirst()
			.orElse("");
		return (entry.isEmpty() || this.connections.stream().anyMatch(entry::startsWith)) ? Exchange.HOUSEKEEPING
				: Exchange.STATEMENT;
	}

	private static boolean contains(List<StackFrame> calls, Set<String> methods) {
		return calls.stream().anyMatch((frame) -> methods.contains(frame.getClassName() + "." + frame.getMethodName()));
	}

	private boolean isDriver(StackFrame frame) {
		return frame.getClassName().startsWith(this.prefix);
	}

}
