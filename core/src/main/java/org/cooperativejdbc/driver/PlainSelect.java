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

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Locale;
import java.util.Set;

/**
 * Tells a SELECT that reads and does nothing else, as far as its text shows. It looks at
 * tokens as the server does, and knows what may be there: a function, an operator or a
 * type that it does not know, and any token that it is not sure of, make the statement
 * one that is not plain.
 * <p>
 * What the text does not show are the functions that a view, a policy, a column of a
 * function's name ({@code item.total}) or an overloaded function of a known name calls.
 */
final class PlainSelect {

	/**
	 * Functions that compute a value from their arguments, and nothing else.
	 */
	private static final Set<String> FUNCTIONS = Set.of("abs", "array_agg", "avg", "bool_and", "bool_or", "btrim",
			"ceil", "ceiling", "char_length", "character_length", "coalesce", "concat", "concat_ws", "count",
			"date_part", "date_trunc", "dense_rank", "every", "exists", "extract", "first_value", "floor", "greatest",
			"initcap", "lag", "last_value", "lead", "least", "left", "length", "lower", "lpad", "ltrim", "max", "min",
			"mod", "nullif", "octet_length", "position", "power", "rank", "replace", "reverse", "right", "round",
			"row_number", "rpad", "rtrim", "sign", "sqrt", "string_agg", "strpos", "substr", "substring", "sum", "trim",
			"trunc", "upper");

	/**
	 * Reserved words that may have a parenthesis behind them, and CAST.
	 */
	private static final Set<String> BEFORE_PARENTHESIS = Set.of("all", "and", "any", "array", "as", "between", "case",
			"cast", "distinct", "else", "except", "from", "having", "in", "intersect", "lateral", "like", "limit",
			"not", "offset", "on", "or", "row", "select", "some", "then", "union", "using", "values", "when", "where");

	/**
	 * Words that are no type, so that a string behind them is one.
	 */
	private static final Set<String> BEFORE_STRING = Set.of("all", "and", "between", "case", "distinct", "else",
			"escape", "from", "having", "ilike", "in", "like", "limit", "not", "offset", "on", "or", "select", "then",
			"to", "when", "where", "zone");

	private static final Set<String> TYPES = Set.of("bigint", "bool", "boolean", "bpchar", "bytea", "char", "character",
			"date", "decimal", "double", "float", "float4", "float8", "int", "int2", "int4", "int8", "integer",
			"interval", "json", "jsonb", "numeric", "real", "smallint", "text", "time", "timestamp", "timestamptz",
			"timetz", "uuid", "varchar");

	/**
	 * Types that may have a parenthesis behind them, which is then no call of a function.
	 */
	private static final Set<String> SIZED_TYPES = Set.of("char", "character", "decimal", "float", "numeric", "time",
			"timestamp", "varchar");

	/**
	 * What locks, writes, defines, or tells of the session or the transaction.
	 */
	private static final Set<String> OTHERS = Set.of("current_catalog", "current_date", "current_role",
			"current_schema", "current_time", "current_timestamp", "current_user", "delete", "execute", "for",
			"information_schema", "insert", "into", "localtime", "localtimestamp", "merge", "operator", "returning",
			"session_user", "system_user", "tablesample", "update", "user", "with");

	private static final Set<String> OPERATORS = Set.of("+", "-", "*", "/", "%", "<", ">", "=", "<=", ">=", "<>", "!=",
			"||", "->", "->>", "@>", "<@", "~", "~*", "!~", "!~*");

	private static final String OPERATOR_CHARACTERS = "+-*/<>=~!@#%^&|`?";

	/**
	 * What a string means as a date or a time depends on when the transaction began.
	 */
	private static final Set<String> MOMENTS = Set.of("now", "today", "tomorrow", "yesterday");

	private final String sql;

	private int position;

	private Kind kind = Kind.START; // of the latest token

	private String word = ""; // the latest token, if it is a word without qualification

	private String wordBefore = ""; // the token before that one

	private Kind kindBefore = Kind.START;

	private boolean typeExpected;

