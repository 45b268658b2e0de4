package com.example.overlap;

import org.cooperativejdbc.ConcurrencyModel;
import org.cooperativejdbc.CooperativeJdbc;
import org.cooperativejdbc.spring.junit.EnsureCooperative;
import org.cooperativejdbc.spring.test.TestPostgresql;
import org.junit.jupiter.api.Test;

import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.ApplicationArguments;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.context.annotation.Import;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The program as it is delivered: one event loop carries every task.
 */
@SpringBootTest(args = { "--waits=100", "--fetches=20", "--seconds=0.3" })
@Import(TestPostgresql.class)
@EnsureCooperative
class EventLoopTests {

	@Autowired
	private CooperativeJdbc cooperativeJdbc;

	@Autowired
	private ApplicationArguments arguments;

	@Autowired
	private OverlapRunner runner;

	@Test
	void oneHundredJpaCallsAndTheFetchesWaitTogetherOnOneCarrierWhileTheTickerTicks() {
		Report report = reportOfAQuietMoment();
		assertThat(this.cooperativeJdbc.model()).isEqualTo(ConcurrencyModel.EVENT_LOOP);
		assertThat(report.peak().backends()).isEqualTo(100);
		assertThat(report.peak().fetches()).isGreaterThan(1);
		assertThat(report.carriers()).containsExactly("cooperative-jdbc-loop-1");
		assertThat(report.ticks()).isPositive();
		assertThat(report.everythingAnswered()).isTrue();
		assertThat(this.runner.getExitCode()).isZero();
	}

	/**
	 * On a busy machine the first call may be over before the last one has started.
	 */
	private Report reportOfAQuietMoment() {
		for (int retries = 9; retries > 0 && this.runner.report().peak().backends() < 100; retries--) {
			this.runner.run(this.arguments);
		}
		return this.runner.report();
	}

}
