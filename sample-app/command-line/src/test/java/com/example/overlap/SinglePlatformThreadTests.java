package com.example.overlap;

import org.cooperativejdbc.spring.test.TestPostgresql;
import org.junit.jupiter.api.Test;

import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.DefaultApplicationArguments;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.context.annotation.Import;
import org.springframework.jdbc.core.JdbcTemplate;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The control twin: the same program on one thread that does not yield.
 */
@SpringBootTest(args = { "--waits=1", "--fetches=0", "--seconds=0.01" },
		properties = { "cooperative.jdbc.model=platform", "spring.task.execution.pool.core-size=1" })
@Import(TestPostgresql.class)
class SinglePlatformThreadTests {

	@Autowired
	private OverlapRunner runner;

	@Autowired
	private JdbcTemplate jdbc;

	@Test
	void onlyOneCallWaitsAtATimeAndTheTickerStandsStill() {
		run("--waits=10", "--fetches=2", "--seconds=0.1");
		Report report = this.runner.report();
		assertThat(report.model()).isEqualTo("platform");
		assertThat(report.peak()).isEqualTo(new BackendSampler.Peak(1, 0));
		assertThat(report.carriers()).containsExactly("task-1");
		assertThat(report.ticks()).isZero();
		assertThat(report.everythingAnswered()).isTrue();
		assertThat(this.runner.getExitCode()).isZero();
	}

	@Test
	void anUnansweredCallIsReportedAndMakesTheExitCodeOne() {
		this.jdbc.execute("alter table observation rename to hidden");
		try {
			run("--waits=2", "--fetches=1", "--seconds=0.01");
		}
		finally {
			this.jdbc.execute("alter table hidden rename to observation");
		}
		assertThat(this.runner.report().table()).contains("0 of 2", "1 of 1",
				"relation \"observation\" does not exist");
		assertThat(this.runner.getExitCode()).isOne();
	}

	private void run(String... args) {
		this.runner.run(new DefaultApplicationArguments(args));
	}

}
