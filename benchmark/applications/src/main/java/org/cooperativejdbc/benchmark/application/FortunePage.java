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

package org.cooperativejdbc.benchmark.application;

import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

import com.samskivert.mustache.Mustache;
import com.samskivert.mustache.Template;

/**
 * The page of TechEmpower's "fortunes": the rows of the database and one more, sorted by
 * message, escaped.
 */
public final class FortunePage {

	private static final Template template = Mustache.compiler().compile("""
			<!DOCTYPE html>
			<html>
			<head><title>Fortunes</title></head>
			<body>
			<table>
			<tr><th>id</th><th>message</th></tr>
			{{#fortunes}}
			<tr><td>{{id}}</td><td>{{message}}</td></tr>
			{{/fortunes}}
			</table>
			</body>
			</html>
			""");

	private FortunePage() {
	}

	/**
	 * Render the page.
	 * @param fortunes the rows
	 * @return the page
	 */
	public static String render(List<Row> fortunes) {
		List<Row> rows = Stream
			.concat(fortunes.stream(), Stream.of(new Row(0, "Additional fortune added at request time.")))
			.sorted(Comparator.comparing(Row::message))
			.toList();
		return template.execute(Map.of("fortunes", rows));
	}

	/**
	 * A row of the table.
	 *
	 * @param id the primary key
	 * @param message the fortune
	 */
	public record Row(int id, String message) {

	}

}
