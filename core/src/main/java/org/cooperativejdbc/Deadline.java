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
 * The time by which something has to be done.
 *
 * @param nanoTime as of {@link System#nanoTime()}
 */
public record Deadline(long nanoTime) {

	/**
	 * Create a deadline.
	 * @param time the time from now on
	 * @return the deadline
	 */
	public static Deadline after(Duration time) {
		return new Deadline(System.nanoTime() + time.toNanos());
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
	 * Return the time that is left.
	 * @return the time, zero or negative if the deadline has passed
	 */
	public Duration left() {
		return Duration.ofNanos(this.nanoTime - System.nanoTime());
	}

}
