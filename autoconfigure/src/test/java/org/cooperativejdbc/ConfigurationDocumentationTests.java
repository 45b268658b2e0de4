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
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;

import org.junit.jupiter.api.Test;

import org.springframework.boot.json.JsonParserFactory;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The table in {@code docs/configuration.md} says what the metadata says, and the
 * metadata describes every property.
 */
class ConfigurationDocumentationTests {

	private static final String METADATA = "META-INF/spring-configuration-metadata.json";

	private static final Path DOCUMENTATION = Path.of("..", "docs", "configuration.md");

	@Test
	void tableIsThatOfTheMetadata() throws IOException {
		assertThat(Files.readAllLines(DOCUMENTATION)
			.stream()
			.filter((line) -> line.startsWith("| `cooperative."))
			.toList())
			.containsExactlyElementsOf(properties().stream().map(ConfigurationDocumentationTests::row).toList());
	}

	@Test
	void everyPropertyIsDescribed() throws IOException {
		assertThat(properties()).isNotEmpty()
			.allSatisfy((property) -> assertThat((String) property.get("description")).as("%s", property.get("name"))
				.endsWith("."));
	}

	@SuppressWarnings("unchecked")
	private static List<Map<String, Object>> properties() throws IOException {
		List<Map<String, Object>> properties = new ArrayList<>();
		for (var url : Collections
			.list(ConfigurationDocumentationTests.class.getClassLoader().getResources(METADATA))) {
			String json = new String(url.openStream().readAllBytes(), StandardCharsets.UTF_8);
			Map<String, Object> metadata = JsonParserFactory.getJsonParser().parseMap(json);
			((List<Map<String, Object>>) metadata.getOrDefault("properties", List.of())).stream()
				.filter((property) -> String.valueOf(property.get("name")).startsWith("cooperative.jdbc."))
				.forEach(properties::add);
		}
		return properties;
	}

	private static String row(Map<String, Object> property) {
		String type = String.valueOf(property.get("type"));
		Object defaultValue = property.getOrDefault("defaultValue", "");
		return "| `%s` | %s | %s | %s |".formatted(property.get("name"), type.replaceAll("[\\w.$]*[.$](\\w+)", "$1"),
				defaultValue.equals("") ? "" : "`" + defaultValue + "`", property.get("description"));
	}

}
