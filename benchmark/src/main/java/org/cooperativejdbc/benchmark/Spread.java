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

import java.util.Collection;
import java.util.Locale;
import java.util.function.ToDoubleFunction;

/**
 * The figure of several rounds.
 *
 * @param median the median
 * @param min the least
 * @param max the greatest
 */
public record Spread(double median, double min, double max) {

	/**
	 * Return the spread of a column.
	 * @param rounds the rounds
	 * @param column the figure
	 * @param <T> the type of the rounds
	 * @return its spread
	 */
	public static <T> Spread of(Collection<T> rounds, ToDoubleFunction<T> column) {
		double[] values = rounds.stream().mapToDouble(column).sorted().toArray();
		int middle = values.length / 2;
		double median = (values.length % 2 != 0) ? values[middle] : (values[middle - 1] + values[middle]) / 2;
		return new Spread(median, values[0], values[values.length - 1]);
	}

	/**
	 * Return the median with about three digits.
	 * @return the text
	 */
	public String formatMedian() {
		return format(this.median);
	}

	/**
	 * Return the median and, in brackets, the extremes.
	 * @return the text
	 */
	public String format() {
		return "%s [%s–%s]".formatted(format(this.median), format(this.min), format(this.max));
	}

	private static String format(double value) {
		int decimals = (value >= 100) ? 0 : (value >= 10) ? 1 : 2;
		return String.format(Locale.ROOT, "%." + decimals + "f", value);
	}

}
