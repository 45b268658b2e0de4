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

package org.cooperativejdbc.pool;

import java.util.Locale;

/**
 * Why a thread was refused a connection.
 *
 * @since 0.1.0
 */
public enum RefusalReason {

	/**
	 * Too many threads waited already.
	 */
	MAX_WAITING,

	/**
	 * It would have had to wait for too long.
	 */
	EXPECTED_WAIT,

	/**
	 * It has waited for too long.
	 */
	MAX_WAIT,

	/**
	 * All connections were held by threads that waited for another one.
	 */
	DEADLOCK,

	/**
	 * It runs an event loop.
	 */
	EVENT_LOOP;

	/**
	 * Return the reason as meters and events name it.
	 */
	@Override
	public String toString() {
		return name().toLowerCase(Locale.ROOT).replace('_', '-');
	}

}
