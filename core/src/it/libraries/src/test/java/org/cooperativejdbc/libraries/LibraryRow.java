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

package org.cooperativejdbc.libraries;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/**
 * A row of the table of other libraries in {@code docs/libraries.md}.
 *
 * @param library what waits for what
 * @param version the version that was tested, or why no test tries it
 * @param onEventLoops what it does to an event loop
 * @param virtual what it does to a carrier of the JDK's scheduler
 * @param advice what to do
 */
record LibraryRow(String library, String version, String onEventLoops, String virtual, String advice) {

	private static final Path LIBRARIES = Path.of("../../../../docs/libraries.md");

	static List<LibraryRow> all() throws IOException {
		return Files.readAllLines(LIBRARIES)
			.stream()
			.dropWhile((line) -> !line.startsWith("|---"))
			.skip(1)
			.takeWhile((line) -> line.startsWith("|"))
			.map((line) -> Arrays.stream(line.split("\\|")).skip(1).map(String::trim).toList())
			.map((cells) -> new LibraryRow(cells.get(0), cells.get(1), cells.get(2), cells.get(3), cells.get(4)))
			.toList();
	}

	/**
	 * Return whether a test tries it.
	 */
	boolean hasTest() {
		return !this.version.equals("not tried") && !this.version.endsWith(", by hand");
	}

	static LibraryRow of(String library) throws IOException {
		return all().stream()
			.filter((row) -> row.library().equals(library))
			.findFirst()
			.orElseThrow(() -> new IllegalStateException("No row '" + library + "' in " + LIBRARIES));
	}

}
