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

import org.jspecify.annotations.Nullable;

/**
 * On whose behalf a thread borrows connections: a tenant, a client, or a kind of work. It
 * belongs to the thread that has {@link #enter() entered} it, like a scoped value. If a
 * pool is divided into shares, threads that wait with the same key have one share;
 * otherwise the key has no effect. A key is immutable, and may be entered by several
 * threads.
 *
 * @param value the key, which is compared as it is
 * @since 0.1.0
 * @see ShareKeyResolver
 */
public record ShareKey(String value) {

	private static final ThreadLocal<@Nullable ShareKey> current = new ThreadLocal<>();

	/**
	 * Create a key.
	 * @throws IllegalArgumentException if it is empty
	 */
	public ShareKey {
		if (value.isEmpty()) {
			throw new IllegalArgumentException("'value' must not be empty");
		}
	}

	/**
	 * Return the key of the current thread.
	 * @return the key, or {@code null} if it has none
	 */
	public static @Nullable ShareKey current() {
		return current.get();
	}

	/**
	 * Make this the key of the current thread.
	 * @return to be closed by the same thread, which then has its previous key again
	 */
	public Scope enter() {
		return replace(this);
	}

	/**
	 * Replace the key of the current thread.
	 * @param key the key, or {@code null} for none
	 * @return to be closed by the same thread, which then has its previous key again
	 */
	public static Scope replace(@Nullable ShareKey key) {
		ShareKey previous = current.get();
		set(key);
		return () -> set(previous);
	}

	private static void set(@Nullable ShareKey key) {
		if (key != null) {
			current.set(key);
		}
		else {
			current.remove();
		}
	}

	/**
	 * The part of a thread's work that has a key.
	 */
	@FunctionalInterface
	public interface Scope extends AutoCloseable {

		/**
		 * Give the thread its previous key back.
		 */
		@Override
		void close();

	}

}
