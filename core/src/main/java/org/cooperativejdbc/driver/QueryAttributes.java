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

/**
 * What a client of MySQL 8.0.23 and later sends in front of the text of a query: named
 * values, and at least their number, 0. Which of the two ways a connection uses is agreed
 * upon at its start and is not known here, but no text has a byte 1 at its second place,
 * where the attributes have the number of their sets.
 *
 * @see <a href=
 * "https://dev.mysql.com/doc/dev/mysql-server/latest/page_protocol_com_query.html">COM_QUERY</a>
 */
final class QueryAttributes {

	private static final int SETS = 1;

	private final byte[] packet;

	private final int length;

	private int position;

	private QueryAttributes(byte[] packet, int start, int length) {
		this.packet = packet;
		this.position = start;
		this.length = length;
	}

	/**
	 * Return whether there are attributes with values.
	 */
	static boolean haveValues(byte[] packet, int start, int length) {
		return length > start + 1 && packet[start] != 0 && packet[start + 1] == SETS;
	}

	/**
	 * Return where the attributes end.
	 * @param packet the begin of a packet
	 * @param start where the attributes begin, if there are any
	 * @param length how much of the packet there is
	 * @return where the text begins, or the length if the attributes do not end before
	 */
	static int end(byte[] packet, int start, int length) {
		if (length <= start + 1 || packet[start + 1] != SETS) {
			return start;
		}
		QueryAttributes attributes = new QueryAttributes(packet, start, length);
		attributes.read();
		return Math.min(attributes.position, length);
	}

	private void read() {
		int count = next();
		skip(1);
		if (count == 0) {
			return;
		}
		int nulls = this.position;
		skip((count + 7) / 8 + 1);
		int[] types = new int[count];
		for (int i = 0; i < count; i++) {
			types[i] = next();
			skip(1);
			skip(readLength());
		}
		for (int i = 0; i < count; i++) {
			if ((peek(nulls + i / 8) >> i % 8 & 1) == 0) {
				skip(size(types[i]));
			}
		}
	}

	/**
	 * Return the size of a value in the binary protocol. All that are not numbers begin
	 * with their length.
	 */
	private int size(int type) {
		return switch (type) {
			case 0x01 -> 1;
			case 0x02, 0x0d -> 2;
			case 0x03, 0x04, 0x09 -> 4;
			case 0x05, 0x08 -> 8;
			case 0x06 -> 0;
			default -> readLength();
		};
	}

	/**
	 * A length of one byte, of the two that follow, or of more than is looked at.
	 */
	private int readLength() {
		int length = next();
		if (length <= 250) {
			return length;
		}
		return (length == 0xfc) ? next() | next() << 8 : this.length;
	}

	private int next() {
		return peek(this.position++);
	}

	private int peek(int position) {
		return (position < this.length) ? this.packet[position] & 0xff : 0;
	}

	private void skip(int bytes) {
		this.position += bytes;
	}

}
