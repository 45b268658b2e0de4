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

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.xpath.XPathConstants;
import javax.xml.xpath.XPathFactory;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.w3c.dom.Document;
import org.w3c.dom.NodeList;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The poms that have no parent in this repository have its version, and the BOM has the
 * modules that are released and nothing else.
 */
class BomTests {

	private static final Path ROOT = Path.of("..");

	@Test
	void hasTheModulesThatAreReleased() throws Exception {
		List<String> modules = new ArrayList<>();
		for (String module : texts("pom.xml", "/project/modules/module")) {
			if (texts(module + "/pom.xml", "/project/parent/artifactId").contains("cooperative-jdbc-parent")
					&& !texts(module + "/pom.xml", "/project/properties/maven.deploy.skip").contains("true")) {
				modules.addAll(texts(module + "/pom.xml", "/project/artifactId"));
			}
		}
		assertThat(texts("core/bom/pom.xml", "//dependency/artifactId")).containsExactlyElementsOf(modules);
		assertThat(texts("core/bom/pom.xml", "//dependency/version")).containsOnly("${project.version}");
		assertThat(texts("core/bom/pom.xml", "/project/parent")).isEmpty();
	}

	@ParameterizedTest
	@ValueSource(strings = { "core/bom/pom.xml /project/version",
			"sample-app/webmvc/pom.xml /project/properties/cooperative-jdbc.version",
			"sample-app/webflux/pom.xml /project/properties/cooperative-jdbc.version",
			"sample-app/command-line/pom.xml /project/properties/cooperative-jdbc.version" })
	void versionIsThatOfTheParent(String place) throws Exception {
		assertThat(texts(place.split(" ")[0], place.split(" ")[1])).isEqualTo(texts("pom.xml", "/project/version"));
	}

	private static List<String> texts(String pom, String path) throws Exception {
		Document document = DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(ROOT.resolve(pom).toFile());
		NodeList nodes = (NodeList) XPathFactory.newInstance()
			.newXPath()
			.evaluate(path, document, XPathConstants.NODESET);
		List<String> texts = new ArrayList<>();
		for (int i = 0; i < nodes.getLength(); i++) {
			texts.add(nodes.item(i).getTextContent().trim());
		}
		return texts;
	}

}
