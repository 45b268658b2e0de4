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
import java.nio.file.Path;
import java.util.List;

import org.jspecify.annotations.Nullable;

/**
 * What is compared, and under which load. Its name is its {@link #toString() string}.
 */
public interface Scenario {

	List<? extends Variant> variants();

	/**
	 * Return what this machine does otherwise than others.
	 * @return a line of text, or {@code null}
	 */
	default @Nullable String notice() {
		return null;
	}

	/**
	 * Return the loads.
	 * @param name the name of the scenario in the file
	 * @param options what the command line asks for
	 * @return the cells, each of which makes a table
	 */
	List<Cell> cells(String name, Options options);

	/**
	 * Return how long a round takes.
	 * @return the default, in seconds
	 */
	default int seconds() {
		return 5;
	}

	/**
	 * Measure what does not fit into rounds.
	 * @param database the server
	 * @param options what the command line asks for
	 * @param directory where files are written
	 * @return a table
	 * @throws IOException if it fails
	 */
	default String conclude(Database database, Options options, Path directory) throws IOException {
		return "";
	}

	/**
	 * Return what a variant is compared with.
	 * @param variant the name of the variant
	 * @return the name of the stock virtual-thread variant
	 */
	String reference(String variant);

}
