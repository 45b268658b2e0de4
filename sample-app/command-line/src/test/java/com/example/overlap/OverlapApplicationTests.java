package com.example.overlap;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

import static org.assertj.core.api.Assertions.assertThat;

@ExtendWith(OutputCaptureExtension.class)
class OverlapApplicationTests {

	@Test
	void badArgumentsAreExplainedBeforeAnythingStarts(CapturedOutput output) {
		assertThat(OverlapApplication.run("--waits=many")).isEqualTo(2);
		assertThat(output.getErr()).isEqualToNormalizingNewlines("""
				--waits must be a number from 1 to 1000, but is 'many'
				Usage: [--waits=100] [--fetches=20] [--seconds=0.3] [--<Spring property>=<value>]
				""");
		assertThat(output.getOut()).isEmpty();
	}

}
