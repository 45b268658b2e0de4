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

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * Tells from the packets that are sent to the server whether a COMMIT is under way that
 * is the text of a statement. The protocol of MySQL is that of MariaDB. In a connection
 * that is encrypted or compressed nothing can be told.
 *
 * @see <a href="https://mariadb.com/kb/en/0-packet/">Packets</a>
 */
final class SentMysqlCommits {

	private static final int HEADER = 4;

	/**
	 * How much of a packet is looked at.
	 */
	private static final int HEAD = 128;

	/**
	 * The same if values precede the text of a query.
	 */
	private static final int HEAD_WITH_VALUES = 512;

	private static final int QUERY = 0x03;

	private static final Pattern COMMIT = Pattern.compile(
			"(?:\\s|#[^\\n]*\\n|-- [^\\n]*\\n|/\\*.*?\\*/)*(?:commit\\b|xa\\s+(?:commit|prepare)\\b).*",
			Pattern.DOTALL);

	/**
	 * The first letters of such a statement, of blanks and of comments.
	 */
	private static final String FIRST_LETTERS = "cxCX/#-; \t\n\r\f";

	private final byte[] head = new byte[HEAD_WITH_VALUES];

	private int headLength;

	private long rest; // of a packet whose head was seen

	private boolean underWay;

	/**
	 * Return whether the last command that was sent contains a COMMIT.
	 */
	boolean isUnderWay() {
		return this.underWay;
	}

	void sending(byte[] bytes, int offset, int length) {
		int position = offset;
		int end = offset + length;
		while (position < end) {
			if (this.rest > 0) {
				int skipped = (int) Math.min(this.rest, end - position);
				this.rest -= skipped;
				position += skipped;
			}
			else {
				this.head[this.headLength++] = bytes[position++];
				if (this.headLength >= HEADER && this.headLength >= Math.min(limit(), HEADER + size())) {
					packet();
				}
			}
		}
	}

	private int limit() {
		return QueryAttributes.haveValues(this.head, HEADER + 1, this.headLength) ? HEAD_WITH_VALUES : HEAD;
	}

	private int size() {
		return (this.head[0] & 0xff) | (this.head[1] & 0xff) << 8 | (this.head[2] & 0xff) << 16;
	}

	/**
	 * Look at a packet. A command is the first of its sequence.
	 */
	private void packet() {
		int length = this.headLength;
		this.headLength = 0;
		this.rest = Math.max(0, HEADER + size() - length);
		if (this.head[3] == 0 && length > HEADER) {
			this.underWay = this.head[HEADER] == QUERY
					&& isCommit(QueryAttributes.end(this.head, HEADER + 1, length), length);
		}
	}

	private boolean isCommit(int start, int end) {
		if (!mayBeCommit(start, end)) {
			return false;
		}
		String text = new String(this.head, start, end - start, StandardCharsets.ISO_8859_1);
		return Arrays.stream(text.toLowerCase(Locale.ROOT).split(";")).anyMatch((sql) -> COMMIT.matcher(sql).matches());
	}

	private boolean mayBeCommit(int start, int end) {
		if (start < end && FIRST_LETTERS.indexOf(this.head[start]) >= 0) {
			return true;
		}
		for (int i = start; i < end; i++) {
			if (this.head[i] == ';') {
				return true;
			}
		}
		return false;
	}

}
