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

package org.cooperativejdbc.jfr;

import org.jspecify.annotations.Nullable;

/**
 * Writes events of JDK Flight Recorder. In a runtime without the module {@code jdk.jfr}
 * nothing is written. Without a recording, an event costs one check. Events contain
 * neither addresses nor users nor SQL.
 * <p>
 * May be called by any thread but where the JDK runs the scheduler of a virtual thread.
 *
 * @since 0.1.0
 */
public final class FlightRecorder {

	private static final boolean present = ModuleLayer.boot().findModule("jdk.jfr").isPresent();

	private FlightRecorder() {
	}

	/**
	 * Load the classes of the events, for threads that must not wait for that.
	 */
	public static void load() {
		recordsReplacements();
	}

	/**
	 * Begin a wait for the server. Throws nothing: a wait that is not begun may be one
	 * for an answer that is taken for that of the next statement.
	 * @return the wait, or {@code null} if it is not recorded
	 */
	public static @Nullable Wait beginWait() {
		try {
			return present ? Events.beginWait() : null;
		}
		catch (Throwable ex) {
			return null;
		}
	}

	/**
	 * Begin to borrow a connection. Throws nothing.
	 * @return the borrow, or {@code null} if it is not recorded
	 */
	public static @Nullable Borrow beginBorrow() {
		try {
			return present ? Events.beginBorrow() : null;
		}
		catch (Throwable ex) {
			return null;
		}
	}

	/**
	 * Begin to cancel a statement. Throws nothing.
	 * @return the cancellation, or {@code null} if it is not recorded
	 */
	public static @Nullable Cancel beginCancel() {
		try {
			return present ? Events.beginCancel() : null;
		}
		catch (Throwable ex) {
			return null;
		}
	}

	/**
	 * Record that the current thread was refused. Throws nothing.
	 * @param reason why
	 * @param pool the name of the pool that has refused it a connection, or {@code null}
	 * if it had one
	 */
	public static void refused(String reason, @Nullable String pool) {
		try {
			if (present) {
				Events.refused(reason, pool);
			}
		}
		catch (Throwable ex) {
			// What is not recorded is refused all the same
		}
	}

	/**
	 * Return whether replacements of carriers are recorded.
	 * @return whether to tell of them
	 */
	public static boolean recordsReplacements() {
		return present && Events.recordsReplacements();
	}

	/**
	 * Record that another thread has taken over from one that made no progress.
	 * @param carrier the name of the thread that did not
	 * @param carried the virtual thread that it runs, if that is known
	 */
	public static void carrierReplaced(String carrier, @Nullable Thread carried) {
		if (present) {
			Events.carrierReplaced(carrier, carried);
		}
	}

	/**
	 * A wait for the server that is recorded.
	 */
	public interface Wait {

		/**
		 * End the wait, on the thread that began it.
		 * @param sending whether the server took no more bytes, rather than owed an
		 * answer
		 */
		void ended(boolean sending);

	}

	/**
	 * A borrow that is recorded.
	 */
	public interface Borrow {

		/**
		 * End the borrow, on the thread that began it.
		 * @param pool the name of the pool
		 * @param queuedNanos how long the thread has waited in front of the pool
		 * @param served whether it got a connection
		 */
		void ended(String pool, long queuedNanos, boolean served);

	}

	/**
	 * A cancellation that is recorded.
	 */
	public interface Cancel {

		/**
		 * End the cancellation, on the thread that began it.
		 * @param cause what it was canceled for
		 * @param answered whether the server has answered in time
		 */
		void ended(String cause, boolean answered);

	}

}
