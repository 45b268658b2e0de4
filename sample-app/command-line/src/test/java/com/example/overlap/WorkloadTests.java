package com.example.overlap;

import java.time.Duration;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import org.springframework.boot.DefaultApplicationArguments;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

class WorkloadTests {

	@Test
	void withoutArgumentsOneHundredCallsAndTwentyFetchesWaitThreeTenthsOfASecond() {
		assertThat(parse()).isEqualTo(new Workload(100, 20, Duration.ofMillis(300)));
	}

	@Test
	void argumentsAreRead() {
		assertThat(parse("--waits=7", "--fetches=0", "--seconds=1.25"))
			.isEqualTo(new Workload(7, 0, Duration.ofMillis(1250)));
	}

	@Test
	void springPropertiesAreLeftToSpring() {
		assertThat(parse("--cooperative.jdbc.model=virtual", "--debug")).isEqualTo(parse());
	}

	@Test
	void oneAfterAnotherTheDelaysAddUp() {
		assertThat(parse("--waits=7", "--fetches=3", "--seconds=0.5").oneAfterAnother())
			.isEqualTo(Duration.ofSeconds(5));
	}

	@ParameterizedTest
	@CsvSource(quoteCharacter = '"', textBlock = """
			--waits=many,   "--waits must be a number from 1 to 1000, but is 'many'"
			--waits=0,      "--waits must be a number from 1 to 1000, but is '0'"
			--waits=1.5,    "--waits must be a whole number, but is '1.5'"
			--fetches=-1,   "--fetches must be a number from 0 to 1000, but is '-1'"
			--fetches=1e99, "--fetches must be a number from 0 to 1000, but is '1e99'"
			--seconds=NaN,  "--seconds must be a number from 0.01 to 60, but is 'NaN'"
			--seconds=61,   "--seconds must be a number from 0.01 to 60, but is '61'"
			--seconds=,     "--seconds must be a number from 0.01 to 60, but is ''"
			--seconds,      --seconds needs exactly one value
			--wait=1,       Unknown option --wait
			100,            Unexpected argument '100'
			""")
	void aBadArgumentIsNamedWithTheRemedy(String argument, String message) {
		assertThatIllegalArgumentException().isThrownBy(() -> parse(argument)).withMessage(message);
	}

	@Test
	void anArgumentThatIsGivenTwiceIsRefused() {
		assertThatIllegalArgumentException().isThrownBy(() -> parse("--waits=1", "--waits=2"))
			.withMessage("--waits needs exactly one value");
	}

	private static Workload parse(String... args) {
		return Workload.parse(new DefaultApplicationArguments(args));
	}

}
