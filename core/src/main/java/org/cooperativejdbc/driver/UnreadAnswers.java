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

import java.io.IOException;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodHandles.Lookup;
import java.lang.invoke.MethodType;
import java.util.Deque;
import java.util.concurrent.locks.ReentrantLock;

import org.jspecify.annotations.Nullable;
import org.postgresql.core.PGStream;
import org.postgresql.core.Query;
import org.postgresql.core.QueryExecutor;
import org.postgresql.core.QueryExecutorBase;
import org.postgresql.core.ResultHandler;
import org.postgresql.core.v3.QueryExecutorImpl;

/**
 * Statements of one connection whose answers are read along with that of the next
 * statement. It is what pgjdbc itself does with the RELEASE of its own savepoints: the
 * statement is sent, noted as one whose answer comes first, and nobody waits for it. When
 * the answer comes, its status is passed to nobody, because it is told from others by the
 * identity of the query.
 * <p>
 * This has no door from outside, so it takes the driver's own methods. Which versions
 * have them, and do with them what is expected here, is known:
 * {@link #unavailableReason}. All methods need the {@link #lock()}, but for
 * {@link #isEmpty()}.
 */
final class UnreadAnswers {

	private static final String VERSIONS = "42\\.7\\.(?:1[1-9]|[2-9]\\d)(?:\\D.*)?";

	private static final int SIMPLE = QueryExecutor.QUERY_NO_METADATA | QueryExecutor.QUERY_EXECUTE_AS_SIMPLE;

	private static final @Nullable Internals internals = Internals.find();

	private final QueryExecutorBase executor;

	private final ReentrantLock lock;

	private final PGStream stream;

	private final Deque<Object> requests;

	private final Object silent;

	/**
	 * Create a new instance.
	 * @param executor the driver's own, of an open connection
	 * @throws IllegalStateException if these internals are not those of the driver
	 */
	@SuppressWarnings("unchecked")
	UnreadAnswers(QueryExecutor executor) {
		try {
			this.executor = (QueryExecutorBase) executor;
			this.lock = (ReentrantLock) internals().lock().invoke(executor);
			this.stream = (PGStream) internals().stream().invoke(executor);
			this.requests = (Deque<Object>) internals().requests().invoke(executor);
			this.silent = internals().silent().invoke(executor);
		}
		catch (Throwable ex) {
			throw new IllegalStateException(ex);
		}
	}

	/**
	 * Return why answers cannot be left unread.
	 * @return the reason, or {@code null} if they can
	 */
	static @Nullable String unavailableReason() {
		String version = PostgresqlDriver.version();
		if (version == null || !version.matches(VERSIONS)) {
			return "pgjdbc is " + ((version != null) ? version : "of an unknown version")
					+ ", not 42.7.11 or a later 42.7";
		}
		return (internals != null) ? null : "pgjdbc " + version + " does not let itself be looked into";
	}

	private static Internals internals() {
		if (internals == null) {
			throw new IllegalStateException("pgjdbc does not let itself be looked into");
		}
		return internals;
	}

	/**
	 * Return the lock that all statements of the connection need.
	 */
	ReentrantLock lock() {
		return this.lock;
	}

	/**
	 * Return whether all answers have been read.
	 */
	boolean isEmpty() {
		return this.requests.isEmpty();
	}

	/**
	 * Send a statement whose status nobody is told.
	 */
	void sendSilently(Query query) throws IOException {
		send(query);
		this.requests.removeLast();
		this.requests.addLast(invoke(() -> internals().newRequest().invoke(this.silent, null, true)));
	}

	/**
	 * Send a statement whose result is told whoever {@link #read reads}.
	 */
	void send(Query query) throws IOException {
		invoke(() -> {
			internals().sendOneQuery().invoke(this.executor, query, query.createParameterList(), 0, 0, SIMPLE);
			return this;
		});
	}

	void flush() throws IOException {
		this.stream.flush();
	}

	/**
	 * Wait for all answers.
	 */
	void read(ResultHandler handler) throws IOException {
		invoke(() -> {
			internals().processResults().invoke(this.executor, handler, 0);
			return this;
		});
	}

	private static Object invoke(Invocation invocation) throws IOException {
		try {
			return invocation.invoke();
		}
		catch (IOException | RuntimeException | Error ex) {
			throw ex;
		}
		catch (Throwable ex) {
			throw new IllegalStateException(ex);
		}
	}

	/**
	 * Calls a method handle.
	 */
	@FunctionalInterface
	private interface Invocation {

		Object invoke() throws Throwable;

	}

	/**
	 * What the driver does not show.
	 */
	private record Internals(MethodHandle lock, MethodHandle stream, MethodHandle requests, MethodHandle silent,
			MethodHandle newRequest, MethodHandle sendOneQuery, MethodHandle processResults) {

		private static final String PACKAGE = "org.postgresql.core.v3.";

		static @Nullable Internals find() {
			try {
				Lookup caller = MethodHandles.lookup();
				Lookup base = MethodHandles.privateLookupIn(QueryExecutorBase.class, caller);
				Lookup lookup = MethodHandles.privateLookupIn(QueryExecutorImpl.class, caller);
				Class<?> query = lookup.findClass(PACKAGE + "SimpleQuery");
				Class<?> parameters = lookup.findClass(PACKAGE + "SimpleParameterList");
				Class<?> request = lookup.findClass(PACKAGE + "ExecuteRequest");
				Class<?> portal = lookup.findClass(PACKAGE + "Portal");
				Class<?> lock = lookup.findClass("org.postgresql.jdbc.ResourceLock");
				return new Internals(base.findGetter(QueryExecutorBase.class, "lock", lock),
						base.findGetter(QueryExecutorBase.class, "pgStream", PGStream.class),
						lookup.findGetter(QueryExecutorImpl.class, "pendingExecuteQueue", Deque.class),
						lookup.findGetter(QueryExecutorImpl.class, "releaseAutoSave", query),
						lookup.findConstructor(request,
								MethodType.methodType(void.class, query, portal, boolean.class)),
						lookup.findVirtual(QueryExecutorImpl.class, "sendOneQuery",
								MethodType.methodType(void.class, query, parameters, int.class, int.class, int.class)),
						lookup.findVirtual(QueryExecutorImpl.class, "processResults",
								MethodType.methodType(void.class, ResultHandler.class, int.class)));
			}
			catch (ReflectiveOperationException | RuntimeException | LinkageError ex) {
				return null;
			}
		}

	}

}
