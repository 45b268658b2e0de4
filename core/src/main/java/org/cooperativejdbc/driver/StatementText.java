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

package org.cooperativejdbc.driver;

import java.util.List;
import java.util.regex.Pattern;

/**
 * What the text of a single statement tells of it, as it is sent to the server.
 *
 * @param reads whether it is a SELECT or a SHOW, whatever it calls
 * @param plain whether it reads and does nothing else
 * @param harmless whether it leaves the isolation of later transactions as it is
 */
record StatementText(boolean reads, boolean plain, boolean harmless) {

	/**
	 * That of several statements in one, which may do anything.
	 */
	static final StatementText SEVERAL = new StatementText(false, false, false);

	private static final List<String> READING = List.of("select", "show");

	/**
	 * Commands that leave the isolation of later transactions as it is, unless they name
	 * it. COMMIT, ROLLBACK and the like undo only what other commands have set.
	 */
	private static final List<String> HARMLESS = List.of("select", "insert", "update", "delete", "merge", "with",
			"show", "begin", "commit", "rollback", "savepoint", "release", "set");

	/**
	 * The setting itself, a name that may stand for it, or the function that sets any,
	 * unless it names another one.
	 */
	private static final Pattern ISOLATION = Pattern.compile("isolation|u&|set_config(?!\\s*\\(\\s*')",
			Pattern.CASE_INSENSITIVE);

	static StatementText of(String sql) {
		boolean plain = PlainSelect.is(sql);
		return new StatementText(beginsWith(sql, READING), plain,
				plain || sql.isEmpty() || (beginsWith(sql, HARMLESS) && !ISOLATION.matcher(sql).find()));
	}

	/**
	 * Return whether the first word is one of some. What the driver takes for the command
	 * is of no use here: it knows a SELECT also in the middle of others.
	 */
	private static boolean beginsWith(String sql, List<String> words) {
		int start = afterComments(sql);
		for (String word : words) {
			int end = start + word.length();
			if (sql.regionMatches(true, start, word, 0, word.length())
					&& (end == sql.length() || !Character.isJavaIdentifierPart(sql.charAt(end)))) {
				return true;
			}
		}
		return false;
	}

	private static int afterComments(String sql) {
		int position = 0;
		int depth = 0;
		while (position < sql.length()) {
			if (sql.startsWith("/*", position)) {
				depth++;
				position += 2;
			}
			else if (depth > 0 && sql.startsWith("*/", position)) {
				depth--;
				position += 2;
			}
			else if (depth == 0 && sql.startsWith("--", position)) {
				int end = sql.indexOf('\n', position);
				position = (end != -1) ? end : sql.length();
			}
			else if (depth > 0 || Character.isWhitespace(sql.charAt(position))) {
				position++;
			}
			else {
				return position;
			}
		}
		return position;
	}

}
