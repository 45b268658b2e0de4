package com.example.overlap;

import java.math.BigDecimal;
import java.time.Duration;
import java.util.List;
import java.util.Set;

import org.springframework.boot.ApplicationArguments;

/**
 * How many JPA calls and HTTP fetches to start, and how long each has to wait.
 */
record Workload(int waits, int fetches, Duration delay) {

	static final String USAGE = "Usage: [--waits=100] [--fetches=20] [--seconds=0.3] [--<Spring property>=<value>]";

	private static final Set<String> OPTIONS = Set.of("waits", "fetches", "seconds", "debug", "trace");

	static Workload parse(ApplicationArguments arguments) {
		if (!arguments.getNonOptionArgs().isEmpty()) {
			throw new IllegalArgumentException("Unexpected argument '" + arguments.getNonOptionArgs().get(0) + "'");
		}
		for (String name : arguments.getOptionNames()) {
			if (!OPTIONS.contains(name) && !name.contains(".")) {
				throw new IllegalArgumentException("Unknown option --" + name);
			}
		}
		BigDecimal seconds = number(arguments, "seconds", "0.3", "0.01", "60");
		return new Workload(wholeNumber(arguments, "waits", "100", "1"), wholeNumber(arguments, "fetches", "20", "0"),
				Duration.ofMillis(seconds.movePointRight(3).longValue()));
	}

	Duration oneAfterAnother() {
		return this.delay.multipliedBy(this.waits + this.fetches);
	}

	private static int wholeNumber(ApplicationArguments arguments, String name, String fallback, String minimum) {
		BigDecimal number = number(arguments, name, fallback, minimum, "1000");
		try {
			return number.intValueExact();
		}
		catch (ArithmeticException ex) {
			throw new IllegalArgumentException("--" + name + " must be a whole number, but is '" + number + "'", ex);
		}
	}

	private static BigDecimal number(ApplicationArguments arguments, String name, String fallback, String minimum,
			String maximum) {
		List<String> values = arguments.getOptionValues(name);
		if (values == null) {
			return new BigDecimal(fallback);
		}
		if (values.size() != 1) {
			throw new IllegalArgumentException("--" + name + " needs exactly one value");
		}
		String value = values.get(0);
		try {
			BigDecimal number = new BigDecimal(value);
			if (number.compareTo(new BigDecimal(minimum)) >= 0 && number.compareTo(new BigDecimal(maximum)) <= 0) {
				return number;
			}
		}
		catch (NumberFormatException ex) {
			// Refused below, like a number out of range.
		}
		throw new IllegalArgumentException(
				"--" + name + " must be a number from " + minimum + " to " + maximum + ", but is '" + value + "'");
	}

}
