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
import java.util.HashSet;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;

import org.jspecify.annotations.Nullable;

/**
 * Tells from the messages that are sent to the server whether a COMMIT is under way that
 * is the text of a statement. Messages are told by their first bytes; in a connection
 * that is encrypted nothing can be told.
 *
 * @see <a href="https://www.postgresql.org/docs/current/protocol-message-formats.html">
 * Message formats</a>
 */
final class SentCommits {

	private static final int HEADER = 5;

	/**
	 * How much of a message is looked at when it comes in pieces.
	 */
	private static final int HEAD = 128;

	private static final Pattern COMMIT = Pattern
		.compile("(?:\\s|;|--[^\\n]*\\n|/\\*.*?\\*/)*(?:commit|end|prepare\\s+transaction)\\b.*", Pattern.DOTALL);

	/**
	 * The first letters of such a statement, of blanks and of comments.
	 */
	private static final String FIRST_LETTERS = "cepCEP-/; \t\n\r\f";

	private final byte[] head = new byte[HEAD];

	private int headLength;

	private long rest; // of a message whose head was seen

	private boolean readable = true;

	private boolean ended = true;

	private boolean underWay;

	private @Nullable Set<String> prepared;

	/**
	 * Return whether the messages up to the last one whose answer is waited for contain a
	 * COMMIT.
	 */
	boolean isUnderWay() {
		return this.underWay;
	}

	void sending(byte[] bytes, int offset, int length) {
		int position = offset;
		int end = offset + length;
		while (position < end && this.readable) {
			if (this.rest > 0) {
				int skipped = (int) Math.min(this.rest, end - position);
				this.rest -= skipped;
				position += skipped;
			}
			else if (this.headLength == 0 && isEnough(bytes, position, end - position)) {
				position += message(bytes, position, end - position);
			}
			else {
				this.head[this.headLength++] = bytes[position++];
				if (isEnough(this.head, 0, this.headLength)) {
					int seen = this.headLength;
					this.headLength = 0;
					message(this.head, 0, seen);
				}
			}
		}
	}

	/**
	 * Return whether a message can be told from this many bytes of it.
	 */
	private static boolean isEnough(byte[] bytes, int position, int available) {
		return available >= HEADER && available >= Math.min(HEAD, size(bytes, position));
	}

	/**
	 * Return the size of a message, with its type.
	 */
	private static long size(byte[] bytes, int position) {
		return 1L + ((bytes[position + 1] & 0xff) << 24 | (bytes[position + 2] & 0xff) << 16
				| (bytes[position + 3] & 0xff) << 8 | (bytes[position + 4] & 0xff));
	}

	/**
	 * Look at a message and return how many of its bytes are there.
	 */
	private int message(byte[] bytes, int position, int available) {
		long size = size(bytes, position);
		if (bytes[position] < 'A' || size < HEADER) {
			this.readable = false;
			return available;
		}
		int there = (int) Math.min(size, available);
		this.rest = size - there;
		if (this.ended) {
			this.ended = false;
			this.underWay = false;
		}
		look(bytes, position, position + there);
		return there;
	}

	private void look(byte[] bytes, int start, int end) {
		int position = start + HEADER;
		switch (bytes[start]) {
			case 'Q' -> {
				this.underWay |= Arrays.stream(text(bytes, position, end).split(";")).anyMatch(SentCommits::isCommit);
				this.ended = true;
			}
			case 'P' -> {
				int sql = afterText(bytes, position, end);
				boolean commit = sql < end && FIRST_LETTERS.indexOf(bytes[sql]) >= 0 && isCommit(text(bytes, sql, end));
				this.underWay |= commit;
				if (commit || this.prepared != null) {
					prepared(text(bytes, position, end), commit);
				}
			}
			case 'B' -> {
				Set<String> prepared = this.prepared;
				this.underWay |= prepared != null
						&& prepared.contains(text(bytes, afterText(bytes, position, end), end));
			}
			case 'S' -> {
				this.ended = true;
			}
			default -> {
			}
		}
	}

	private void prepared(String name, boolean commit) {
		if (this.prepared == null) {
			this.prepared = new HashSet<>();
		}
		if (commit && !name.isEmpty()) {
			this.prepared.add(name);
		}
		else {
			this.prepared.remove(name);
		}
	}

	private static boolean isCommit(String sql) {
		return COMMIT.matcher(sql.toLowerCase(Locale.ROOT)).matches();
	}

	private static int afterText(byte[] bytes, int position, int end) {
		int index = position;
		while (index < end && bytes[index] != 0) {
			index++;
		}
		return index + 1;
	}

	private static String text(byte[] bytes, int position, int end) {
		int last = Math.min(afterText(bytes, position, end) - 1, end);
		return (position < last) ? new String(bytes, position, last - position, StandardCharsets.ISO_8859_1) : "";
	}

}
