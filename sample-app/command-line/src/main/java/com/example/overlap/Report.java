package com.example.overlap;

import java.time.Duration;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;

/**
 * What was seen.
 */
record Report(String model, String reason, Workload workload, Batch.Result calls, Batch.Result fetches,
		BackendSampler.Peak peak, int ticks, Duration elapsed) {

	boolean everythingAnswered() {
		return this.calls.answered() == this.workload.waits() && this.fetches.answered() == this.workload.fetches();
	}

	Set<String> carriers() {
		return union(this.calls.carriers(), this.fetches.carriers());
	}

	String table() {
		StringBuilder table = new StringBuilder();
		row(table, "Concurrency model", this.model + " (" + this.reason + ")");
		row(table, "JPA calls answered", this.calls.answered() + " of " + this.workload.waits());
		row(table, "HTTP fetches answered", this.fetches.answered() + " of " + this.workload.fetches());
		row(table, "Peak of active backends", this.peak.backends());
		row(table, "Fetches in flight then", this.peak.fetches());
		row(table, "Carrier threads", carriers().size() + " " + shortened(carriers()));
		row(table, "Ticks of the ticker", this.ticks);
		row(table, "Elapsed", seconds(this.elapsed));
		row(table, "One after another", seconds(this.workload.oneAfterAnother()));
		for (String failure : union(this.calls.failures(), this.fetches.failures())) {
			row(table, "Failed", failure);
		}
		return table.toString();
	}

	private static void row(StringBuilder table, String name, Object value) {
		table.append(String.format(Locale.ROOT, "%-24s%s%n", name, value));
	}

	private static String shortened(Set<String> names) {
		return (names.size() <= 3) ? names.toString() : "[" + names.iterator().next() + ", ...]";
	}

	private static String seconds(Duration duration) {
		return String.format(Locale.ROOT, "%.2f s", duration.toMillis() / 1000.0);
	}

	private static Set<String> union(Set<String> one, Set<String> other) {
		Set<String> union = new TreeSet<>(one);
		union.addAll(other);
		return union;
	}

}
