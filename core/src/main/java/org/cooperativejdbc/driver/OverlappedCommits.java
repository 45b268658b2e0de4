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

import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;

import org.jspecify.annotations.Nullable;

/**
 * The COMMITs of applications that nobody has waited for. As with sockets, a driver that
 * is given nothing but strings finds those of its application by an opaque key. May be
 * used by any thread.
 *
 * @since 0.1.0
 */
public final class OverlappedCommits {

	private static final Map<String, LongAdder> registrations = new ConcurrentHashMap<>();

	private OverlappedCommits() {
	}

	/**
	 * Register an application.
	 * @return its key
	 */
	public static String register() {
		String key = UUID.randomUUID().toString();
		registrations.put(key, new LongAdder());
		return key;
	}

	/**
	 * Give up a registration. Connections that are open are not affected, and those that
	 * are opened later wait for each COMMIT.
	 * @param key the key that {@link #register()} returned
	 */
	public static void unregister(String key) {
		registrations.remove(key);
	}

	/**
	 * Return how many COMMITs nobody has waited for, each of which would have been a
	 * round trip.
	 * @param key the key that {@link #register()} returned
	 * @return their number, zero if there is no such key
	 */
	public static long count(String key) {
		LongAdder count = registrations.get(key);
		return (count != null) ? count.sum() : 0;
	}

	/**
	 * Return what counts those of an application.
	 */
	static @Nullable LongAdder find(@Nullable String key) {
		return (key != null) ? registrations.get(key) : null;
	}

}
