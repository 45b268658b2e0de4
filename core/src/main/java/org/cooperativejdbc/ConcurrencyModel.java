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

/**
 * The kind of threads that call the database, and how they wait for it.
 *
 * @since 0.1.0
 */
public enum ConcurrencyModel {

	/**
	 * Platform threads. The driver keeps its own blocking socket.
	 */
	PLATFORM("platform"),

	/**
	 * Virtual threads on the JDK's scheduler. A thread that waits parks, as JEP 444
	 * describes, and an interrupt does not close its socket.
	 */
	VIRTUAL("virtual"),

	/**
	 * Virtual threads carried by event loops. A thread that waits parks, and the event
	 * loop that carries it waits for the server.
	 */
	EVENT_LOOP("event-loop");

	private final String name;

	ConcurrencyModel(String name) {
		this.name = name;
	}

	/**
	 * Return the name as it is written in {@code cooperative.jdbc.model}.
	 */
	@Override
	public String toString() {
		return this.name;
	}

}
