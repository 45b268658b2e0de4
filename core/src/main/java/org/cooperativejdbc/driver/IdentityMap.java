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

import java.lang.ref.ReferenceQueue;
import java.lang.ref.WeakReference;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;

import org.jspecify.annotations.Nullable;

/**
 * What is known of objects, by their identity. Keeps none of them; a value must not refer
 * to the object either.
 *
 * @param <K> the type of the objects
 * @param <V> the type of what is known of them
 */
final class IdentityMap<K, V> {

	private final Map<Key<K>, V> values = new ConcurrentHashMap<>();

	private final ReferenceQueue<K> dropped = new ReferenceQueue<>();

	void put(K key, V value) {
		removeDropped();
		this.values.put(new Key<>(key, this.dropped), value);
	}

	V computeIfAbsent(K key, Supplier<V> value) {
		removeDropped();
		return this.values.computeIfAbsent(new Key<>(key, this.dropped), (absent) -> value.get());
	}

	private void removeDropped() {
		for (Object key = this.dropped.poll(); key != null; key = this.dropped.poll()) {
			this.values.remove(key);
		}
	}

	@Nullable V get(K key) {
		return this.values.get(new Key<>(key, null));
	}

	/**
	 * An object by its identity.
	 */
	private static final class Key<K> extends WeakReference<K> {

		private final int hash;

		private Key(K object, @Nullable ReferenceQueue<K> dropped) {
			super(object, dropped);
			this.hash = System.identityHashCode(object);
		}

		@Override
		public boolean equals(@Nullable Object other) {
			if (this == other) {
				return true;
			}
			K object = get();
			return object != null && other instanceof Key<?> key && refersToSame(key, object);
		}

		@SuppressWarnings("unchecked")
		private static <T> boolean refersToSame(Key<?> key, T object) {
			return ((Key<T>) key).refersTo(object);
		}

		@Override
		public int hashCode() {
			return this.hash;
		}

	}

}
