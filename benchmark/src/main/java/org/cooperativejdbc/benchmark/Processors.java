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

package org.cooperativejdbc.benchmark;

import java.io.IOException;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Processors, by the numbers that Linux gives them.
 *
 * @param numbers in ascending order
 */
record Processors(List<Integer> numbers) {

	private static final String ALLOWED = "Cpus_allowed_list:";

	private static final int DIGITS_OF_WORD = 8;

	/**
	 * Return those that this process may use.
	 */
	static Processors allowed() throws IOException {
		try (Stream<String> lines = Files.lines(Path.of("/proc/self/status"))) {
			return parse(lines.filter((line) -> line.startsWith(ALLOWED))
				.map((line) -> line.substring(ALLOWED.length()).strip())
				.findFirst()
				.orElseThrow());
		}
	}

	static Processors parse(String list) {
		return new Processors(Stream.of(list.split(",")).flatMapToInt(Processors::range).boxed().toList());
	}

	private static IntStream range(String range) {
		String[] ends = range.split("-");
		return IntStream.rangeClosed(Integer.parseInt(ends[0]), Integer.parseInt(ends[ends.length - 1]));
	}

	Processors firstHalf() {
		return new Processors(this.numbers.subList(0, this.numbers.size() / 2));
	}

	Processors secondHalf() {
		return new Processors(this.numbers.subList(this.numbers.size() / 2, this.numbers.size()));
	}

	/**
	 * Return them as a bit mask in hexadecimal digits, with a comma after each 32 bits.
	 */
	String mask() {
		String digits = this.numbers.stream()
			.map(BigInteger.ONE::shiftLeft)
			.reduce(BigInteger.ZERO, BigInteger::or)
			.toString(16);
		return digits.replaceAll("(?<=.)(?=(.{" + DIGITS_OF_WORD + "})+$)", ",");
	}

	@Override
	public String toString() {
		return this.numbers.stream().map(String::valueOf).collect(Collectors.joining(","));
	}

}
