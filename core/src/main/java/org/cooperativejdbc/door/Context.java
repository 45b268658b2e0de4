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

package org.cooperativejdbc.door;

import java.util.Map;
import java.util.concurrent.Callable;

import io.micrometer.context.ContextSnapshot;
import io.micrometer.context.ContextSnapshotFactory;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.cooperativejdbc.Deadline;
import org.cooperativejdbc.ShareKey;
import org.jspecify.annotations.Nullable;
import org.slf4j.MDC;

/**
 * What a thread takes along to another one that works for it: its {@link Deadline}, its
 * {@link ShareKey}, its {@link MDC}, and the thread-locals that Micrometer's context
 * propagation knows, as far as these libraries are present. Afterwards the other thread
 * has again what it had. A part that fails is left out.
 */
final class Context {

	private static final Log logger = LogFactory.getLog(Context.class);

	private static final boolean mdcPresent = isPresent("org.slf4j.MDC");

	private static final boolean micrometerPresent = isPresent("io.micrometer.context.ContextSnapshotFactory");

	private static final Scope NOTHING = () -> {
	};

	private static final Part ABSENT = new Part() {

		@Override
		public Scope enter() {
			return NOTHING;
		}

		@Override
		public boolean isEmpty() {
			return true;
		}

	};

	private final @Nullable Deadline deadline = Deadline.current();

	private final @Nullable ShareKey shareKey = ShareKey.current();

	private final Part mdc;

	private final Part micrometer;

	private Context() {
		this.mdc = mdcPresent ? captured(Mdc::capture) : ABSENT;
		this.micrometer = micrometerPresent ? captured(Micrometer::capture) : ABSENT;
	}

	private static boolean isPresent(String className) {
		try {
			Class.forName(className, false, Context.class.getClassLoader());
			return true;
		}
		catch (ClassNotFoundException | LinkageError ex) {
			return false;
		}
	}

	/**
	 * Return what the current thread has.
	 */
	static Context capture() {
		return new Context();
	}

	private static Part captured(Capture capture) {
		try {
			return capture.get();
		}
		catch (RuntimeException | LinkageError ex) {
			logger.debug("Context of a thread not captured", ex);
			return ABSENT;
		}
	}

	/**
	 * Call a task with it.
	 */
	<T extends @Nullable Object> T call(Callable<T> task) throws Exception {
		Deadline.Scope deadline = Deadline.replace(this.deadline);
		ShareKey.Scope shareKey = ShareKey.replace(this.shareKey);
		Scope mdc = entered(this.mdc);
		Scope micrometer = entered(this.micrometer);
		try {
			return task.call();
		}
		finally {
			leave(micrometer);
			leave(mdc);
			shareKey.close();
			deadline.close();
		}
	}

	/**
	 * Call a task with it on a thread that was made for the task. Such a thread has
	 * nothing of its own, so that nothing need be replaced by nothing: the first look at
	 * a thread-local makes room for all of them. What the task leaves there ends with the
	 * thread.
	 */
	<T extends @Nullable Object> T callOnNewThread(Callable<T> task) throws Exception {
		return isEmpty() ? task.call() : call(task);
	}

	/**
	 * Run a task with it on a thread that was made for the task.
	 */
	void runOnNewThread(Runnable task) {
		if (isEmpty()) {
			task.run();
			return;
		}
		try {
			call(() -> {
				task.run();
				return true;
			});
		}
		catch (RuntimeException ex) {
			throw ex;
		}
		catch (Exception ex) {
			throw new IllegalStateException(ex);
		}
	}

	private boolean isEmpty() {
		return this.deadline == null && this.shareKey == null && this.mdc.isEmpty() && this.micrometer.isEmpty();
	}

	private static Scope entered(Part part) {
		try {
			return part.enter();
		}
		catch (RuntimeException | LinkageError ex) {
			logger.debug("Context of a thread not taken along", ex);
			return NOTHING;
		}
	}

	private static void leave(Scope scope) {
		try {
			scope.leave();
		}
		catch (RuntimeException | LinkageError ex) {
			logger.debug("Context of a thread not given back", ex);
		}
	}

	@FunctionalInterface
	private interface Capture {

		Part get();

	}

	@FunctionalInterface
	private interface Part {

		Scope enter();

		default boolean isEmpty() {
			return false;
		}

	}

	@FunctionalInterface
	private interface Scope {

		void leave();

	}

	private record Mdc(@Nullable Map<String, String> captured) implements Part {

		static Part capture() {
			return new Mdc(MDC.getCopyOfContextMap());
		}

		@Override
		public Scope enter() {
			Map<String, String> previous = MDC.getCopyOfContextMap();
			set(this.captured);
			return () -> set(previous);
		}

		@Override
		public boolean isEmpty() {
			return this.captured == null || this.captured.isEmpty();
		}

		private static void set(@Nullable Map<String, String> values) {
			if (values != null) {
				MDC.setContextMap(values);
			}
			else {
				MDC.clear();
			}
		}

	}

	private static final class Micrometer {

		private static final ContextSnapshotFactory factory = ContextSnapshotFactory.builder()
			.clearMissing(true)
			.build();

		/**
		 * The deadline is taken along without, and a thread has none at all to begin
		 * with.
		 */
		static Part capture() {
			ContextSnapshot snapshot = factory.captureAll();
			return () -> snapshot.setThreadLocals((key) -> key != Deadline.class)::close;
		}

	}

}
