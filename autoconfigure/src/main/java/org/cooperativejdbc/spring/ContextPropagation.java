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

import java.util.function.Consumer;
import java.util.function.Supplier;

import io.micrometer.context.ContextRegistry;
import io.micrometer.context.ThreadLocalAccessor;
import org.cooperativejdbc.Deadline;
import org.cooperativejdbc.ShareKey;
import org.jspecify.annotations.Nullable;

/**
 * Lets Micrometer's context propagation pass on what a thread has, from a Reactor context
 * to a thread and from one thread to another. What is registered has no state, so that it
 * may stay in the registry of the JVM.
 *
 * @since 0.1.0
 */
public final class ContextPropagation {

	private ContextPropagation() {
	}

	/**
	 * Pass {@linkplain Deadline deadlines} on from now on, under the key
	 * {@code Deadline.class}.
	 */
	public static void registerDeadlines() {
		register(new Accessor<>(Deadline.class, Deadline::current, Deadline::replace));
	}

	/**
	 * Pass {@linkplain ShareKey share keys} on from now on, under the key
	 * {@code ShareKey.class}.
	 */
	static void registerShareKeys() {
		register(new Accessor<>(ShareKey.class, ShareKey::current, ShareKey::replace));
	}

	private static void register(ThreadLocalAccessor<?> accessor) {
		ContextRegistry.getInstance().registerThreadLocalAccessor(accessor);
	}

	private record Accessor<T>(Class<T> type, Supplier<@Nullable T> current,
			Consumer<@Nullable T> replacement) implements ThreadLocalAccessor<T> {

		@Override
		public Object key() {
			return this.type;
		}

		@Override
		public @Nullable T getValue() {
			return this.current.get();
		}

		@Override
		public void setValue(T value) {
			this.replacement.accept(value);
		}

		@Override
		public void setValue() {
			this.replacement.accept(null);
		}

	}

}
