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
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

import tools.jackson.databind.MappingIterator;
import tools.jackson.databind.ObjectReader;
import tools.jackson.databind.SequenceWriter;
import tools.jackson.dataformat.csv.CsvMapper;
import tools.jackson.dataformat.csv.CsvSchema;

/**
 * The figures of a scenario as comma-separated values, written row by row so that a run
 * that is broken off leaves what it has measured.
 */
public final class MeasurementFile implements AutoCloseable {

	private static final CsvMapper mapper = new CsvMapper();

	private static final CsvSchema schema = mapper.schemaFor(Measurement.class).withHeader();

	private final SequenceWriter writer;

	MeasurementFile(Path file) throws IOException {
		Files.createDirectories(file.toAbsolutePath().getParent());
		this.writer = mapper.writer(schema).writeValues(file.toFile());
	}

	/**
	 * Read a file.
	 * @param file the file
	 * @return its rows, in their order
	 */
	public static List<Measurement> read(Path file) {
		ObjectReader reader = mapper.readerFor(Measurement.class).with(schema);
		try (MappingIterator<Measurement> rows = reader.readValues(file.toFile())) {
			return rows.readAll();
		}
	}

	void add(Measurement measurement) {
		this.writer.write(measurement);
		this.writer.flush();
	}

	@Override
	public void close() {
		this.writer.close();
	}

}
