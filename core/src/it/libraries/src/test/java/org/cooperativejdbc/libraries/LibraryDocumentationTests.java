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
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;
import org.junit.platform.commons.support.ReflectionSupport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

/**
 * Each row of the table of other libraries in {@code docs/libraries.md} has a test, or
 * says that it was not tried. What the tests find is in the row, or they fail.
 */
class LibraryDocumentationTests {

	private static final Path PARENT = Path.of("../../../../pom.xml");

	private static final Pattern VERSION_OF_JAR = Pattern.compile("-(\\d[^/]*)\\.jar$");

	@Test
	void eachRowHasOneTestOrSaysThatItWasNotTried() throws IOException {
		List<String> tried = LibraryRow.all().stream().filter(LibraryRow::hasTest).map(LibraryRow::library).toList();
		assertThat(tests().map(LibraryTest::value)).containsExactlyInAnyOrderElementsOf(tried);
	}

	@Test
	void versionsAreThoseOfSpringBoot() throws IOException {
		assumeThat(Files.readString(PARENT)).as("The version of Spring Boot that the documentation is about")
			.contains("<spring-boot.version>" + System.getProperty("spring-boot.version") + "<");
		Map<String, String> versions = tests().filter((test) -> test.library() != Object.class)
			.collect(Collectors.toMap(LibraryTest::value, (test) -> version(test.library())));
		Map<String, String> documented = LibraryRow.all()
			.stream()
			.filter((row) -> versions.containsKey(row.library()))
			.collect(Collectors.toMap(LibraryRow::library, LibraryRow::version));
		assertThat(documented).containsExactlyInAnyOrderEntriesOf(versions);
	}

	@Test
	void whatBlocksIsToBeOffloaded() throws IOException {
		assertThat(LibraryRow.all()).allSatisfy((row) -> assertThat(row.advice().contains("offload")).as(row.library())
			.isEqualTo(row.onEventLoops().contains("blocks")));
	}

	private static Stream<LibraryTest> tests() {
		Function<Class<?>, Stream<Method>> methods = (type) -> Arrays.stream(type.getDeclaredMethods());
		return ReflectionSupport
			.findAllClassesInPackage(LibraryDocumentationTests.class.getPackageName(), (type) -> true, (name) -> true)
			.stream()
			.flatMap(methods)
			.filter((method) -> method.isAnnotationPresent(LibraryTest.class))
			.map((method) -> method.getAnnotation(LibraryTest.class));
	}

	private static String version(Class<?> type) {
		Matcher version = VERSION_OF_JAR.matcher(type.getProtectionDomain().getCodeSource().getLocation().getPath());
		assertThat(version.find()).as(type.getName()).isTrue();
		return version.group(1);
	}

}
