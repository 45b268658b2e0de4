package com.example.overlap;

import java.time.Duration;
import java.util.Set;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class ReportTests {

	private static final Batch.Result FETCHES = new Batch.Result(20, Set.of("loop-1"), Set.of());

	@Test
	void theTableTellsWhatWasSeen() {
		Report report = report(new Batch.Result(100, Set.of("loop-1"), Set.of()));
		assertThat(report.everythingAnswered()).isTrue();
		assertThat(report.table()).isEqualToNormalizingNewlines("""
				Concurrency model       event-loop (java.lang open; 1 carrier thread)
				JPA calls answered      100 of 100
				HTTP fetches answered   20 of 20
				Peak of active backends 100
				Fetches in flight then  20
				Carrier threads         1 [loop-1]
				Ticks of the ticker     31
				Elapsed                 0.42 s
				One after another       36.00 s
				""");
	}

	@Test
	void aFailureIsShownOnce() {
		Report report = report(new Batch.Result(98, Set.of("loop-1"), Set.of("java.io.IOException: gone")));
		assertThat(report.everythingAnswered()).isFalse();
		assertThat(report.table()).contains("98 of 100")
			.containsOnlyOnce(String.format("Failed                  java.io.IOException: gone%n"));
	}

	@Test
	void manyCarriersAreCountedButNotListed() {
		Report report = report(new Batch.Result(100, Set.of("a", "b", "c"), Set.of()));
		assertThat(report.table()).contains("Carrier threads         4 [a, ...]");
	}

	private static Report report(Batch.Result calls) {
		return new Report("event-loop", "java.lang open; 1 carrier thread",
				new Workload(100, 20, Duration.ofMillis(300)), calls, FETCHES, new BackendSampler.Peak(100, 20), 31,
				Duration.ofMillis(420));
	}

}