	private final Deque<Boolean> parentheses = new ArrayDeque<>(); // whether of a CAST

	private PlainSelect(String sql) {
		this.sql = sql;
	}

	static boolean is(String sql) {
		return new PlainSelect(sql).isPlain();
	}

	private boolean isPlain() {
		while (skipSpace()) {
			if (this.position == this.sql.length()) {
				return this.kind != Kind.START && !this.typeExpected && this.parentheses.isEmpty();
			}
			if (!token()) {
				return false;
			}
		}
		return false;
	}

	private boolean token() {
		char first = this.sql.charAt(this.position);
		if (this.kind == Kind.START || this.typeExpected) {
			return isWordStart(first) && word();
		}
		return switch (first) {
			case '\'' -> string();
			case '"' -> quoted();
			case '(' -> open();
			case ')' -> close();
			case ',', '[', ']' -> symbol(1, Kind.PUNCTUATION);
			case '.' -> symbol(1, Kind.DOT);
			case ':' -> cast();
			case '$' -> number(this.position + 1);
			default -> {
				if (isDigit(first)) {
					yield number(this.position);
				}
				yield (OPERATOR_CHARACTERS.indexOf(first) != -1) ? operator() : isWordStart(first) && word();
			}
		};
	}

	private boolean word() {
		int start = this.position;
		while (this.position < this.sql.length() && isWordPart(this.sql.charAt(this.position))) {
			this.position++;
		}
		String word = lowerCase(this.sql.substring(start, this.position));
		if (this.kind == Kind.START && !word.equals("select")) {
			return false;
		}
		if (OTHERS.contains(word) || word.startsWith("pg_")) {
			return false;
		}
		if (this.typeExpected) {
			this.typeExpected = false;
			accept(Kind.TYPE, word);
			return TYPES.contains(word);
		}
		if (this.kind == Kind.TYPE && word.equals("precision")) {
			return true;
		}
		if (this.kind == Kind.DOT) {
			accept(Kind.NAME, "");
			return true;
		}
		this.typeExpected = word.equals("as") && Boolean.TRUE.equals(this.parentheses.peek());
		accept(Kind.WORD, word);
		return true;
	}

	/**
	 * The server folds letters of ASCII only, as far as this matters here.
	 */
	private static String lowerCase(String word) {
		return word.chars().allMatch((character) -> character < 128) ? word.toLowerCase(Locale.ROOT) : word;
	}

	private boolean quoted() {
		int end = this.sql.indexOf('"', this.position + 1);
		if (end == -1 || (end + 1 < this.sql.length() && this.sql.charAt(end + 1) == '"')) {
			return false;
		}
		String name = this.sql.substring(this.position + 1, end);
		this.position = end + 1;
		accept(Kind.NAME, "");
		return !name.startsWith("pg_") && !name.equals("information_schema");
	}

	private boolean string() {
		boolean expected = switch (this.kind) {
			case WORD -> BEFORE_STRING.contains(this.word) || TYPES.contains(this.word);
			case OPEN, PUNCTUATION, OPERATOR -> true;
			default -> false;
		};
		int start = this.position + 1;
		int end = start;
		while ((end = this.sql.indexOf('\'', end)) != -1 && this.sql.startsWith("''", end)) {
			end += 2;
		}
		if (!expected || end == -1) {
			return false;
		}
		String content = this.sql.substring(start, end).toLowerCase(Locale.ROOT);
		this.position = end + 1;
		accept(Kind.VALUE, "");
		return content.indexOf('\\') == -1 && MOMENTS.stream().noneMatch(content::contains);
	}

	/**
	 * A number, or that of a parameter. Older servers take a letter behind it for the
	 * beginning of the next word.
	 */
	private boolean number(int start) {
		int end = start;
		while (end < this.sql.length() && (isDigit(this.sql.charAt(end)) || this.sql.charAt(end) == '.')) {
			end++;
		}
		this.position = end;
		accept(Kind.VALUE, "");
		return end > start && isDigit(this.sql.charAt(start))
				&& (end == this.sql.length() || !isWordPart(this.sql.charAt(end)));
	}

