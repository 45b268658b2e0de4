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

package org.cooperativejdbc.benchmark;

import java.io.IOException;

import org.jspecify.annotations.Nullable;

/**
 * One of the competitors of a scenario. Its name is its {@link #toString() string}.
 */
public interface Variant {

	/**
	 * Return why this machine cannot measure the variant.
	 * @return the reason, or {@code null} if it can
	 */
	default @Nullable String missing() {
		return null;
	}

	/**
	 * Start what is measured, in processes of its own.
	 * @param cell the load
	 * @param database the server
	 * @param options what the command line asks for
	 * @return the running variant
	 * @throws IOException if it does not start
	 */
	Contestant start(Cell cell, Database database, Options options) throws IOException;

	/**
	 * Return the same variant on another kind of JVM.
	 * @param java what starts it
	 * @return a variant with another name
	 */
	default Variant on(JavaCommand java) {
		throw new IllegalArgumentException("Variant '" + this + "' does not come '" + java.name() + "'");
	}

	/**
	 * Return whether it is measured only if the command line names it.
	 * @return whether it is for a special question
	 */
	default boolean onRequest() {
		return false;
	}

}
