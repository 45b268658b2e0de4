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
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The pages of the documentation lead to each other.
 */
class DocumentationTests {

	private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();

	private static final Pattern LINK = Pattern.compile("\\]\\(([^)\\s]+)\\)");

	private static final Pattern HEADING = Pattern.compile("(?m)^#+ (.+)$");

	private static final Pattern CODE = Pattern.compile("(?ms)^ *```.*?^ *```$");

	private static final Pattern COMMAND = Pattern.compile("(?m)^(?:\\./)?(benchmark/run|\\.ci/\\S+|mvnw)\\b");

	private static final Pattern RUN = Pattern.compile("(?m)^(?:mvn|\\./mvnw)\\b.* spring-boot:[\\w-]+");

	@ParameterizedTest
	@MethodSource
	void linksLeadSomewhere(Path page) throws IOException {
		List<String> broken = new ArrayList<>();
		for (MatchResult link : matches(LINK, prose(page))) {
			if (!link.group(1).contains(":") && !leadsSomewhere(page, link.group(1))) {
				broken.add(link.group(1));
			}
		}
		assertThat(broken).isEmpty();
	}

	static Stream<Path> linksLeadSomewhere() throws IOException {
		return pages();
	}

	@Test
	void eachPageIsReachedFromTheFirstOne() throws IOException {
		Set<Path> reached = new LinkedHashSet<>(List.of(ROOT.resolve("README.md")));
		List<Path> toRead = new ArrayList<>(reached);
		while (!toRead.isEmpty()) {
			Path page = toRead.removeFirst();
			for (MatchResult link : matches(LINK, prose(page))) {
				Path target = target(page, link.group(1));
				if (target.toString().endsWith(".md") && Files.exists(target) && reached.add(target)) {
					toRead.add(target);
				}
			}
		}
		assertThat(pages().filter((page) -> page.startsWith(ROOT.resolve("docs")))).allMatch(reached::contains);
	}

	@ParameterizedTest
	@ValueSource(strings = { "waits", "carrier" })
	void pictureSaysWhatItsTextSays(String name) throws IOException {
		String picture = Files.readString(ROOT.resolve("docs/" + name + ".svg"));
		String text = Files.readString(ROOT.resolve("docs/" + name + ".dot"));
		for (MatchResult label : matches(Pattern.compile("label=\"([^\"]+)\""), text)) {
			for (String line : label.group(1).split("\\\\n")) {
				assertThat(picture).contains(line.strip());
			}
		}
	}

	@ParameterizedTest
	@MethodSource
	void commandsAreThere(Path page) throws IOException {
		assertThat(matches(COMMAND, Files.readString(page)))
			.allMatch((command) -> Files.isExecutable(ROOT.resolve(command.group(1))), "executable");
	}

	static Stream<Path> commandsAreThere() throws IOException {
		return pages();
	}

	/**
	 * They have no other.
	 */
	@ParameterizedTest
	@MethodSource("commandsAreThere")
	void samplesAreStartedWithTheirDatabaseForDevelopment(Path page) throws IOException {
		assertThat(matches(RUN, Files.readString(page))).map(MatchResult::group)
			.allMatch((command) -> command.endsWith("test-run"));
	}

	private static boolean leadsSomewhere(Path page, String link) throws IOException {
		Path target = target(page, link);
		int anchor = link.indexOf('#');
		return Files.exists(target) && (anchor == -1 || anchors(target).contains(link.substring(anchor + 1)));
	}

	private static Path target(Path page, String link) {
		String path = link.replaceFirst("#.*", "");
		return path.isEmpty() ? page : page.resolveSibling(path).normalize();
	}

	/**
	 * The anchors of the headings of a page, as GitHub makes them.
	 */
	private static Set<String> anchors(Path page) throws IOException {
		return matches(HEADING, prose(page)).stream()
			.map((heading) -> heading.group(1)
				.toLowerCase(Locale.ROOT)
				.replaceAll("[^\\p{L}\\p{N} _-]", "")
				.replace(' ', '-'))
			.collect(Collectors.toSet());
	}

	private static String prose(Path page) throws IOException {
		return CODE.matcher(Files.readString(page)).replaceAll("");
	}

	private static List<MatchResult> matches(Pattern pattern, String text) {
		return pattern.matcher(text).results().toList();
	}

	private static Stream<Path> pages() throws IOException {
		List<Path> pages = new ArrayList<>();
		for (String folder : List.of("", "docs", "docs/internals", "benchmark", "sample-app/command-line",
				"sample-app/webmvc", "sample-app/webflux")) {
			try (Stream<Path> files = Files.list(ROOT.resolve(folder))) {
				files.filter((file) -> file.toString().endsWith(".md")).sorted().forEach(pages::add);
			}
		}
		return pages.stream();
	}

}