	private boolean open() {
		boolean expected = switch (this.kind) {
			case WORD -> isCallable();
			case TYPE -> SIZED_TYPES.contains(this.word);
			case OPEN, PUNCTUATION, OPERATOR -> true;
			default -> false;
		};
		this.parentheses.push(this.kind == Kind.WORD && this.word.equals("cast"));
		return expected && symbol(1, Kind.OPEN);
	}

	private boolean isCallable() {
		return switch (this.word) {
			case "by" -> Set.of("group", "order", "partition").contains(this.wordBefore);
			case "filter", "over" -> this.kindBefore == Kind.CLOSE;
			default -> FUNCTIONS.contains(this.word) || BEFORE_PARENTHESIS.contains(this.word);
		};
	}

	private boolean close() {
		return this.parentheses.poll() != null && symbol(1, Kind.CLOSE);
	}

	private boolean cast() {
		this.typeExpected = true;
		return this.sql.startsWith("::", this.position) && symbol(2, Kind.OPERATOR);
	}

	private boolean operator() {
		int start = this.position;
		while (this.position < this.sql.length() && OPERATOR_CHARACTERS.indexOf(this.sql.charAt(this.position)) != -1
				&& !isComment()) {
			this.position++;
		}
		String operator = this.sql.substring(start, this.position);
		Kind kind = (this.kind == Kind.DOT && operator.equals("*")) ? Kind.NAME : Kind.OPERATOR;
		accept(kind, "");
		return OPERATORS.contains(operator);
	}

	private boolean symbol(int length, Kind kind) {
		boolean qualifiesType = this.kind == Kind.TYPE && kind == Kind.DOT;
		this.position += length;
		accept(kind, "");
		return !qualifiesType;
	}

	private void accept(Kind kind, String word) {
		this.kindBefore = this.kind;
		this.wordBefore = this.word;
		this.kind = kind;
		this.word = word;
	}

	/**
	 * Skip spaces and comments.
	 * @return {@code false} if a comment has no end
	 */
	private boolean skipSpace() {
		while (this.position < this.sql.length()) {
			if (" \t\n\r\f".indexOf(this.sql.charAt(this.position)) != -1) {
				this.position++;
			}
			else if (!isComment()) {
				return true;
			}
			else if (!skipComment()) {
				return false;
			}
		}
		return true;
	}

	private boolean isComment() {
		return this.sql.startsWith("--", this.position) || this.sql.startsWith("/*", this.position);
	}

	private boolean skipComment() {
		if (this.sql.charAt(this.position) == '-') {
			while (this.position < this.sql.length() && "\n\r".indexOf(this.sql.charAt(this.position)) == -1) {
				this.position++;
			}
			return true;
		}
		int depth = 0;
		while (this.position < this.sql.length()) {
			boolean begins = this.sql.startsWith("/*", this.position);
			boolean ends = !begins && this.sql.startsWith("*/", this.position);
			this.position += (begins || ends) ? 2 : 1;
			depth += begins ? 1 : ends ? -1 : 0;
			if (depth == 0) {
				return true;
			}
		}
		return false;
	}

	private static boolean isDigit(char character) {
		return character >= '0' && character <= '9';
	}

	private static boolean isWordStart(char character) {
		return (character >= 'a' && character <= 'z') || (character >= 'A' && character <= 'Z') || character == '_'
				|| character >= 128;
	}

	private static boolean isWordPart(char character) {
		return isWordStart(character) || isDigit(character) || character == '$';
	}

	/**
	 * What a token may be.
	 */
	private enum Kind {

		/**
		 * Nothing yet.
		 */
		START,

		/**
		 * A word without quotes that is not qualified.
		 */
		WORD,

		/**
		 * A name that is quoted or qualified.
		 */
		NAME,

		/**
		 * The type of a cast.
		 */
		TYPE,

		/**
		 * A string, a number or a parameter.
		 */
		VALUE, OPERATOR, OPEN, CLOSE, DOT, PUNCTUATION

	}

}
