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

package org.cooperativejdbc;

import java.time.Duration;

import org.jspecify.annotations.Nullable;

/**
 * The time at which the waits of a thread end. It belongs to the thread that has
 * {@link #enter() entered} it, like a scoped value. When it has passed, a wait for a
 * connection ends, and a statement is canceled in the server. A COMMIT is never canceled.
 * A deadline is immutable, and may be entered by several threads.
 *
 * @param nanoTime as of {@link System#nanoTime()}
 * @param databaseOnly whether waits that are not for a database have another deadline
 * @param elsewhere that other deadline, or {@code null} if there is none
 * @since 0.1.0
 */
public record Deadline(long nanoTime, boolean databaseOnly, @Nullable Deadline elsewhere) {

	private static final Duration LONGEST = Duration.ofDays(36_500);

	private static final ThreadLocal<@Nullable Deadline> current = new ThreadLocal<>();

	/**
	 * Create a deadline.
	 * @param time the time from now on; a negative time counts as zero, and a time of
	 * more than a hundred years as a hundred years
	 * @return the deadline
	 */
	public static Deadline after(Duration time) {
		Duration bounded = (time.compareTo(LONGEST) < 0) ? time : LONGEST;
		return new Deadline(System.nanoTime() + (bounded.isNegative() ? 0 : bounded.toNanos()), false, null);
	}

	/**
	 * Return the deadline of the current thread.
	 * @return the deadline, or {@code null} if it has none
	 */
	public static @Nullable Deadline current() {
		return current.get();
	}

	/**
	 * Return the deadline of the current thread for waits that are not for a database,
	 * which the timeout of a transaction does not bound.
	 * @return the deadline, or {@code null} if it has none
	 */
	public static @Nullable Deadline currentElsewhere() {
		return elsewhere(current());
	}

	private static @Nullable Deadline elsewhere(@Nullable Deadline deadline) {
		return (deadline != null && deadline.databaseOnly) ? deadline.elsewhere : deadline;
	}

	/**
	 * Return the same deadline for waits for a database only.
	 * @param around the deadline that the thread has otherwise, or {@code null} if it has
	 * none
	 * @return the deadline
	 */
	public Deadline forDatabase(@Nullable Deadline around) {
		return new Deadline(this.nanoTime, true, elsewhere(around));
	}

	/**
	 * Return the earlier of two deadlines.
	 * @param one a deadline, or {@code null} if there is none
	 * @param other another one, or {@code null} if there is none
	 * @return the earlier one, or {@code null} if there is none
	 */
	public static @Nullable Deadline earlier(@Nullable Deadline one, @Nullable Deadline other) {
		if (one == null || other == null) {
			return (one != null) ? one : other;
		}
		return (one.nanoTime - other.nanoTime <= 0) ? one : other;
	}

	/**
	 * Make this the deadline of the current thread, unless it has an earlier one.
	 * @return to be closed by the same thread, which then has its previous deadline again
	 */
	public Scope enter() {
		Deadline current = current();
		Deadline earlier = earlier(current, this);
		return replace((earlier == current && current != null && current.databaseOnly)
				? current.forDatabase(earlier(current.elsewhere, this)) : earlier);
	}

	/**
	 * Replace the deadline of the current thread, also by a later one or by none.
	 * @param deadline the deadline, or {@code null} for none
	 * @return to be closed by the same thread, which then has its previous deadline again
	 */
	public static Scope replace(@Nullable Deadline deadline) {
		Deadline previous = current.get();
		set(deadline);
		return () -> set(previous);
	}

	private static void set(@Nullable Deadline deadline) {
		if (deadline != null) {
			current.set(deadline);
		}
		else {
			current.remove();
		}
	}

	/**
	 * Return the time that is left.
	 * @return the time, zero or negative if the deadline has passed
	 */
	public Duration left() {
		return Duration.ofNanos(leftNanos());
	}

	/**
	 * Return the time that is left.
	 * @return nanoseconds, zero or negative if the deadline has passed
	 */
	public long leftNanos() {
		return this.nanoTime - System.nanoTime();
	}

	/**
	 * The part of a thread's work that a deadline bounds.
	 */
	@FunctionalInterface
	public interface Scope extends AutoCloseable {

		/**
		 * Give the thread its previous deadline back.
		 */
		@Override
		void close();

	}

}
