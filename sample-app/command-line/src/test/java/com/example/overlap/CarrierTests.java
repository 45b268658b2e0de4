package com.example.overlap;

import java.util.concurrent.CompletableFuture;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;

class CarrierTests {

	@ParameterizedTest
	@CsvSource(quoteCharacter = '"', textBlock = """
			"VirtualThread[#31,task-1]/runnable@ForkJoinPool-1-worker-1", ForkJoinPool-1-worker-1
			VirtualThread[#31]/runnable@loop-1, loop-1
			"VirtualThread[#31,me@home]/runnable@loop-1", loop-1
			""")
	void theCarrierIsReadFromTheNameOfAVirtualThread(String virtualThread, String carrier) {
		assertThat(Carrier.of(virtualThread)).isEqualTo(carrier);
	}

	@Test
	void aPlatformThreadCarriesItself() {
		assertThat(Carrier.current()).isEqualTo(Thread.currentThread().getName());
	}

	@Test
	void aVirtualThreadHasACarrier() {
		CompletableFuture<String> carrier = new CompletableFuture<>();
		Thread.ofVirtual().start(() -> carrier.complete(Carrier.current()));
		assertThat(carrier.join()).startsWith("ForkJoinPool");
	}

}
